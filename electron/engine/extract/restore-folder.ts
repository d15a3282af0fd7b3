// The one file that writes into a folder of the user's: what extract restores, and nothing outside that folder (R1's test
// names this file). Every name is checked to be one entry of its folder; before anything is made there, the folder must still
// be the one that was entered, at the same place of the file system with no symbolic link on the way there, so that none is
// ever followed. (Node has no openat: who can swap folders there between that check and the call can do all this himself.)
// A file is written under a name of its own, made with O_EXCL, and renamed when it is complete with mode and times.

import { randomUUID } from 'node:crypto'
import {
  constants,
  lstat,
  lutimes,
  mkdir,
  open,
  opendir,
  readlink,
  realpath,
  rename,
  statfs,
  symlink,
  unlink,
  type FileHandle,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError } from '../../../shared/errors.ts'
import { errnoOf } from '../errno.ts'
import { makeFolder } from '../make-folder.ts'
import { fileNameProblem, unfinishedName, unfinishedOwner, type NameComparison } from './file-name.ts'
import { LookRounds, type Looked } from './look-rounds.ts'

export type Times = { readonly mtimeSeconds: number; readonly atimeSeconds: number }
export type Attributes = Times & { readonly mode: number }

/** What stands under a name already. */
export type Existing =
  | { readonly kind: 'file'; readonly sizeBytes: number; readonly mtimeSeconds: number }
  | { readonly kind: 'symlink'; readonly target: string }
  | { readonly kind: 'directory' | 'other' }

const isWindows = process.platform === 'win32'
const permissionBits = 0o777
const ownerBits = 0o700
// Windows has neither; there the check before and the identity after do alone.
const noFollow = constants.O_NOFOLLOW ?? 0
const onlyFolder = constants.O_DIRECTORY ?? 0
const openForWriting = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | noFollow

/** The folder cannot take anything more, whatever the file. */
const hopelessCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'ENODEV', 'ESTALE'])

function refused(reason: string): AppError {
  return new AppError('extract-refused', reason)
}

function writeError(error: unknown, what: string): AppError {
  if (error instanceof AppError) return error
  const code = errnoOf(error)
  const hopeless = hopelessCodes.has(code)
  const words = code === 'ENOSPC' || code === 'EDQUOT' ? `the disk is full (${code})` : code
  return new AppError('extract-write', `${what}: ${words}`, { data: { code, hopeless }, cause: error })
}

type Identity = { readonly dev: bigint; readonly ino: bigint }

/** Where a folder was when it was entered; `rounds` are shared by all below the one the user named. */
type Place = { readonly realPath: string; readonly identity: Identity; readonly rounds: LookRounds }

/** A path in `folder` that nobody else uses. (randomUUID asks the system for many at a time, randomBytes for each.) */
function unfinishedPath(folder: string): string {
  const uuid = randomUUID()
  return join(folder, unfinishedName(process.pid, `${uuid.slice(0, 8)}${uuid.slice(-8)}`))
}

export class RestoreFolder implements Looked {
  /** Where it is, without a symbolic link in it. */
  readonly path: string
  /** Whether it was there before. */
  readonly isOld: boolean
  readonly #identity: Identity
  /** The path as the file system spells it: a folder that was there before may have other capitals than its name here. */
  readonly #realPath: string
  readonly #rounds: LookRounds

  private constructor(path: string, place: Place, isOld: boolean) {
    this.path = path
    this.#realPath = place.realPath
    this.#identity = place.identity
    this.#rounds = place.rounds
    this.isOld = isOld
  }

  /** The folder the user named, made if it is not there. It may be reached through links: that is the user's choice. */
  static async open(path: string): Promise<RestoreFolder> {
    try {
      const isNew = await makeFolder(path)
      const real = await realpath(path)
      const stats = await lstat(real, { bigint: true })
      if (!stats.isDirectory()) throw refused(`${path} is not a folder`)
      return new RestoreFolder(real, { realPath: real, identity: stats, rounds: new LookRounds() }, !isNew)
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') throw refused(`${path} is not a folder`)
      throw writeError(error, `cannot use ${path}`)
    }
  }

