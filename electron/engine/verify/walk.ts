// Everything reachable from a root, each block once (vac-and-fossil.md 9.6): all active entries of every directory stream,
// also those no name refers to, and all pointers within an entry's size. Streams are walked for their blocks, directories
// a second time by the (source, meta) pair for their names. A present block says nothing of its children: they are asked
// for one by one.

import { AppError } from '../../../shared/errors.ts'
import { maskScore, type RootScore, type Score } from '../../../shared/model/score.ts'
import { decodeDirEntry, type DirEntry } from '../vac/dir-entry.ts'
import { decodeEntry, wireTypeOf, type VacEntry } from '../vac/entry.ts'
import { decodeMetaBlock, maxMetaBlockBytes } from '../vac/meta-block.ts'
import { modeBit } from '../vac/mode.ts'
import { entriesPerLeaf, entryBytes, entrySlots, pointerAt, pointersPerBlock } from '../vac/pointers.ts'
import { decodeRoot, rootBlockBytes } from '../vac/root.ts'
import { extendLeaf } from '../vac/truncate.ts'
import { wireDirectory, wireRoot } from '../venti/format/block-type.ts'
import { maxLumpBytes, scoreBytes } from '../venti/format/constants.ts'
import type { BlockReader } from './block-reader.ts'
import type { FaultList } from './faults.ts'
import { jobs, Scheduler, waiting, type Job, type Work } from './scheduler.ts'
import type { SeenKeys } from './seen.ts'
import { below, rootPath, type TreePath } from './tree-path.ts'

/** Real trees are a few dozen deep. */
const maxNesting = 1000
/** Rereads beyond this and eight times the blocks: many names for the same few blocks, made to waste time. */
const patience = 100_000
/** Sizes have 48 bits; a subtree that could hold more holds all of it. */
const allBytes = 2 ** 50

const isDirectoryMode = (mode: number): boolean => (mode & modeBit.directory) !== 0

/** A directory while its names are read; its entries are walked after them, so that blocks are known by the names. */
type Directory = {
  readonly source: VacEntry
  readonly path: TreePath
  readonly key: string
  /** Jobs and work on its names that have not ended. */
  pending: number
  /** Walks its entries; null when another pair shares the same source. */
  entries: Job | null
}

/** The entries of a source, and the leaf of it that was read last: names mostly refer to neighbours. */
type Slots = { readonly entry: VacEntry; number: number; leaf: Uint8Array | null }

type Stream = {
  readonly entry: VacEntry
  readonly path: TreePath
  /** `names` are the meta blocks of `directory`. */
  readonly use: 'data' | 'entries' | 'names'
  readonly directory: Directory | null
}

/** A node of a hash tree: level 0 is a leaf. `bytes` of the stream are below it, the first being in leaf `firstLeaf`. */
type Node = { readonly score: Score | null; readonly level: number; readonly bytes: number; readonly firstLeaf: number }

export type WalkCounts = { files: number; directories: number }

export class TreeWalk {
  readonly counts: WalkCounts = { files: 0, directories: 0 }
  readonly #reader: BlockReader
  readonly #faults: FaultList
  readonly #scheduler: Scheduler
  readonly #keys: SeenKeys
  #zeroMeta = 0
  at: TreePath = rootPath

  /** `keys`: subtrees that are known to be whole, and are not walked again. */
  constructor(reader: BlockReader, faults: FaultList, concurrency: number, keys: SeenKeys) {
    this.#keys = keys
    this.#reader = reader
    this.#faults = faults
    this.#scheduler = new Scheduler(concurrency)
  }

  /** Meta blocks of nothing but zeros: fossil archives blocks it could not trust like that. */
  get zeroMetaBlocks(): number {
    return this.#zeroMeta
  }

  /** Rejects with not-a-tree, bad-tree, and when the store itself fails. */
  async run(root: RootScore): Promise<void> {
    await this.#scheduler.run(waiting(async () => await this.#root(root as string as Score)))
  }

  stop(error: AppError): void {
    this.#scheduler.stop(error)
  }

