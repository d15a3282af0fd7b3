// The four states of an arena, in the words shown to people (venti-arenas.md 7.5).

import type { ArenaState } from '../../../../shared/model/arena.ts'
import type { Arena } from './arena.ts'

/** `clumps` may be more than the tail counts, when the log was read past it. */
export function arenaState(arena: Arena, clumps: number): ArenaState {
  if (arena.counted?.sealed === true) return arena.sealScore === null ? 'full, seal pending' : 'sealed'
  return clumps === 0 ? 'empty' : 'active'
}
