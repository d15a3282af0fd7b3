// One arena of the map as the window shows it: fill, state in words, what is new, how far each target has it. The map comes
// in columns, so an arena is looked at by its index; nothing here copies the columns of thousands of arenas. Pure.

import type { ArenaState } from '../../../shared/model/arena.ts'
import type { ArenaMap } from '../../../shared/model/window.ts'
import { count, counted, percent, printable } from '../../text/format.ts'

/** A line of venti's clump directory, which fills an arena from the other end. */
const clumpInfoSize = 25

/** What the map shows while a run is under way: cursors ahead of those in the map, and what is on its way beyond them. */
export type LiveCursors = {
  readonly targets: readonly {
    readonly cursors: readonly number[]
    /** Sent, and not confirmed yet. */
    readonly onItsWay: { readonly arena: number; readonly offset: number } | null
  }[]
}

export const restingCursors = (map: ArenaMap): LiveCursors => ({
  targets: map.targets.map(({ cursors }) => ({ cursors, onItsWay: null })),
})

export type ArenaTone = 'empty' | 'active' | 'pending' | 'sealed'

export const toneOf: Readonly<Record<ArenaState, ArenaTone>> = {
  empty: 'empty',
  active: 'active',
  'full, seal pending': 'pending',
  sealed: 'sealed',
}

/** In a word, as it stands in a vessel. */
export const stateWord: Readonly<Record<ArenaState, string>> = {
  empty: 'empty',
  active: 'active',
  'full, seal pending': 'sealing',
  sealed: 'sealed',
}

export const isFull = (state: ArenaState): boolean => state === 'sealed' || state === 'full, seal pending'

const at = (column: readonly number[], index: number): number => column[index] ?? 0

/** Part of the arena's room that blocks and their directory take, 0 to 1. */
export function fillOf(map: ArenaMap, index: number): number {
  const room = at(map.sizes, index)
  if (room <= 0) return 0
  return Math.min(1, (at(map.used, index) + clumpInfoSize * at(map.clumps, index)) / room)
}

/** Whole percent: of an arena that is filling rounded down, so that 100 means full. */
export function fillPercent(map: ArenaMap, index: number): number {
  const part = fillOf(map, index) * 100
  return isFull(map.states[index] ?? 'empty') ? Math.round(part) : Math.min(99, Math.floor(part))
}

/** Percent of what is in the arena that a target has; 100 of an arena without blocks. */
export function hasPercent(map: ArenaMap, live: LiveCursors, target: number, index: number): number {
  return percent(live.targets[target]?.cursors[index] ?? 0, at(map.used, index))
}

/** The same with what is sent and not yet confirmed, as a fraction. */
export function sentPart(map: ArenaMap, live: LiveCursors, target: number, index: number): number {
  const used = at(map.used, index)
  if (used <= 0) return 1
  const one = live.targets[target]
  const sent = one?.onItsWay?.arena === index ? one.onItsWay.offset : 0
  return Math.min(1, Math.max(one?.cursors[index] ?? 0, sent) / used)
}

/** Fraction of the arena's blocks that no target has yet, 0 to 1. */
export function newPart(map: ArenaMap, live: LiveCursors, index: number): number {
  const used = at(map.used, index)
  if (used <= 0 || live.targets.length === 0) return 0
  const best = live.targets.reduce((most, { cursors }) => Math.max(most, cursors[index] ?? 0), 0)
  return Math.max(0, 1 - best / used)
}

/** Whether some target lacks something of it. */
export function isBehind(map: ArenaMap, live: LiveCursors, index: number): boolean {
  const used = at(map.used, index)
  return live.targets.some(({ cursors }) => (cursors[index] ?? 0) < used)
}

/** Where the mirror writes: the last arena that any target has something of, else the first with blocks. */
export function handOf(map: ArenaMap, live: LiveCursors): number {
  for (let index = map.names.length - 1; index >= 0; index--) {
    if (live.targets.some(({ cursors, onItsWay }) => (cursors[index] ?? 0) > 0 || onItsWay?.arena === index))
      return index
  }
  const first = map.used.findIndex((used) => used > 0)
  return Math.max(0, first)
}

/** The arena the source writes to: the last with blocks. */
export function activeOf(map: ArenaMap): number {
  const active = map.states.lastIndexOf('active')
  if (active >= 0) return active
  return Math.max(
    0,
    map.used.findLastIndex((used) => used > 0),
  )
}

/** "arenas3, active, 63 % full, 52 956 blocks; basement 88 %, attic 0 %". */
export function arenaLabel(map: ArenaMap, live: LiveCursors, index: number): string {
  const state = map.states[index] ?? 'empty'
  const name = printable(map.names[index] ?? '')
  if (state === 'empty') return `${name}, empty`
  const damage = at(map.damage, index)
  const has = map.targets.map((target, number) => `${printable(target.name)} ${hasPercent(map, live, number, index)} %`)
  const parts = [name, state, `${fillPercent(map, index)} % full`, counted(at(map.clumps, index), 'block')]
  if (damage > 0) parts.push(counted(damage, 'damaged place'))
  return has.length === 0 ? parts.join(', ') : `${parts.join(', ')}; ${has.join(', ')}`
}

/** "8 arenas of 512.0 MB": rooms that differ are not spoken of. */
export function roomWords(map: ArenaMap, sizeWords: (bytes: number) => string): string {
  const [first] = map.sizes
  const words = first === undefined ? '' : sizeWords(first)
  const isAlike = words !== '' && map.sizes.every((one) => sizeWords(one) === words)
  return isAlike ? `${count(map.names.length)} of ${words}` : counted(map.names.length, 'arena')
}
