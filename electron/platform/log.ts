// The application's log: main.log in the platform's folder for logs, turned over at one megabyte, five files kept. Written in
// order and never waited for; a disk that is full or gone loses lines and nothing else. No score stands in it in full (R10),
// and nothing that opens a door.

import { mkdir, open, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { redacted } from './redact.ts'

export type LogLevel = 'info' | 'warning' | 'error'

const fileBytes = 1_000_000
const filesKept = 5
const longestLine = 2_000
/** Lines that wait for a slow disk; what comes above is counted and left out. */
const mostWaiting = 1_000

const leftOutLine = (lines: number): string => `(${lines} ${lines === 1 ? 'line was' : 'lines were'} left out)\n`

export class RotatingLog {
  readonly folder: string
  readonly #now: () => Date
  #waiting: string[] = []
  #leftOut = 0
  #writing: Promise<void> | null = null
  #isClosed = false
  /** A write failed: it may have left half a line. */
  #isCut = false

  constructor(folder: string, now: () => Date = () => new Date()) {
    this.folder = folder
    this.#now = now
  }

  /** One line, whatever `text` holds. */
  say(part: string, text: string, level: LogLevel = 'info'): void {
    if (this.#isClosed) return
    if (this.#waiting.length >= mostWaiting) {
      this.#leftOut++
      return
    }
    // Before it is cut: half a score would not be known for one.
    const line = redacted(text)
      .replaceAll(/[\r\n]+/g, ' ⏎ ')
      .slice(0, longestLine)
    this.#waiting.push(`${this.#now().toISOString()} ${level} ${part}: ${line}\n`)
    this.#writing ??= this.#write()
  }

  /** Resolves when everything said so far was written, or cannot be. */
  async flush(): Promise<void> {
    while (this.#writing !== null) await this.#writing
  }

  /** Nothing said after it is written. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.flush()
  }

  /** The last lines, oldest first, of as many files as it takes. */
  async tail(lines: number): Promise<readonly string[]> {
    await this.flush()
    const newestFirst: string[] = []
    for (let number = 0; number < filesKept && newestFirst.length < lines; number++) {
      const text = await readFile(this.#file(number), 'utf8').catch(() => '')
      for (const line of text.split('\n').toReversed()) if (line !== '') newestFirst.push(line)
    }
    return newestFirst.slice(0, lines).toReversed()
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting
      const leftOut = this.#leftOut
      this.#waiting = []
      this.#leftOut = 0
      let at = 0
      try {
        await mkdir(this.folder, { recursive: true, mode: 0o700 })
        while (at < lines.length) at += await this.#append(lines.slice(at))
        if (leftOut > 0) await this.#append([leftOutLine(leftOut)])
      } catch {
        // Nothing that could be told anywhere, but to the log once it can be written again.
        this.#leftOut += leftOut + lines.length - at
        this.#isCut = true
      }
    }
    this.#writing = null
  }

  /** As many of the lines as the file has room for, one at least. Returns how many. */
  async #append(lines: readonly string[]): Promise<number> {
    const length = (line: string | undefined): number => Buffer.byteLength(line ?? '')
    let size = await stat(this.#file(0)).then(
      (file) => file.size,
      () => 0,
    )
    if (size > 0 && size + length(lines[0]) > fileBytes) {
      await this.#turnOver()
      size = 0
    }
    let taken = 0
    do size += length(lines[taken++])
    while (taken < lines.length && size + length(lines[taken]) <= fileBytes)
    const file = await open(this.#file(0), 'a', 0o600)
    try {
      // It may have been there before, open to all.
      await file.chmod(0o600)
      // An empty line at worst.
      await file.appendFile(`${this.#isCut ? '\n' : ''}${lines.slice(0, taken).join('')}`)
    } finally {
      await file.close()
    }
    this.#isCut = false
    return taken
  }

  async #turnOver(): Promise<void> {
    for (let number = filesKept - 2; number >= 0; number--) {
      await rename(this.#file(number), this.#file(number + 1)).catch(() => undefined)
    }
  }

  #file(number: number): string {
    return join(this.folder, number === 0 ? 'main.log' : `main.${number}.log`)
  }
}
