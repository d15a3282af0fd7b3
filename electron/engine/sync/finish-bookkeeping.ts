// wrcmd and rootscor at the end of a sync: wrcmd is moved on for the one target it names, with the two lines in rootscor that
// the script would append, in one change of the 9fat. The scripts ventiprog and fossilize use both files, too: what they
// changed meanwhile is left alone, and is looked at by the next run.

import { asAppError } from '../../../shared/errors.ts'
import type { BookkeepingResult } from '../../../shared/model/bookkeeping.ts'
import type { TargetResult } from '../../../shared/model/run.ts'
import { appendedText, fossilizeLine, linesToAppend, newestScoreLine } from '../bookkeeping/rootscor.ts'
import type { FileChange } from '../fat/edit.ts'
import { changeNinefat, textBytes, type Ninefat } from '../fat/ninefat.ts'
import type { Dial } from '../venti/client/dial.ts'
import type { Arena } from '../venti/arena/arena.ts'
import { leftAlone, shownLine, type Bookkeeping, type ClaimOutcome } from './bookkeeping.ts'
import type { Cursors } from './cursor.ts'
import type { FossilRoot } from './fossil-root.ts'
import type { SourceView } from './source-view.ts'
import { lineFor, proposalFor } from './wrcmd-line.ts'

function baseResult(start: Bookkeeping, claim: ClaimOutcome | null): BookkeepingResult {
  return {
    path: start.path,
    dial: start.dial,
    before: start.wrcmd === null ? null : shownLine(start.wrcmd),
    after: null,
    written: false,
    claim,
    rootRecorded: null,
    note: start.note,
    proposal: null,
    error: start.error?.message ?? null,
    errorCode: start.error?.code ?? null,
  }
}

const shownOrNull = (line: string | null): string | null => (line === null ? null : shownLine(line))

/** What the end of a sync would write if everything goes well: for a dry run. */
export function foretellBookkeeping(
  start: Bookkeeping,
  view: SourceView,
  dials: readonly Dial[],
  claim: ClaimOutcome | null,
): BookkeepingResult {
  const result = baseResult(start, claim)
  if (start.error !== null) return result
  try {
    if (start.note === null) {
      return { ...result, after: shownOrNull(lineFor(start, view, new Map(), null)) ?? result.before }
    }
    const [first] = dials
    const proposal = first === undefined ? null : proposalFor(start, start.rootscor, view, new Map(), first.text, null)
    return { ...result, proposal: shownOrNull(proposal) }
  } catch (thrown) {
    const error = asAppError(thrown)
    return { ...result, error: error.message, errorCode: error.code }
  }
}

export type RunState = {
  readonly view: SourceView
  readonly scanned: ReadonlyMap<string, Arena>
  readonly results: readonly Pick<TargetResult, 'dial' | 'ok'>[]
  readonly cursorsOf: (dial: string) => Cursors
  readonly stateDir: string
  readonly now: Date
}

/** Null when it is the newest there already. */
function rootLineFor(fossil: FossilRoot, rootscor: string | null): string | null {
  const newest = rootscor === null ? null : newestScoreLine(rootscor)
  if (newest?.score === fossil.score) return null
  return fossilizeLine(fossil.score, newest?.partition ?? fossil.partition, newest?.venti ?? null)
}

type Written = { readonly moved: boolean; readonly rootRecorded: boolean; readonly rootscor: string | null }

/** One change for both files. `next` null: only the root is recorded. */
async function write(start: Bookkeeping, next: string | null, run: RunState, warnings: string[]): Promise<Written> {
  let done: Written = { moved: false, rootRecorded: false, rootscor: null }
  const makeChanges = (current: Ninefat): readonly FileChange[] => {
    const rootscor = current.rootscor.text
    const rootLine = start.fossil === null ? null : rootLineFor(start.fossil, rootscor)
    const moved = next !== null && start.wrcmd !== null && current.wrcmd.text === start.wrcmd
    done = { moved, rootRecorded: rootLine !== null, rootscor }
    const commands = moved ? linesToAppend(start.wrcmd, next) : []
    const text = appendedText(rootscor, rootLine === null ? commands : [rootLine, ...commands])
    return [
      ...(text === '' ? [] : [{ kind: 'append', name: 'rootscor', content: textBytes(text) } as const]),
      ...(moved ? [{ kind: 'replace', name: 'wrcmd', content: textBytes(next) } as const] : []),
    ]
  }
  const { stateDir, now } = run
  const changed = await changeNinefat(start.path, makeChanges, { stateDir, now })
  // Most warnings were said when it was read.
  const said = [...changed.recovered, ...changed.warnings].map((line) => `${start.path}: ${line}`)
  warnings.push(...said.filter((line) => !warnings.includes(line)))
  return done
}

/** fossil's last root alone; wrcmd stays as it is. False: it was the newest there already. Rejects as changeNinefat does. */
export async function recordRoot(start: Bookkeeping, run: RunState, warnings: string[]): Promise<boolean> {
  return (await write(start, null, run, warnings)).rootRecorded
}

async function finish(
  start: Bookkeeping,
  result: BookkeepingResult,
  run: RunState,
  warnings: string[],
): Promise<BookkeepingResult> {
  const named = run.results.find(({ dial }) => dial === start.dial)
  const isDone = start.note === null && named?.ok === true
  const next = isDone ? lineFor(start, run.view, run.scanned, run.cursorsOf(named.dial)) : null
  let { note } = result
  if (start.note === null && !isDone) note = leftAlone('the target it names is not up to date')
  else if (isDone && next === null) note = leftAlone('the source holds no block yet')
  let { rootscor } = start
  let rootRecorded: boolean | null = null
  if (next !== null || start.fossil !== null) {
    const written = await write(start, next, run, warnings)
    if (start.fossil !== null) ({ rootRecorded } = written)
    if (next !== null && written.moved) {
      return { ...result, note, rootRecorded, written: true, after: shownLine(next) }
    }
    ;({ rootscor } = written)
    if (next !== null) {
      note = leftAlone('it changed while this run was going on; the next run looks at what it says then')
    }
  }
  // The line to set by hand: for the target that wrcmd names, else for the first that is up to date.
  const target = start.dial === null ? run.results.find(({ ok }) => ok) : isDone ? named : undefined
  const proposal =
    target === undefined
      ? null
      : proposalFor(start, rootscor, run.view, run.scanned, target.dial, run.cursorsOf(target.dial))
  return { ...result, note, rootRecorded, proposal: shownOrNull(proposal) }
}

/**
 * After the last sync of every target. Never rejects: the blocks are on the targets whatever becomes of the bookkeeping,
 * and the result says so.
 */
export async function finishBookkeeping(
  start: Bookkeeping,
  claim: ClaimOutcome | null,
  run: RunState,
  warnings: string[],
): Promise<BookkeepingResult> {
  const result = baseResult(start, claim)
  if (start.error !== null) return result
  try {
    return await finish(start, result, run, warnings)
  } catch (thrown) {
    const error = asAppError(thrown)
    return { ...result, error: error.message, errorCode: error.code }
  }
}
