// Damage as it leaves the engine in a result. The score of a root block opens everything under it, so it is masked
// (R10); so is one whose type is not known, because it may be a root's.

import type { Damage } from '../../../shared/model/damage.ts'
import type { DamageReport } from '../../../shared/model/run.ts'
import { maskScore } from '../../../shared/model/score.ts'
import { wireRoot } from '../venti/format/block-type.ts'

export function reportDamage(damage: Damage): DamageReport {
  const { score, clumpOffset, type, partitionOffset, ...rest } = damage
  const mayBeRoot = type === wireRoot || type === null
  return {
    ...rest,
    type,
    offset: clumpOffset ?? partitionOffset,
    clumpOffset,
    partitionOffset,
    score: score === null || !mayBeRoot ? score : maskScore(score),
  }
}
