// The application's log: main.log in the platform's folder for logs, turned over at one megabyte, five files kept. Written in
// order and never waited for; a disk that is full or gone loses lines and nothing else. No score stands in it in full (R10),
// and nothing that opens a door.

import { appendFile, mkdir, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { maskScoresIn } from '../engine/bookkeeping/wrcmd-words.ts'

const fileBytes = 1_000_000
const filesKept = 5
const longestLine = 2_000
/** Lines that wait for a slow disk; what comes above is counted and left out. */
const mostWaiting = 1_000

const secrets: readonly (readonly [RegExp, string])[] = [
  [/\b(pass(?:word|phrase)|secret|token|authorization)(["']?\s*[=:]\s*)(?:"[^"]*"|'[^']*'|\S+)/gi, '$1$2…'],
  // Of an address: the name and password before the host, and the token of a link to the window.
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, '$1…@'],
  [/#[\w-]{20,}/g, '#…'],
]

export function redacted(text: string): string {
  let plain = maskScoresIn(text)
  for (const [pattern, mask] of secrets) plain = plain.replace(pattern, mask)
  return plain
}

export class RotatingLog {
  readonly folder: string
  readonly #path: string
  readonly #now: () => Date
  #waiting: string[] = []
  #leftOut = 0
  #writing: Promise<void> | null = null

  constructor(folder: string, now: () => Date = () => new Date()) {
    this.folder = folder
    this.#path = join(folder, 'main.log')
    this.#now = now
  }

  /** One line, whatever `text` holds. */
  say(part: string, text: string): void {
    if (this.#waiting.length >= mostWaiting) {
      this.#leftOut++
      return
    }
    // Before it is cut: half a score would not be known for one.
    const line = redacted(text)
      .replaceAll(/[\r\n]+/g, ' ⏎ ')
      .slice(0, longestLine)
    this.#waiting.push(`${this.#now().toISOString()} ${part}: ${line}\n`)
    this.#writing ??= this.#write()
  }

  /** Resolves when everything said so far was written, or cannot be. */
  async flush(): Promise<void> {
    while (this.#writing !== null) await this.#writing
  }

  /** The last lines, oldest first. */
  async tail(lines: number): Promise<readonly string[]> {
    await this.flush()
    const text = await readFile(this.#path, 'utf8').catch(() => '')
    return text.split('\n').slice(0, -1).slice(-lines)
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const text = this.#waiting.join('') + (this.#leftOut > 0 ? `(${this.#leftOut} lines were left out)\n` : '')
      this.#waiting = []
      this.#leftOut = 0
      try {
        await mkdir(this.folder, { recursive: true, mode: 0o700 })
        await this.#turnOver()
        await appendFile(this.#path, text, { mode: 0o600 })
      } catch {
        // Nothing that could be told anywhere.
      }
    }
    this.#writing = null
  }

  async #turnOver(): Promise<void> {
    const size = await stat(this.#path).then(
      ({ size: bytes }) => bytes,
      () => 0,
    )
    if (size < fileBytes) return
    const numbered = (number: number): string => (number === 0 ? this.#path : join(this.folder, `main.${number}.log`))
    for (let number = filesKept - 2; number >= 0; number--) {
      await rename(numbered(number), numbered(number + 1)).catch(() => undefined)
    }
  }
}