  /** A folder in this one, made or entered; its owner can write to it until `finish`. */
  async enter(name: string): Promise<RestoreFolder> {
    const path = await this.#place(name)
    try {
      const isOld = await mkdir(path, ownerBits).then(
        () => false,
        (error: unknown) => {
          if (errnoOf(error) === 'EEXIST') return true
          throw error
        },
      )
      const stats = await lstat(path, { bigint: true })
      if (stats.isSymbolicLink()) throw refused('a symbolic link is in the way')
      if (!stats.isDirectory()) throw refused('something that is not a folder is in the way')
      const realPath = await realpath(path)
      if (dirname(realPath) !== this.#realPath) throw refused('a symbolic link is in the way')
      const folder = new RestoreFolder(path, { realPath, identity: stats, rounds: this.#rounds }, isOld)
      const mode = Number(stats.mode) & permissionBits
      // A folder of somebody else's may take files all the same; if not, each of them says so.
      const isClosed = isOld && (mode & ownerBits) !== ownerBits
      if (isClosed) await folder.#set({ mode: mode | ownerBits, times: null }).catch(() => undefined)
      return folder
    } catch (error) {
      throw writeError(error, 'the folder cannot be made')
    }
  }

  /** Its mode and times, once nothing more is put into it. */
  async finish({ mode, ...times }: Attributes): Promise<void> {
    await this.#check()
    try {
      await this.#set({ mode, times })
    } catch (error) {
      throw writeError(error, 'mode and times of the folder cannot be set')
    }
  }

  async existing(name: string): Promise<Existing | null> {
    await this.#place(name)
    return await this.#standing(name)
  }

  /**
   * The same without a look at the folder, and in a folder made just now without a look at all: only for whoever makes
   * nothing before the folder was looked at, and gives nothing that name but through `adopt`.
   */
  async seeming(name: string): Promise<Existing | null> {
    return this.isOld ? await this.#standing(name) : null
  }

  async #standing(name: string): Promise<Existing | null> {
    const path = this.#pathOf(name)
    try {
      const stats = await lstat(path)
      if (stats.isSymbolicLink()) return { kind: 'symlink', target: await readlink(path) }
      if (stats.isDirectory()) return { kind: 'directory' }
      if (!stats.isFile()) return { kind: 'other' }
      return { kind: 'file', sizeBytes: stats.size, mtimeSeconds: Math.floor(stats.mtimeMs / 1000) }
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return null
      throw writeError(error, 'what stands there cannot be looked at')
    }
  }

  /** A regular file that is there, for comparing; the caller closes it. */
  async openExisting(name: string): Promise<FileHandle> {
    const path = await this.#place(name)
    try {
      return await open(path, constants.O_RDONLY | noFollow)
    } catch (error) {
      throw writeError(error, 'the file that stands there cannot be read')
    }
  }

  async create(): Promise<UnfinishedFile> {
    await this.#check()
    const path = unfinishedPath(this.path)
    try {
      return new UnfinishedFile(this, path, await open(path, openForWriting, 0o600))
    } catch (error) {
      throw writeError(error, 'the file cannot be made')
    }
  }

  /** Gives what `unfinished` is the name it is for. */
  async adopt(unfinished: string, name: string, replace: boolean): Promise<void> {
    await this.#makeRoom(name, replace)
    await rename(unfinished, join(this.path, name))
  }

  async makeLink(name: string, target: string, times: Times, replace: boolean): Promise<void> {
    await this.#makeRoom(name, replace)
    const path = unfinishedPath(this.path)
    try {
      await symlink(target, path)
      await lutimes(path, times.atimeSeconds, times.mtimeSeconds)
      await this.adopt(path, name, replace)
    } catch (error) {
      await unlink(path).catch(() => undefined)
      throw writeError(error, 'the symbolic link cannot be made')
    }
  }

  /** Files that an earlier run did not finish. One that is still being written elsewhere fails there, and is not harmed. */
  async removeLeftovers(): Promise<void> {
    if (!this.isOld) return
    await this.#check()
    try {
      for await (const { name } of await opendir(this.path)) {
        const owner = unfinishedOwner(name)
        if (owner === null || (owner !== process.pid && isRunning(owner))) continue
        await unlink(join(this.path, name)).catch(() => undefined)
      }
    } catch (error) {
      throw writeError(error, 'the folder cannot be read')
    }
  }

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.path)
    return bavail * bsize
  }

