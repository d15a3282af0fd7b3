// What became of wrcmd and rootscor, and what the source's own server said, as lines of the sync's report. Pure. Lines of a
// wrcmd are shown as they are; rootscor and its root scores never are (R10).

import type { ErrorCode } from '../../shared/errors.ts'
import type { BookkeepingResult, SourceServerResult } from '../../shared/model/bookkeeping.ts'
import { adviceFor, isErrorCode } from '../../shared/text/explain-error.ts'
import { countOf } from '../../shared/text/format.ts'

function errorLines({ path, error, errorCode }: BookkeepingResult): readonly string[] {
  if (error === null) return []
  const { safe, next } = adviceFor(
    errorCode !== null && isErrorCode(errorCode) ? errorCode : ('write-9fat' satisfies ErrorCode),
  )
  const what = error.startsWith(`${path}: `) ? error.slice(path.length + 2) : error
  return [
    `wrcmd and rootscor on ${path} could not follow`,
    `    why:  ${what}`,
    `    safe: The targets are as said above. ${safe}`,
    `    next: ${next}`,
  ]
}

function proposalLines({ proposal }: BookkeepingResult): readonly string[] {
  return proposal === null ? [] : ['    the line to set:', `    ${proposal}`]
}

function rootLines({ rootRecorded }: BookkeepingResult): readonly string[] {
  if (rootRecorded === null) return []
  return [
    rootRecorded
      ? '    recorded in rootscor: the last root of the fossil'
      : '    the last root of the fossil stands in rootscor already',
  ]
}

export function bookkeepingLines(result: BookkeepingResult | null): readonly string[] {
  if (result === null) return []
  const { path, before, after, written, note, error } = result
  if (error !== null) return [...errorLines(result), ...proposalLines(result)]
  const head = written
    ? [
        `wrcmd on ${path} follows: ${after === before ? 'its line stands' : 'its new line'}, with two lines in rootscor`,
        `    ${after ?? ''}`,
      ]
    : [`${path}: ${note ?? 'nothing to do'}`]
  return [...head, ...rootLines(result), ...proposalLines(result)]
}

export function bookkeepingPlanLines(plan: BookkeepingResult | null): readonly string[] {
  if (plan === null) return []
  const { path, before, after, note, error } = plan
  if (error !== null) return errorLines(plan)
  if (note !== null) return [`${path}: ${note}`, ...proposalLines(plan)]
  return [`wrcmd on ${path} would become`, `    ${after ?? before ?? ''}`]
}

export function sourceServerLines(server: SourceServerResult | null): readonly string[] {
  if (server === null) return []
  const { dial, http, synced, flushed, foundInMemory, onlyInMemory } = server
  const name = dial ?? http ?? ''
  // What could not be asked is said by a warning.
  if (foundInMemory === null || onlyInMemory === null) {
    return synced ? [`The source's own server ${name} was told to write its newest blocks to disk first`] : []
  }
  if (foundInMemory === 0) return [`The source's own server ${name} has nothing in memory that is not on disk`]
  const were = `${countOf(foundInMemory, 'block')} ${foundInMemory === 1 ? 'was' : 'were'} only in the memory of the source's own server ${name}`
  const how = flushed ? 'a flush' : 'a sync'
  if (onlyInMemory === 0) return [`${were}; after ${how} all of it is on disk`]
  return [synced || flushed ? `${were}; after ${how} ${onlyInMemory} still ${onlyInMemory === 1 ? 'is' : 'are'}` : were]
}
