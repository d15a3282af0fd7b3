// What a clump that cannot be copied is called, and the one line that says why: expected and found values.

import type { DamageKind } from '../../../../shared/model/damage.ts'
import type { Score } from '../../../../shared/model/score.ts'
import { hexNumber } from '../../bytes/hex.ts'
import type { ClumpState } from './clump-check.ts'

export type ClumpDamage = {
  readonly kind: DamageKind
  readonly detail: string
  /** What the header promises; null where it cannot be believed. */
  readonly score: Score | null
  readonly type: number | null
}

/** `clumpMagic` is that of the arena. */
export function describeClump(state: ClumpState, clumpMagic: number): ClumpDamage {
  switch (state.state) {
    case 'no-header': {
      const detail =
        state.magic === clumpMagic
          ? 'the clump header breaks the rules for its sizes and encoding'
          : `clump magic is ${hexNumber(state.magic)}, expected ${hexNumber(clumpMagic)}`
      return { kind: 'bad-clump-header', detail, score: null, type: null }
    }
    case 'bad-data':
      return { kind: 'score-mismatch', detail: state.reason, score: state.score, type: state.type }
    case 'marked-corrupt': {
      const detail = `the clump is marked corrupt (type ${state.type}): a repair tool or an invalid write retired it`
      return { kind: 'marked-corrupt', detail, score: state.score, type: state.type }
    }
    case 'good':
      return { kind: 'lost-region', detail: '', score: state.score, type: state.type }
  }
}
