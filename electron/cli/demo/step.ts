// One step of the demo: what it shows, what was found, and every check with the value expected. A step passes only when all
// its checks do, and a step without a check is not a pass (R8).

import { formatCount } from '../../../shared/text/format.ts'
import type { Report } from '../report.ts'

export type Check = { readonly what: string; readonly ok: boolean; readonly expected: string; readonly found: string }

export type StepResult = {
  readonly number: number
  readonly title: string
  readonly ok: boolean
  readonly checks: readonly Check[]
  readonly durationMs: number
}

const shown = (value: string | number | boolean): string =>
  typeof value === 'number' ? formatCount(value) : String(value)

export class Step {
  readonly #number: number
  readonly #title: string
  readonly #report: Report
  readonly #checks: Check[] = []
  readonly #startMs = performance.now()

  constructor(number: number, title: string, report: Report) {
    this.#number = number
    this.#title = title
    this.#report = report
    report.lines([...(number > 1 ? [''] : []), `${number}. ${title}`])
  }

  say(text: string): void {
    this.#report.line(`   ${text}`)
  }

  /** The command that does the same on somebody's own partition. */
  command(text: string): void {
    this.say(`$ venti-mirror ${text}`)
  }

  lines(texts: readonly string[]): void {
    this.#report.lines(texts.map((text) => `   ${text}`))
  }

  equal(what: string, found: string | number | boolean, expected: string | number | boolean): void {
    this.#add({ what, ok: found === expected, expected: shown(expected), found: shown(found) })
  }

  /** For what has no single right value; `expected` says which would do. */
  holds(what: string, ok: boolean, found: string | number, expected: string): void {
    this.#add({ what, ok, expected, found: shown(found) })
  }

  result(): StepResult {
    const ok = this.#checks.length > 0 && this.#checks.every((check) => check.ok)
    const durationMs = Math.round(performance.now() - this.#startMs)
    return { number: this.#number, title: this.#title, ok, checks: this.#checks, durationMs }
  }

  #add(check: Check): void {
    this.#checks.push(check)
    const { what, ok, expected, found } = check
    this.#report.line(ok ? `   ok    ${what}: ${found}` : `   WRONG ${what}: expected ${expected}, found ${found}`)
  }
}