  /** Asks the file system itself, with a file that is gone again. */
  async nameComparison(): Promise<NameComparison> {
    const file = await this.create()
    try {
      return (await file.isKnownInCapitals()) ? 'ignores-case' : 'exact'
    } finally {
      await file.abandon()
    }
  }

  async #makeRoom(name: string, replace: boolean): Promise<void> {
    const there = await this.existing(name)
    if (there === null) return
    if (there.kind === 'directory') throw refused('a folder is in the way')
    if (!replace) throw refused('something else stands there already')
  }

  /** The path of a name in this folder, all of it checked. */
  async #place(name: string): Promise<string> {
    const path = this.#pathOf(name)
    await this.#check()
    return path
  }

  #pathOf(name: string): string {
    const problem = fileNameProblem(name)
    if (problem !== null) throw refused(`the name ${problem}`)
    return join(this.path, name)
  }

  async #check(): Promise<void> {
    await this.#rounds.whole(this)
  }

  /** For `LookRounds`. */
  async look(): Promise<void> {
    const [stats, realPath] = await Promise.all([
      lstat(this.path, { bigint: true }).catch(() => null),
      realpath(this.path).catch(() => null),
    ])
    if (stats?.isDirectory() !== true || !isSame(stats, this.#identity) || realPath !== this.#realPath) {
      throw refused(`${this.path} is no longer the folder it was`)
    }
  }

  async #set({ mode, times }: { readonly mode: number; readonly times: Times | null }): Promise<void> {
    if (isWindows) {
      if (times !== null) await lutimes(this.path, times.atimeSeconds, times.mtimeSeconds)
      return
    }
    const handle = await open(this.path, constants.O_RDONLY | onlyFolder | noFollow)
    try {
      if (!isSame(await handle.stat({ bigint: true }), this.#identity)) throw refused('the folder was replaced')
      await handle.chmod(mode & permissionBits)
      if (times !== null) await handle.utimes(times.atimeSeconds, times.mtimeSeconds)
    } finally {
      await handle.close()
    }
  }
}

export class UnfinishedFile {
  readonly #folder: RestoreFolder
  readonly #path: string
  readonly #handle: FileHandle
  #isOver = false
  /** Behind everything written. */
  #endBytes = 0

  constructor(folder: RestoreFolder, path: string, handle: FileHandle) {
    this.#folder = folder
    this.#path = path
    this.#handle = handle
  }

  async write(bytes: Uint8Array, offset: number): Promise<void> {
    try {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, offset + done)
        done += bytesWritten
      }
      this.#endBytes = Math.max(this.#endBytes, offset + bytes.length)
    } catch (error) {
      throw writeError(error, 'the file cannot be written')
    }
  }

  /** What was not written are holes of zeros. */
  async complete(name: string, sizeBytes: number, attributes: Attributes, replace: boolean): Promise<void> {
    try {
      if (this.#endBytes !== sizeBytes) await this.#handle.truncate(sizeBytes)
      if (!isWindows) await this.#handle.chmod(attributes.mode & permissionBits)
      await this.#handle.utimes(attributes.atimeSeconds, attributes.mtimeSeconds)
      await this.#handle.close()
      await this.#folder.adopt(this.#path, name, replace)
      this.#isOver = true
    } catch (error) {
      throw writeError(error, 'the file cannot be completed')
    }
  }

  /** Harmless after `complete`. */
  async abandon(): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    await this.#handle.close().catch(() => undefined)
    await unlink(this.#path).catch(() => undefined)
  }

  async isKnownInCapitals(): Promise<boolean> {
    const name = this.#path.slice(this.#folder.path.length)
    const stats = await lstat(`${this.#folder.path}${name.toUpperCase()}`, { bigint: true }).catch(() => null)
    return stats !== null && isSame(stats, await this.#handle.stat({ bigint: true }))
  }
}

function isSame(a: Identity, b: Identity): boolean {
  return a.dev === b.dev && a.ino === b.ino
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errnoOf(error) !== 'ESRCH'
  }
}
