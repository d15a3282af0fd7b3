// Damage in words, for reports and the window. The detail line of a damage has the values; these say what they mean for
// the person: is a block lost, or was only a note about it wrong.

import { damageKinds, type DamageKind } from '../model/damage.ts'
import type { DamageReport } from '../model/run.ts'

const words: Readonly<Record<DamageKind, string>> = {
  'bad-clump-header': 'a clump header is destroyed',
  'score-mismatch': 'a block does not match its score',
  'marked-corrupt': 'a block was retired as corrupt',
  'incomplete-last-clump': 'the last block is not complete yet',
  'unreadable-region': 'the disk cannot read a region',
  'lost-region': 'a region of the log is lost',
  'type-differs': 'log and directory disagree about the type of a block',
  'directory-differs': 'the clump directory does not match the log',
  'directory-unreadable': 'the clump directory cannot be read',
  'head-missing': 'the head of the arena is destroyed',
  'head-differs': 'the head of the arena does not match its tail',
  'tail-missing': 'the tail of the arena is destroyed',
  'tail-differs': 'the tail of the arena does not match the rest',
  'arena-unreadable': 'nothing of the arena can be read',
  'arena-truncated': 'the arena is cut short',
  'table-line': 'a line of the arena table is bad',
  'table-count': 'the count of the arena table is wrong',
  'seal-mismatch': 'the arena does not match its seal',
}

export function damageWords(kind: DamageKind): string {
  return words[kind]
}

function cost(kind: DamageKind): string {
  if (kind === 'table-line' || kind === 'arena-unreadable') return 'the arena is left out'
  if (kind === 'incomplete-last-clump') return 'the next run looks at it again'
  return damageKinds[kind].loses ? 'it is left out' : 'no block is lost by it'
}

/** One line: where, what, the values, what it costs. */
export function explainDamage(damage: DamageReport): string {
  const place =
    damage.clumpOffset === null
      ? `byte ${damage.partitionOffset}`
      : `clump offset 0x${damage.clumpOffset.toString(16)} (byte ${damage.partitionOffset})`
  const where = damage.arena === '' ? place : `${damage.arena}, ${place}`
  const block = damage.score === null ? '' : `; block ${damage.score}`
  return `${where}: ${words[damage.kind]} (${damage.detail})${block}; ${cost(damage.kind)}`
}
