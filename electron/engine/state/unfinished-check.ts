// verify/unfinished/KEY: the leaves a check has found so far, so that one that was interrupted, also by a crash or by power
// loss, goes on instead of asking for millions of blocks again. KEY is a hash of root, target and depth: the root's score
// does not stand in it (R10). What is in the file spares questions, nothing else: every block that leads to others is
// read again in the next run, from the root score down.
//
//   0   64  "venti-mirror check 1 " and the time it was begun (ISO 8601), newline, padded with zeros
//  64   22  each: score, length of the block (u16 be); one cut off by a crash is dropped

import { hash } from 'node:crypto'
import { open, readdir, stat, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { RootScore, Score } from '../../../shared/model/score.ts'
import type { VerifyDepth } from '../../../shared/model/verify.ts'
import { putHex } from '../bytes/hex.ts'
import { errnoOf } from '../errno.ts'
import { makeFolder } from '../make-folder.ts'

const headerBytes = 64
const scoreBytes = 20
const recordBytes = scoreBytes + 2
const headerPattern = /^venti-mirror check 1 (\d{4}-\d\d-\d\dT[\d:.]+Z)\n\0*$/
const recordsInBuffer = 4096
const readRecords = 50_000
/** A block that is not in the buffer for longer than this is asked for again after a crash. */
const flushMs = 2000
/** Older findings say little of today. */
export const unfinishedKeptMs = 7 * 24 * 3600 * 1000

export type FoundLeaf = { readonly bytes: Uint8Array; readonly at: number; readonly lengthBytes: number }

export type UnfinishedKey = { readonly root: RootScore; readonly dial: string; readonly depth: VerifyDepth }

export function unfinishedFolder(stateDir: string): string {
  return join(stateDir, 'verify', 'unfinished')
}

export class UnfinishedCheck {
  readonly #folder: string
  readonly #path: string
  readonly #beganAt: Date
  readonly #warn: (line: string) => void
  readonly #buffer = new Uint8Array(recordsInBuffer * recordBytes)
  #buffered = 0
  #flushedMs = performance.now()
  #file: FileHandle | null = null
  /** Writes one after the other; never rejects. */
  #writing: Promise<void> = Promise.resolve()
  #failed = false

  constructor(stateDir: string, { root, dial, depth }: UnfinishedKey, now: Date, warn: (line: string) => void) {
    this.#folder = unfinishedFolder(stateDir)
    this.#path = join(this.#folder, hash('sha1', `${root}\n${dial}\n${depth}`, 'hex'))
    this.#beganAt = now
    this.#warn = warn
  }

  /**
   * When the check was begun of which `each` was told the leaves; null where there is none, or none to be used. `each` may
   * keep what it is given only by copying it.
   */
  async load(now: Date, each: (leaf: FoundLeaf) => void): Promise<Date | null> {
    let file: FileHandle
    try {
      file = await open(this.#path, 'r')
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') this.#warn(`cannot go on with the check that was interrupted: ${errnoOf(error)}`)
      return null
    }
    try {
      const header = Buffer.alloc(headerBytes)
      const { bytesRead } = await file.read(header, 0, headerBytes, 0)
      const began = new Date(headerPattern.exec(header.toString('latin1', 0, bytesRead))?.[1] ?? Number.NaN)
      const ageMs = now.getTime() - began.getTime()
      if (!(ageMs >= 0 && ageMs <= unfinishedKeptMs)) return null
      const chunk = Buffer.alloc(readRecords * recordBytes)
      for (let at = headerBytes; ;) {
        const got = await file.read(chunk, 0, chunk.length, at)
        const records = Math.floor(got.bytesRead / recordBytes)
        for (let i = 0; i < records; i++) {
          const start = i * recordBytes
          each({ bytes: chunk, at: start, lengthBytes: chunk.readUInt16BE(start + scoreBytes) })
        }
        at += records * recordBytes
        if (records === 0) return began
      }
    } catch (error) {
      this.#warn(`cannot go on with the check that was interrupted: ${errnoOf(error)}`)
      return null
    } finally {
      await file.close()
    }
  }

  note(score: Score, lengthBytes: number): void {
    if (this.#failed) return
    const at = this.#buffered * recordBytes
    if (!putHex(score, this.#buffer, at)) this.#buffer.fill(0, at, at + scoreBytes)
    this.#buffer[at + scoreBytes] = lengthBytes >>> 8
    this.#buffer[at + scoreBytes + 1] = lengthBytes & 0xff
    this.#buffered++
    if (this.#buffered === recordsInBuffer || performance.now() - this.#flushedMs > flushMs) this.#flush()
  }

  /** Keeps what was found for the next run. */
  async keep(): Promise<void> {
    this.#flush()
    await this.#close()
  }

  /** The check came to its end, or is to begin again: nothing is left to go on with. */
  async discard(): Promise<void> {
    this.#buffered = 0
    await this.#close()
    await unlink(this.#path).catch(() => undefined)
  }

  #flush(): void {
    const bytes = this.#buffer.slice(0, this.#buffered * recordBytes)
    this.#buffered = 0
    this.#flushedMs = performance.now()
    if (bytes.length === 0) return
    this.#writing = this.#writing.then(async () => await this.#append(bytes))
  }

  async #append(bytes: Uint8Array): Promise<void> {
    if (this.#failed) return
    try {
      this.#file ??= await this.#openToAppend()
      await this.#file.appendFile(bytes)
    } catch (error) {
      this.#failed = true
      this.#warn(`the progress of this check cannot be kept (${errnoOf(error)}): if interrupted, it begins again`)
    }
  }

  async #openToAppend(): Promise<FileHandle> {
    await makeFolder(this.#folder, 0o700)
    const file = await open(this.#path, 'a+', 0o600)
    try {
      const { size } = await file.stat()
      const whole = size < headerBytes ? 0 : size - ((size - headerBytes) % recordBytes)
      if (whole !== size) await file.truncate(whole)
      if (whole === 0) {
        const header = Buffer.alloc(headerBytes)
        header.write(`venti-mirror check 1 ${this.#beganAt.toISOString()}\n`, 'latin1')
        await file.appendFile(header)
      }
      return file
    } catch (error) {
      await file.close()
      throw error
    }
  }

  async #close(): Promise<void> {
    await this.#writing
    await this.#file?.close()
    this.#file = null
  }
}

/** Removes what nobody will go on with any more. Never rejects: nothing depends on it. */
export async function sweepUnfinished(stateDir: string, now: Date): Promise<void> {
  const folder = unfinishedFolder(stateDir)
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name)
    const found = await stat(path).catch(() => null)
    if (found !== null && now.getTime() - found.mtimeMs > unfinishedKeptMs) await unlink(path).catch(() => undefined)
  }
}
