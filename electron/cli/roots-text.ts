// The roots that were found, as text: one line each. Pure.

import type { RootRecord, RootsReport } from '../../shared/model/bookkeeping.ts'
import { countOf } from '../../shared/text/format.ts'

const kinds: Readonly<Record<RootsReport['kind'], string>> = {
  '9fat': 'rootscor on a 9fat',
  fossil: 'fossil partition',
  arenas: 'arenas',
  disk: 'disk',
}

function rootLine({ score, place, partition, venti, at, isEmpty, times, where }: RootRecord): string {
  const details = [
    at,
    where === 'arenas' ? null : partition,
    venti,
    times > 1 ? `${times} times` : null,
    isEmpty ? 'never archived: the score of nothing' : null,
  ].filter((detail) => detail !== null)
  return `  ${score}  ${[place, ...details].join(', ')}`
}

export function rootsLines(report: RootsReport): readonly string[] {
  const { path, kind, roots, problems, notes, appended } = report
  const order = kind === 'disk' ? 'newest first of each place' : 'newest first'
  return [
    `${path}: ${kinds[kind]}, ${roots.length === 0 ? 'no roots' : `${countOf(roots.length, 'root')}, ${order}`}`,
    ...roots.map(rootLine),
    ...notes.map((note) => `note: ${note}`),
    ...problems.map((problem) => `NOT READ: ${problem}`),
    ...(appended === null ? [] : [`${appended.path}: rootscor has a new line`, `  ${appended.line}`]),
    ...(appended === null || appended.backup === null ? [] : [`Backup ${appended.backup}`]),
  ]
}