  async #root(score: Score): Promise<void> {
    const block = await this.#reader.read({ score, type: wireRoot, fullBytes: rootBlockBytes, path: rootPath })
    if (block === null) {
      this.#faults.unwalked++
      return
    }
    const label = `root block ${maskScore(score)}`
    const root = decodeRoot(block, label)
    if (root.type !== 'vac') {
      const type = JSON.stringify(root.type)
      throw new AppError('not-a-tree', `${label} is of type ${type}: only archives of type "vac" can be walked`)
    }
    if (root.top === null)
      throw new AppError('not-a-tree', `${label} has no top directory: it is an archive of nothing`)
    const fullBytes = Math.min(root.blockSize, maxLumpBytes)
    const top = await this.#reader.read({ score: root.top, type: wireDirectory, fullBytes, path: rootPath })
    if (top === null) {
      this.#faults.unwalked++
      return
    }
    const three = await this.#three(top)
    const found: Job[] = []
    if (three !== null) {
      const [source, meta, own] = three
      await this.#rootAttributes(own)
      for (const job of [this.#stream(own, rootPath, 'data'), this.#directory(source, meta, rootPath)]) {
        if (job !== null) found.push(job)
      }
    }
    // Whatever else the top block refers to; what was claimed just now is left out there.
    this.#scheduler.push(this.#entriesOf(top, fullBytes, 0, rootPath))
    this.#scheduler.push(jobs(found))
  }

  /** Source, meta and the root's own meta; fossil has them one level further down (vac-and-fossil.md 6.1). */
  async #three(top: Uint8Array): Promise<readonly [VacEntry, VacEntry, VacEntry] | null> {
    let entries = [0, 1, 2].map((number) => this.#decode(top, number, rootPath))
    const [first] = entries
    if (entries[2] === null && first !== null && first !== undefined && first.isDirectory) {
      const leaf = await this.#leaf(first, 0, rootPath)
      if (leaf === 'unknown') return null
      if (leaf !== null) entries = [0, 1, 2].map((number) => this.#decode(leaf, number, rootPath))
    }
    const [source, meta, own] = entries
    if (!source || !meta || !own || !source.isDirectory || meta.isDirectory || own.isDirectory) {
      this.#faults.problem(rootPath, 'the top directory block does not hold the three entries of an archive')
      return null
    }
    return [source, meta, own]
  }

  async #rootAttributes(own: VacEntry): Promise<void> {
    const leaf = await this.#leaf(own, 0, rootPath)
    if (leaf === 'unknown') return
    if (leaf === null) this.#faults.problem(rootPath, 'the root directory has no attributes')
    else this.#names(leaf, own, rootPath)
  }

