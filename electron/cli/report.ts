// The only writer of standard output and standard error. Text or, with --json, exactly one JSON document on standard
// output; progress and notes on standard error when it is a terminal (or --progress asks for them); errors in three lines.
// Whatever text comes from a disk, a server or a file name passes printable() here, once.

import type { Writable } from 'node:stream'
import { assert } from '../../shared/assert.ts'
import type { AppError } from '../../shared/errors.ts'
import { explainError } from '../../shared/text/explain-error.ts'
import { printable } from '../../shared/text/format.ts'
import { pause } from '../engine/pause.ts'

export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number }

export type ReportOptions = {
  readonly json: boolean
  /** Show progress also where standard error is no terminal. */
  readonly progress: boolean
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  readonly now?: () => number
  /** Nobody reads standard output any more (`… | head`). */
  readonly onClosed?: () => void
  /** A terminal that cannot move its cursor gets plain lines. */
  readonly canRedraw?: boolean
}

/** For a reader that stands still, once the user wants an end. */
const graceMs = 200

/** Without a terminal, progress is a line now and then. */
const plainIntervalMs = 5_000
const escape = '\u001b['

export class Report {
  readonly json: boolean
  readonly showsProgress: boolean
  readonly #stdout: OutputStream
  readonly #stderr: OutputStream
  readonly #redraws: boolean
  readonly #now: () => number
  #closed = false
  #documents = 0
  /** Lines of progress standing on the terminal. */
  #drawn = 0
  #lastPlain: number | null = null

  constructor(options: ReportOptions) {
    this.json = options.json
    this.#stdout = options.stdout
    this.#stderr = options.stderr
    this.#now = options.now ?? Date.now
    const terminal = options.stderr.isTTY === true
    this.showsProgress = terminal || options.progress
    this.#redraws = terminal && options.canRedraw !== false
    options.stdout.on('error', () => {
      if (this.#closed) return
      this.#closed = true
      options.onClosed?.()
    })
    options.stderr.on('error', () => undefined)
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** A line of the human text; nothing with --json. */
  line(text: string = ''): void {
    if (!this.json) this.#out(`${printable(text)}\n`)
  }

  lines(texts: readonly string[]): void {
    if (!this.json && texts.length > 0) this.#out(texts.map((text) => `${printable(text)}\n`).join(''))
  }

  /**
   * Bytes of a file as they are. Resolves when there is room for more; `bytes` must not change afterwards. Resolves at once
   * when nobody reads any more, or `signal` fires: a reader may stand still for ever.
   */
  async bytes(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    this.clearProgress()
    const stream = this.#stdout
    if (this.#closed || stream.write(bytes) || stream.destroyed || signal.aborted) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const event of ['drain', 'error', 'close']) stream.off(event, done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      for (const event of ['drain', 'error', 'close']) stream.on(event, done)
      signal.addEventListener('abort', done)
    })
  }

  /** The one document of --json; nothing without. */
  document(value: unknown): void {
    if (!this.json) return
    assert(this.#documents === 0, 'a second JSON document')
    this.#documents++
    this.#out(`${JSON.stringify(value, null, 2)}\n`)
  }

  /** Something that happened on the way, where progress is shown. */
  note(text: string): void {
    if (this.showsProgress) this.warn(text)
  }

  /** On standard error in any case. */
  warn(text: string): void {
    this.clearProgress()
    this.#stderr.write(`${printable(text)}\n`)
  }

  error(error: AppError): void {
    if (this.#closed && error.code === 'cancelled') return
    const { happened, safe, next } = explainError(error)
    if (this.json && this.#documents === 0) {
      const { code, message, retriable, data } = error
      this.document({ error: { code, message, safe, next, retriable, data } })
    }
    this.warn(`venti-mirror: ${happened}`)
    this.warn(`  safe: ${safe}`)
    this.warn(`  next: ${next}`)
  }

  /** Takes the place of the progress shown before. */
  progress(lines: readonly string[]): void {
    if (!this.showsProgress || lines.length === 0) return
    if (this.#redraws) this.#redraw(lines)
    else this.#plain(lines)
  }

  clearProgress(): void {
    if (this.#drawn > 0) this.#stderr.write(`${escape}${this.#drawn}A${escape}0J`)
    this.#drawn = 0
  }

  /** Resolves when everything written so far has left this process, nobody wants it, or (once interrupted) after a moment. */
  async flush(signal?: AbortSignal): Promise<void> {
    this.clearProgress()
    const all = Promise.all([this.#stdout, this.#stderr].map(drained))
    await (signal?.aborted === true ? Promise.race([all, pause(graceMs, undefined)]) : all)
  }

  #out(text: string): void {
    this.clearProgress()
    if (!this.#closed) this.#stdout.write(text)
  }

  #redraw(lines: readonly string[]): void {
    // A line that wraps would put every later one in the wrong place. Some terminals say they are 0 by 0.
    const width = Math.max(20, (this.#stderr.columns || 80) - 1)
    const shown = lines.slice(0, Math.max(1, (this.#stderr.rows || 24) - 1))
    const up = this.#drawn > 0 ? `${escape}${this.#drawn}A` : ''
    const body = shown.map((line) => `${escape}2K${cut(printable(line), width)}\n`).join('')
    this.#stderr.write(`${up}${body}${escape}0J`)
    this.#drawn = shown.length
  }

  #plain(lines: readonly string[]): void {
    const now = this.#now()
    if (this.#lastPlain !== null && now - this.#lastPlain < plainIntervalMs) return
    this.#lastPlain = now
    this.#stderr.write(lines.map((line) => `${printable(line)}\n`).join(''))
  }
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}

async function drained(stream: OutputStream): Promise<void> {
  if (stream.destroyed || stream.writableEnded || stream.errored !== null) return
  await new Promise<void>((resolve) => {
    stream.once('error', () => resolve())
    stream.write('', () => resolve())
  })
}
