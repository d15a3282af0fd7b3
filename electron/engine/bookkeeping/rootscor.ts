// rootscor on the 9fat: one line for each root score (from fossilize) and two for each run of ventiprog, appended and never
// rewritten; its order is the only chronology. Authority: ANTS scripts/fossilize and ventiprog, plan9-disks.md 5. Nothing in
// it is ever executed, and whoever shows it masks its scores (R10).

import { assert } from '../../../shared/assert.ts'
import { isScore, zeroScore, type RootScore, type Score } from '../../../shared/model/score.ts'

export type RootscorLine =
  | {
      readonly kind: 'score'
      /** Counted from 1. */
      readonly line: number
      readonly score: RootScore
      readonly partition: string | null
      /** The rest of the line: the value of $venti, blanks and all. */
      readonly venti: string | null
    }
  | { readonly kind: 'command'; readonly line: number; readonly text: string }
  | {
      readonly kind: 'note'
      readonly line: number
      readonly text: string
      /** Scores inside it: two writers at once can join their lines. */
      readonly scores: readonly RootScore[]
    }

export type RootscorRoot = {
  readonly score: RootScore
  readonly partition: string | null
  readonly venti: string | null
  /** The newest line that says so. */
  readonly line: number
  /** How many lines say exactly the same. */
  readonly times: number
  /** "Never archived": fossilize records it like any other. */
  readonly isEmpty: boolean
}

const scoreLine = /^vac:([0-9a-f]{40})(?: ([^ ]+)(?: (.*))?)?$/is
const scoreInside = /vac:([0-9a-f]{40})(?![0-9a-f])/gi

/** Any text, one character per byte of the file; never throws. Blanks and a CR at the end of a line are not part of it. */
export function decodeRootscor(text: string): readonly RootscorLine[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines.map((raw, index) => classify(withoutTrailingBlanks(raw), index + 1))
}

/** A loop, because a pattern for "blanks at the end" is quadratic in lines full of blanks. */
function withoutTrailingBlanks(line: string): string {
  let end = line.length
  while (end > 0 && ' \t\r'.includes(line[end - 1] as string)) end--
  return line.slice(0, end)
}

function classify(text: string, line: number): RootscorLine {
  const match = scoreLine.exec(text)
  if (match !== null) {
    const [, digits, partition, venti] = match
    return { kind: 'score', line, score: rootOf(digits as string), partition: partition ?? null, venti: venti ?? null }
  }
  const first = text.split(/[ \t]/, 1)[0] as string
  if (first.endsWith('wrarena')) return { kind: 'command', line, text }
  return {
    kind: 'note',
    line,
    text,
    scores: [...text.matchAll(scoreInside)].map((found) => rootOf(found[1] as string)),
  }
}

function scoresIn(text: string): readonly RootScore[] {
  return [...text.matchAll(scoreInside)].map((found) => rootOf(found[1] as string))
}

const rootOf = (digits: string): RootScore => digits.toLowerCase() as RootScore

/**
 * Newest first. Lines that say the same are one root; a root inside a garbled line counts too, without its fields. Those
 * fields are somebody's text and may hold a score themselves: mask them before they are shown.
 */
export function rootsOf(text: string): readonly RootscorRoot[] {
  const found = new Map<string, RootscorRoot>()
  const add = (line: number, score: RootScore, partition: string | null, venti: string | null): void => {
    const key = JSON.stringify([score, partition, venti])
    const times = (found.get(key)?.times ?? 0) + 1
    found.delete(key)
    found.set(key, { score, partition, venti, line, times, isEmpty: (score as string) === zeroScore })
  }
  for (const line of decodeRootscor(text)) {
    if (line.kind === 'score') {
      add(line.line, line.score, line.partition, line.venti)
      for (const score of scoresIn(`${line.partition} ${line.venti}`)) add(line.line, score, null, null)
    } else if (line.kind === 'note') {
      for (const score of line.scores) add(line.line, score, null, null)
    }
  }
  return [...found.values()].toReversed()
}

/** Newest score line of all; fossil's own fields come from there when nobody names them. */
export function newestScoreLine(text: string): (RootscorLine & { kind: 'score' }) | null {
  return decodeRootscor(text).findLast((line) => line.kind === 'score') ?? null
}

/** The last command that a script or this program recorded; null when there is none. */
export function newestCommandLine(text: string): string | null {
  return decodeRootscor(text).findLast((line) => line.kind === 'command')?.text ?? null
}

/** The line `fossilize` writes, without its newline: `echo vac:SCORE PARTITION $venti`. */
export function fossilizeLine(score: RootScore | Score, partition: string, venti: string | null): string {
  assert(isScore(score), 'a root score has 40 lower-case hex digits')
  return [`vac:${score}`, partition, ...(venti === null || venti === '' ? [] : [venti])].join(' ')
}

/** What a run of ventiprog adds: the command just executed, then the next one. Each may carry its newline already. */
export function linesToAppend(oldCommand: string, nextCommand: string): readonly string[] {
  return [oldCommand, nextCommand].map((line) =>
    line
      .split(/[ \t\r\n]+/)
      .filter(Boolean)
      .join(' '),
  )
}

/**
 * The text to append to `current` (null: no such file) so that each of `lines` is a line of its own, also behind a last
 * line that somebody left without a newline. What is there is never rewritten.
 */
export function appendedText(current: string | null, lines: readonly string[]): string {
  assert(
    lines.every((line) => !/[\r\n]/.test(line)),
    'a line of rootscor has no newline inside',
  )
  if (lines.length === 0) return ''
  const before = current === null || current === '' || current.endsWith('\n') ? '' : '\n'
  return before + lines.map((line) => `${line}\n`).join('')
}
