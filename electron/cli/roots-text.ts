// The roots that were found, as text: one line each. Pure.

import type { RootOnTarget, RootRecord, RootsReport } from '../../shared/model/bookkeeping.ts'
import { countOf, formatCount } from '../../shared/text/format.ts'

const kinds: Readonly<Record<RootsReport['kind'], string>> = {
  '9fat': 'rootscor on a 9fat',
  fossil: 'fossil partition',
  arenas: 'arenas',
  disk: 'disk',
}

const rootKind = (name: string | null, type: string | null): string | null =>
  type === null ? null : name === null || name === '' ? type : `${type} "${name}"`

function onTargetText(onTarget: RootOnTarget | null): string | null {
  if (onTarget === null) return null
  const { complete, missing, corrupt, isKnownBelow, problem } = onTarget
  if (complete) return 'whole'
  const parts = [
    missing > 0 ? `${formatCount(missing)} missing` : null,
    corrupt > 0 ? `${formatCount(corrupt)} damaged` : null,
    isKnownBelow || missing + corrupt === 0 ? null : 'and perhaps more below',
    problem,
  ].filter((part) => part !== null)
  return `NOT WHOLE: ${parts.join(', ')}`
}

function rootLine(record: RootRecord): string {
  const { score, place, partition, venti, name, type, at, isEmpty, times, where, onTarget } = record
  const details = [
    onTargetText(onTarget),
    rootKind(name, type),
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
