// Restores files of an archive into a folder. The tree is walked lazily; a few files are written at the same time, and a few
// folders walked. What concerns one file is reported with its path and the rest goes on (R8); what concerns the venti or
// the disk ends the run, and the next one goes on where it stopped: complete files are recognised by size, time and content.

import { AppError, asAppError, cancelledError, type ErrorCode } from '../../../shared/errors.ts'
import type { ExtractFailure, ExtractResult, ExtractSnapshot } from '../../../shared/model/extract.ts'
import { maskScore, type RootScore } from '../../../shared/model/score.ts'
import { formatBytes } from '../../../shared/text/format.ts'
import type { BlockStore } from '../vac/block-store.ts'
import { openTree, type VacTree } from '../vac/tree.ts'
import type { VacFile } from '../vac/vac-file.ts'
import { fileNameProblem, nameKey, type NameComparison } from './file-name.ts'
import { Gate } from './gate.ts'
import { GatheredWrites } from './gathered-writes.ts'
import { RestoreFolder, type Attributes } from './restore-folder.ts'
import { RoomLeft } from './room-left.ts'
import { sameContent } from './same-content.ts'

export type ExtractOptions = {
  /** A directory or a file of the archive. Default: its root. */
  readonly path?: string
  readonly folder: string
  /** Replace files that are in the way and differ. */
  readonly force?: boolean
  /** Files larger than this are left out; files larger than the room left always are. */
  readonly maxFileBytes?: number | null
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: (snapshot: ExtractSnapshot) => void
}

const filesAtOnce = 6
/** Folders walked beside the ones they are in. */
const foldersAtOnce = 4
const readAhead = 16
const maxListedFailures = 1_000
const maxShownPath = 4_096
/** Names of the folders being walked that are remembered to find doubles; behind these the file system finds them. */
const maxRememberedNames = 200_000
const maxPathParts = 500
const progressEveryMs = 100

/** What these say is true of one file; everything else of the venti, or of us. */
const codesOfOneFile: ReadonlySet<ErrorCode> = new Set([
  'block-missing',
  'block-corrupt',
  'bad-tree',
  'not-a-tree',
  'no-such-path',
  'decode-failed',
  'extract-refused',
  'extract-write',
])

/** Rejects with what opening a tree and a venti reject with, extract-refused and extract-write for the folder, cancelled. */
export async function extractTree(store: BlockStore, root: RootScore, options: ExtractOptions): Promise<ExtractResult> {
  const startMs = performance.now()
  const path = plainPath(options.path ?? '/')
  const tree = await openTree(store, root, { readAhead, signal: options.signal })
  const found = await tree.lookup(path)
  const folder = await RestoreFolder.open(options.folder)
  const extraction = new Extraction({ tree, folder, comparison: await folder.nameComparison() }, options)
  const counts = await extraction.run(found, path)
  const durationMs = Math.round(performance.now() - startMs)
  return { root: maskScore(root), path, folder: folder.path, ...counts, durationMs }
}

type Counts = Pick<ExtractResult, 'files' | 'directories' | 'bytes' | 'skipped' | 'failed' | 'unlisted' | 'renamed'>

type Surroundings = {
  readonly tree: VacTree
  readonly folder: RestoreFolder
  readonly comparison: NameComparison
}

/** One entry of the archive, and where it goes. */
type Item = { readonly file: VacFile; readonly path: string; readonly folder: RestoreFolder }

class Extraction {
  readonly #tree: VacTree
  readonly #folder: RestoreFolder
  readonly #comparison: NameComparison
  readonly #options: ExtractOptions
  readonly #room: RoomLeft
  readonly #files = new Gate(filesAtOnce)
  readonly #folders = new Gate(foldersAtOnce)
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  #fatal: AppError | null = null
  readonly #failed: ExtractFailure[] = []
  #unlisted = 0
  readonly #renamed: string[] = []
  #remembered = 0
  readonly #done = { files: 0, directories: 0, bytes: 0, skipped: 0 }
  #lastProgressMs = -Infinity

