// What can be wrong with a source, as data: recorded, reported, never a reason to stop a copy (R4).

import type { Score } from './score.ts'

export const damageKinds = {
  'bad-clump-header': { loses: true },
  'score-mismatch': { loses: true },
  'marked-corrupt': { loses: true },
  'incomplete-last-clump': { loses: true },
  'unreadable-region': { loses: false },
  'lost-region': { loses: true },
  'type-differs': { loses: false },
  'directory-differs': { loses: false },
  'directory-unreadable': { loses: false },
  'head-missing': { loses: false },
  'head-differs': { loses: false },
  'tail-missing': { loses: false },
  'tail-differs': { loses: false },
  'arena-unreadable': { loses: true },
  'arena-truncated': { loses: false },
  'table-line': { loses: true },
  'table-count': { loses: false },
  'seal-mismatch': { loses: false },
} as const satisfies Record<string, { loses: boolean }>

export type DamageKind = keyof typeof damageKinds

export type Damage = {
  readonly kind: DamageKind
  /** Name of the arena; for a table line the name as far as it is known. */
  readonly arena: string
  /** Clump offset (relative to the arena's data base), or null when the damage is not at a clump. */
  readonly clumpOffset: number | null
  /** Byte address in the partition. */
  readonly partitionOffset: number
  /** Where reading went on, as a clump offset; null when nothing was stepped over. */
  readonly nextOffset: number | null
  /** Number of the clump in its arena, null when unknown. */
  readonly index: number | null
  /** Score the header or the directory promises, null when unknown. */
  readonly score: Score | null
  /** Disk type code, null when unknown. */
  readonly type: number | null
  /** One line for people: expected, found. */
  readonly detail: string
}

/** Damage of a structure around the clumps: table, head, tail or seal. */
export function structureDamage(kind: DamageKind, arena: string, partitionOffset: number, detail: string): Damage {
  return {
    kind,
    arena,
    clumpOffset: null,
    partitionOffset,
    nextOffset: null,
    index: null,
    score: null,
    type: null,
    detail,
  }
}

/** True when a block (or possibly one) could not be copied because of it. */
export function losesBlocks(damage: Damage): boolean {
  return damageKinds[damage.kind].loses
}

/** Two records of one and the same place, whatever their wording. */
export function damageKey(damage: Damage): string {
  return `${damage.arena}\t${damage.kind}\t${damage.clumpOffset ?? ''}\t${damage.partitionOffset}`
}
