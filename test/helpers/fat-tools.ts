// fsck.fat as the judge of thousands of states of one image: only the sectors that differ are written in between, and a
// state is asked about once.

import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { open, writeFile, type FileHandle } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { overlayKey, type Overlay } from './cut-disk.ts'
import { hasFsck } from './fat-programs.ts'

const env = { ...process.env, PATH: [process.env['PATH'] ?? '', '/usr/sbin', '/sbin'].join(delimiter), LC_ALL: 'C' }

/** Lines that are printed about every volume, and the remark on a label that only the boot sector has. */
const noComplaint = [
  /^fsck\.fat \d/,
  /^$/,
  /^.*: \d+ files?, \d+\/\d+ clusters$/,
  /^Leaving filesystem unchanged\.$/,
  /^Label in boot sector is '.*', but there is no volume label in root directory\.$/,
  /^ {2}Auto-removing label from boot sector\.$/,
]

/** What an interrupted copy or creation may leave: FATs that differ, and clusters that nothing refers to. */
export const leftoverComplaints: readonly RegExp[] = [
  /^FATs differ but appear to be intact\.$/,
  /^ {2}Using first FAT\.$/,
  /^Reclaimed \d+ unused clusters? \(\d+ bytes\)\.$/,
]

/**
 * fsck.fat -n of one file, once for every line it is sent. A shell starts it: of a process as large as a test's, thousands of
 * forks take longer than what they are for.
 */
class Fsck {
  readonly #shell: ChildProcessByStdio<Writable, Readable, null>
  readonly #lines: AsyncIterator<string>

  constructor(path: string) {
    const script = 'while read -r go; do fsck.fat -n "$1" 2>&1; echo "status $?"; done'
    this.#shell = spawn('sh', ['-c', script, 'sh', path], { env, stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = createInterface({ input: this.#shell.stdout })[Symbol.asyncIterator]()
  }

  /** What it complains of now, line by line; empty for a clean volume. */
  async complaints(): Promise<readonly string[]> {
    this.#shell.stdin.write('go\n')
    const lines: string[] = []
    for (;;) {
      const { value, done } = await this.#lines.next()
      if (done === true) throw new Error('fsck.fat could not be run')
      const status = /^status (\d+)$/.exec(value)?.[1]
      // 0 and 1 are its verdicts; anything else is a failure to judge.
      if (status !== undefined) return Number(status) > 1 ? [...lines, `fsck.fat ended with status ${status}`] : lines
      if (!noComplaint.some((pattern) => pattern.test(value))) lines.push(value)
    }
  }

  close(): void {
    this.#shell.stdin.end()
  }
}

export class FsckBench {
  readonly #path: string
  readonly #file: FileHandle
  readonly #base: Uint8Array
  readonly #verdicts = new Map<string, readonly string[]>()
  #fsck: Fsck | null = null
  #applied: readonly number[] = []

  private constructor(path: string, file: FileHandle, base: Uint8Array) {
    this.#path = path
    this.#file = file
    this.#base = base
  }

  static async open(folder: string, base: Uint8Array): Promise<FsckBench> {
    const path = join(folder, 'judged.img')
    await writeFile(path, base)
    return new FsckBench(path, await open(path, 'r+'), base)
  }

  /** null where fsck.fat is not installed. */
  async judge(overlay: Overlay): Promise<readonly string[] | null> {
    if (!hasFsck) return null
    const key = overlayKey(overlay)
    const known = this.#verdicts.get(key)
    if (known !== undefined) return known
    for (const sector of this.#applied)
      await this.#file.write(this.#base.subarray(sector * 512, (sector + 1) * 512), 0, 512, sector * 512)
    for (const [sector, bytes] of overlay) await this.#file.write(bytes, 0, 512, sector * 512)
    this.#applied = [...overlay.keys()]
    this.#fsck ??= new Fsck(this.#path)
    const verdict = await this.#fsck.complaints()
    this.#verdicts.set(key, verdict)
    return verdict
  }

  get asked(): number {
    return this.#verdicts.size
  }

  async close(): Promise<void> {
    this.#fsck?.close()
    await this.#file.close()
  }
}