  constructor({ tree, folder, comparison }: Surroundings, options: ExtractOptions) {
    this.#tree = tree
    this.#folder = folder
    this.#room = new RoomLeft(async () => await folder.freeBytes())
    this.#comparison = comparison
    this.#options = options
    const { signal } = options
    this.#signal = signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal])
  }

  async run(found: VacFile, path: string): Promise<Counts> {
    if (found.isDirectory) await this.#children(found, this.#folder, path === '/' ? '' : path)
    else await this.#one({ file: found, path, folder: this.#folder })
    if (this.#fatal !== null) throw this.#fatal
    if (this.#signal.aborted) throw cancelledError()
    return { ...this.#done, failed: this.#failed, unlisted: this.#unlisted, renamed: this.#renamed }
  }

  /** Never rejects: what went wrong is recorded, or stops everything. */
  async #children(directory: VacFile, folder: RestoreFolder, path: string): Promise<void> {
    const running = new Set<Promise<void>>()
    const start = (work: Promise<void>): void => {
      const task = work.finally(() => running.delete(task))
      running.add(task)
    }
    const seen = new Map<string, string>()
    try {
      await folder.removeLeftovers()
      for await (const listed of this.#tree.list(directory)) {
        if (this.#signal.aborted) break
        if (listed.kind === 'problem') {
          this.#fail(path === '' ? '/' : path, listed.message)
          continue
        }
        const { file } = listed
        const item = { file, path: `${path}/${file.name}`, folder }
        const problem = this.#nameProblem(item, seen)
        if (problem !== null) this.#fail(item.path, problem)
        else if (!file.isDirectory) {
          await this.#files.enter()
          start(this.#one(item).finally(() => this.#files.leave()))
        } else if (this.#folders.tryEnter()) start(this.#directory(item).finally(() => this.#folders.leave()))
        else await this.#directory(item)
      }
    } catch (error) {
      this.#report(path === '' ? '/' : path, error)
    }
    await Promise.all(running)
    this.#remembered -= seen.size
  }

  #nameProblem({ file, path }: Item, seen: Map<string, string>): string | null {
    const problem = fileNameProblem(file.name)
    if (problem !== null) return `the name ${problem}`
    if (path.split('/').length > maxPathParts) return `it is more than ${maxPathParts} folders deep`
    const key = nameKey(file.name, this.#comparison)
    const other = seen.get(key)
    if (other === file.name) return 'its folder has another file of that name'
    if (other !== undefined) return `${other} beside it is the same name on this file system`
    if (this.#remembered < maxRememberedNames) {
      this.#remembered++
      seen.set(key, file.name)
    }
    if (!file.nameIsUtf8) this.#note(this.#renamed, path)
    return null
  }

  async #directory({ file, path, folder }: Item): Promise<void> {
    try {
      const inner = await folder.enter(file.name)
      this.#done.directories++
      await this.#children(file, inner, path)
      if (!this.#signal.aborted) await inner.finish(attributesOf(file))
    } catch (error) {
      this.#report(path, error)
    }
  }

  async #one(item: Item): Promise<void> {
    if (this.#signal.aborted) return
    this.#progress(item.path)
    try {
      const { file } = item
      if (file.isDevice || file.isPipe) throw unmade(file.isDevice ? 'a device' : 'a named pipe')
      if (file.isSymlink) await this.#link(item)
      else await this.#file(item)
    } catch (error) {
      this.#report(item.path, error)
    }
    this.#progress(item.path)
  }

  async #file({ file, folder }: Item): Promise<void> {
    const pieces = this.#tree.data(file, { signal: this.#signal }).pieces()
    // The folder is looked at by whatever follows, unless this is the end of it.
    const there = await folder.seeming(file.name)
    const replace = this.#options.force === true
    if (there !== null) {
      const isAlike =
        there.kind === 'file' &&
        there.sizeBytes === file.size &&
        // FAT keeps even seconds only.
        Math.abs(there.mtimeSeconds - file.mtime) <= 1
      if (isAlike && (await this.#isThere(file, folder))) {
        this.#done.skipped++
        return
      }
      if (there.kind === 'symlink' && !replace) throw inTheWay('a symbolic link')
      if (there.kind === 'directory') throw inTheWay('a folder')
      if (!replace) throw inTheWay('a file that differs')
    }
    await this.#checkRoom(file)
    const unfinished = await folder.create()
    try {
      const writes = new GatheredWrites(async (bytes, at) => await unfinished.write(bytes, at), file.size)
      for await (const { offset, bytes } of pieces) {
        if (this.#signal.aborted) throw cancelledError()
        await writes.add(offset, bytes)
      }
      await writes.flush()
      await unfinished.complete(file.name, file.size, attributesOf(file), replace)
    } finally {
      await unfinished.abandon()
    }
    this.#done.files++
    this.#done.bytes += file.size
  }

  async #isThere(file: VacFile, folder: RestoreFolder): Promise<boolean> {
    const handle = await folder.openExisting(file.name)
    try {
      return await sameContent(handle, this.#tree.data(file, { signal: this.#signal }), this.#signal)
    } finally {
      await handle.close()
    }
  }

  async #checkRoom({ size }: VacFile): Promise<void> {
    const limit = this.#options.maxFileBytes ?? null
    if (limit !== null && size > limit) {
      throw new AppError('extract-refused', `it has ${formatBytes(size)}, more than the ${formatBytes(limit)} allowed`)
    }
    const free = await this.#room.lacks(size)
    if (free !== null) {
      throw new AppError('extract-refused', `it has ${formatBytes(size)}, and ${formatBytes(free)} are free there`)
    }
  }

  /** vac keeps the first 8 bytes of a target and zeros for the rest (vac-and-fossil.md 4.2). */
  async #link({ file, folder }: Item): Promise<void> {
    const { target, isWhole } = await this.#tree.readLink(file)
    if (!isWhole || target === '') throw cutLink()
    const there = await folder.existing(file.name)
    if (there?.kind === 'symlink' && there.target === target) {
      this.#done.skipped++
      return
    }
    const { mtimeSeconds, atimeSeconds } = attributesOf(file)
    await folder.makeLink(file.name, target, { mtimeSeconds, atimeSeconds }, this.#options.force === true)
    this.#done.files++
  }

  #report(path: string, thrown: unknown): void {
    const error = asAppError(thrown)
    const isOfOneFile = codesOfOneFile.has(error.code) && error.data['hopeless'] !== true
    if (isOfOneFile) this.#fail(path, error.message)
    else {
      this.#fatal ??= error
      this.#stop.abort()
    }
  }

  #fail(path: string, reason: string): void {
    if (this.#failed.length < maxListedFailures) this.#failed.push({ path: shortened(path), reason })
    else this.#unlisted++
  }

  #note(list: string[], path: string): void {
    if (list.length < maxListedFailures) list.push(shortened(path))
  }

  #progress(path: string): void {
    const { onProgress } = this.#options
    const now = performance.now()
    if (onProgress === undefined || now - this.#lastProgressMs < progressEveryMs) return
    this.#lastProgressMs = now
    onProgress({ ...this.#done, failures: this.#failed.length + this.#unlisted, path })
  }
}

/** As people type it: one / before every part. */
function plainPath(path: string): string {
  return `/${path.split('/').filter(Boolean).join('/')}`
}

function shortened(path: string): string {
  return path.length <= maxShownPath ? path : `${path.slice(0, maxShownPath)}…`
}

function attributesOf({ mode, mtime, atime }: VacFile): Attributes {
  return { mode, mtimeSeconds: mtime, atimeSeconds: atime === 0 ? mtime : atime }
}

function inTheWay(what: string): AppError {
  return new AppError('extract-refused', `${what} stands there already`)
}

function unmade(what: string): AppError {
  return new AppError('extract-refused', `${what} is not made`)
}

function cutLink(): AppError {
  return new AppError('extract-refused', 'a symbolic link of which the archive does not have the whole target')
}