  /** Entry `number` of a directory leaf; null for an empty slot and (with a problem) for one that makes no sense. */
  #decode(leaf: Uint8Array, number: number, path: TreePath): VacEntry | null {
    const at = number * entryBytes
    if (at >= leaf.length) return null
    const name = `entry ${number}`
    if (at + entryBytes <= leaf.length) return this.#attempt(path, () => decodeEntry(leaf, at, name))
    // Leaves are stored without the zeros at their end (vac-and-fossil.md 3).
    return this.#attempt(path, () => decodeEntry(extendLeaf(leaf.subarray(at), entryBytes), 0, name))
  }

  /** What `decode` gives, or null and a problem at that place. */
  #attempt<T>(path: TreePath, decode: () => T): T | null {
    try {
      return decode()
    } catch (error) {
      if (!(error instanceof AppError) || (error.code !== 'bad-tree' && error.code !== 'decode-failed')) throw error
      this.#faults.problem(path, error.message)
      return null
    }
  }

  #names(leaf: Uint8Array, meta: VacEntry, path: TreePath): readonly DirEntry[] {
    const full = extendLeaf(leaf, Math.min(meta.dsize, maxMetaBlockBytes))
    const block = this.#attempt(path, () => decodeMetaBlock(full, 'names of this directory'))
    const names: DirEntry[] = []
    if (block?.writer === 'none') this.#zeroMeta++
    for (const slot of block?.slots ?? []) {
      const entry =
        'problem' in slot ? null : this.#attempt(path, () => decodeDirEntry(slot.bytes, 'a name of this directory'))
      if ('problem' in slot) this.#faults.problem(path, `a name of this directory: ${slot.problem}`)
      else if (entry !== null) names.push(entry)
    }
    return names
  }

  /** Claims the pair and its streams at once; what comes back has to be done. Null when all of it was met before. */
  #directory(source: VacEntry, meta: VacEntry, path: TreePath): Job | null {
    const key = `${keyOf(source)}+${keyOf(meta)}`
    if (!this.#keys.claim(key)) return null
    if (path.depth > maxNesting) {
      this.#faults.problem(path, `directories are nested more than ${maxNesting} deep; what is below was not checked`)
      return null
    }
    const directory: Directory = { source, path, key, pending: 1, entries: this.#stream(source, path, 'entries') }
    // The walk of the names reads all of the meta stream, so nobody else needs to.
    this.#stream(meta, path, 'data')
    const names: Stream = { entry: meta, path, use: 'names', directory }
    return (ended) => {
      const job = this.#visit(names, topOf(meta))
      if (job !== null) this.#scheduler.push(jobs([job]))
      this.#namesEnded(directory)
      ended(null)
    }
  }

  #namesEnded(directory: Directory): void {
    directory.pending--
    if (directory.pending > 0 || directory.entries === null) return
    const job = directory.entries
    directory.entries = null
    this.#scheduler.push(jobs([job]))
  }

  /** Claims the stream's top block; null when there is nothing (more) to do. */
  #stream(entry: VacEntry, path: TreePath, use: 'data' | 'entries'): Job | null {
    return this.#visit({ entry, path, use, directory: null }, topOf(entry))
  }

  #visit(stream: Stream, node: Node): Job | null {
    const { entry, use, path, directory } = stream
    const { score, level, bytes } = node
    if (bytes <= 0) return null
    if (score === null) {
      if (use === 'names') this.#zeroMeta++
      return null
    }
    if (use === 'data' && level === 0) {
      const leaf = { score, type: wireTypeOf(entry, 0), fullBytes: entry.dsize, path }
      const claimed = this.#reader.claim(leaf)
      if (claimed === null) return null
      return (ended) => {
        this.at = path
        this.#reader.check(leaf, claimed, ended)
      }
    }
    // Names refer to entries by number: the same meta block means something else under another source.
    const base = `${score}/${use === 'entries' ? 8 : 0}/${level}/${entry.psize}/${entry.dsize}/${bytes}`
    if (!this.#keys.claim(use === 'names' ? `${base}/${directory?.key ?? ''}` : base)) return null
    if (directory !== null) directory.pending++
    return waiting(async () => await this.#open(stream, node, score))
  }

  async #open(stream: Stream, node: Node, score: Score): Promise<void> {
    const { entry, use, path, directory } = stream
    const { level } = node
    this.at = path
    const fullBytes = level > 0 ? entry.psize : entry.dsize
    const block = await this.#reader.read({ score, type: wireTypeOf(entry, level), fullBytes, path })
    if (this.#reader.rereads > patience + 8 * this.#reader.seen.count) {
      throw new AppError('bad-tree', 'the tree uses the same blocks over and over again, as no program writes them')
    }
    const ended = (): void => {
      if (directory !== null) this.#namesEnded(directory)
    }
    if (block === null) {
      this.#faults.unwalked++
      ended()
    } else if (level > 0) this.#scheduler.push(this.#pointersOf(block, stream, node, ended))
    else if (use === 'entries') {
      const firstEntry = node.firstLeaf * entriesPerLeaf(entry.dsize)
      this.#scheduler.push(this.#entriesOf(block, node.bytes, firstEntry, path))
    } else if (directory !== null) {
      await this.#children(block, entry, directory)
      ended()
    }
  }

  #pointersOf(block: Uint8Array, stream: Stream, node: Node, ended: () => void): Work {
    const { entry } = stream
    const perBlock = pointersPerBlock(entry.psize)
    const count = Math.min(perBlock, Math.floor(block.length / scoreBytes))
    const leaves = leavesBelow(perBlock, node.level - 1)
    const span = Math.min(allBytes, leaves * entry.dsize)
    let index = 0
    let over = false
    return {
      take: () => {
        while (index < count && index * span < node.bytes) {
          const job = this.#visit(stream, {
            score: pointerAt(block, index),
            level: node.level - 1,
            bytes: Math.min(span, node.bytes - index * span),
            firstLeaf: node.firstLeaf + index * leaves,
          })
          index++
          if (job !== null) return job
        }
        if (!over) ended()
        over = true
        return null
      },
    }
  }

  /** All active entries of one leaf, named or not. `bytes` of the stream are in it. */
  #entriesOf(leaf: Uint8Array, bytes: number, firstEntry: number, path: TreePath): Work {
    const count = Math.min(Math.floor(bytes / entryBytes), Math.ceil(leaf.length / entryBytes))
    let number = 0
    return {
      take: () => {
        while (number < count) {
          const entry = this.#decode(leaf, number, path)
          const name = `#${firstEntry + number}`
          number++
          if (entry === null) continue
          // Met by its name already, as a rule.
          const job = this.#stream(entry, below(path, name), entry.isDirectory ? 'entries' : 'data')
          if (job !== null) return job
        }
        return null
      },
    }
  }

  async #children(leaf: Uint8Array, meta: VacEntry, directory: Directory): Promise<void> {
    const found: Job[] = []
    const { path } = directory
    const source: Slots = { entry: directory.source, number: -1, leaf: null }
    for (const name of this.#names(leaf, meta, path)) {
      const here = below(path, name.name)
      const entry = await this.#entryAt(source, name.entry, path)
      if (entry === 'unknown') continue
      if (entry === null || entry.gen !== name.gen) {
        this.#faults.problem(here, `its entry ${name.entry} is not there, or another one: the contents are lost`)
        continue
      }
      if (entry.isDirectory !== isDirectoryMode(name.mode)) {
        const what = isDirectoryMode(name.mode)
          ? 'a directory whose entry is a file'
          : 'a file whose entry is a directory'
        this.#faults.problem(here, `it is ${what}`)
        continue
      }
      const job = isDirectoryMode(name.mode)
        ? await this.#subdirectory(name, entry, source, directory.path, here)
        : this.#file(entry, here)
      if (job !== null) found.push(job)
    }
    this.#scheduler.push(jobs(found))
  }

  #file(entry: VacEntry, path: TreePath): Job | null {
    this.counts.files++
    return this.#stream(entry, path, 'data')
  }

  async #subdirectory(
    name: DirEntry,
    source: VacEntry,
    slots: Slots,
    parentPath: TreePath,
    path: TreePath,
  ): Promise<Job | null> {
    this.counts.directories++
    const meta = await this.#entryAt(slots, name.metaEntry, parentPath)
    if (meta === 'unknown') return null
    if (meta === null || meta.gen !== name.metaGen || meta.isDirectory) {
      this.#faults.problem(path, `the entry ${name.metaEntry} with its names is not there, or another one`)
      return null
    }
    return this.#directory(source, meta, path)
  }

  /** Null: none there. 'unknown': a block on the way is not to be had, which is noted. */
  async #entryAt(slots: Slots, number: number, path: TreePath): Promise<VacEntry | null | 'unknown'> {
    const { size, dsize } = slots.entry
    if (number >= entrySlots(size, dsize)) return null
    const perLeaf = entriesPerLeaf(dsize)
    const leafNumber = Math.floor(number / perLeaf)
    if (slots.number !== leafNumber || slots.leaf === null) {
      const leaf = await this.#leaf(slots.entry, leafNumber, path)
      if (leaf === null || leaf === 'unknown') return leaf
      slots.number = leafNumber
      slots.leaf = leaf
    }
    return this.#decode(slots.leaf, number % perLeaf, path)
  }

  /** Leaf `number` as stored; null where it is all zeros. */
  async #leaf(entry: VacEntry, number: number, path: TreePath): Promise<Uint8Array | null | 'unknown'> {
    const perBlock = pointersPerBlock(entry.psize)
    let { score } = entry
    for (let level = entry.depth; level > 0 && score !== null; level--) {
      const type = wireTypeOf(entry, level)
      const block = await this.#reader.read({ score, type, fullBytes: entry.psize, path })
      if (block === null) return 'unknown'
      score = pointerAt(block, Math.floor(number / leavesBelow(perBlock, level - 1)) % perBlock)
    }
    if (score === null) return null
    return (await this.#reader.read({ score, type: wireTypeOf(entry, 0), fullBytes: entry.dsize, path })) ?? 'unknown'
  }
}

const topOf = (entry: VacEntry): Node => ({
  score: entry.score,
  level: entry.depth,
  bytes: entry.size,
  firstLeaf: 0,
})

/** Leaves below a block of that level. Beyond any stream's length the exact number does not matter. */
function leavesBelow(perBlock: number, level: number): number {
  let leaves = 1
  for (let i = 0; i < level; i++) leaves = Math.min(allBytes, leaves * perBlock)
  return leaves
}

function keyOf(entry: VacEntry): string {
  const { score, isDirectory, depth, psize, dsize, size } = entry
  return `${score ?? ''}/${isDirectory ? 8 : 0}/${depth}/${psize}/${dsize}/${size}`
}
