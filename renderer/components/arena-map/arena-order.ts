// Which arenas the list shows, in which order: indices into the map. Pure.

import type { ArenaState } from '../../../shared/model/arena.ts'
import type { ArenaMap } from '../../../shared/model/window.ts'
import { fillOf, isBehind, type LiveCursors } from './arena-view.ts'

export const sortColumns = ['arena', 'state', 'fill', 'blocks'] as const
export type SortColumn = (typeof sortColumns)[number]
export type Sort = { readonly column: SortColumn; readonly isDescending: boolean }

/** `behind`: some target lacks something of it. */
export const arenaFilters = ['all', 'active', 'full', 'empty', 'behind', 'damaged'] as const
export type ArenaFilter = (typeof arenaFilters)[number]

const stateOrder: readonly ArenaState[] = ['active', 'full, seal pending', 'sealed', 'empty']

export function arenaOrder(
  map: ArenaMap,
  live: LiveCursors,
  { name, filter, sort }: { readonly name: string; readonly filter: ArenaFilter; readonly sort: Sort },
): readonly number[] {
  const wanted = name.trim().toLowerCase()
  const found: number[] = []
  for (let index = 0; index < map.names.length; index++) {
    if (wanted !== '' && !(map.names[index] as string).toLowerCase().includes(wanted)) continue
    if (passes(map, live, filter, index)) found.push(index)
  }
  const keyOf = keys[sort.column]
  const sign = sort.isDescending ? -1 : 1
  // Arenas that are alike stay in the order of the partition.
  return found.toSorted((one, other) => sign * (keyOf(map, one) - keyOf(map, other)) || one - other)
}

const keys: Readonly<Record<SortColumn, (map: ArenaMap, index: number) => number>> = {
  arena: (_map, index) => index,
  state: (map, index) => stateOrder.indexOf(map.states[index] as ArenaState),
  fill: fillOf,
  blocks: (map, index) => map.clumps[index] ?? 0,
}

function passes(map: ArenaMap, live: LiveCursors, filter: ArenaFilter, index: number): boolean {
  const state = map.states[index]
  switch (filter) {
    case 'all':
      return true
    case 'active':
      return state === 'active'
    case 'full':
      return state === 'sealed' || state === 'full, seal pending'
    case 'empty':
      return state === 'empty'
    case 'behind':
      return isBehind(map, live, index)
    case 'damaged':
      return (map.damage[index] ?? 0) > 0
  }
}
