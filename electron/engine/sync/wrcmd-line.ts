// The line that a wrcmd should hold: where a script has to go on for one target, from that target's cursors. Pure.

import { asAppError } from '../../../shared/errors.ts'
import type { Cursor } from '../../../shared/model/mirror.ts'
import { newestCommandLine } from '../bookkeeping/rootscor.ts'
import { formatWrcmd, nextWrcmd, parseWrcmd } from '../bookkeeping/wrcmd.ts'
import { positionIn } from '../bookkeeping/wrcmd-check.ts'
import type { Arena } from '../venti/arena/arena.ts'
import type { ArenaPartition } from '../venti/arena/arena-partition.ts'
import type { Bookkeeping } from './bookkeeping.ts'
import { mappedArena, partitionOf, viewsOf } from './arena-map.ts'
import { cursorAt, type Cursors } from './cursor.ts'
import type { ArenaView, SourceView } from './source-view.ts'

/** Where a script has to go on so that nothing is left out: the first arena that is behind, else the end of the newest. */
export function positionFor(
  views: readonly ArenaView[],
  scanned: ReadonlyMap<string, Arena>,
  cursors: Cursors | null,
): { readonly view: ArenaView; readonly offset: number } | null {
  let newest: { view: ArenaView; offset: number } | null = null
  for (const view of views) {
    const used = (scanned.get(view.name) ?? view.arena)?.counted?.used ?? 0
    if (used === 0) continue
    const cursor: Pick<Cursor, 'offset'> | undefined =
      cursors === null ? { offset: used } : cursorAt(cursors, view.name)
    newest = { view, offset: cursor?.offset ?? 0 }
    if (newest.offset < used) return newest
  }
  return newest
}

/** tcp!host!port, the one form the script can replace the host in; null for a server that has no such address. */
const hostFor = (dial: string): string | null => (dial.startsWith('tcp!') ? dial : null)

/** A path that the machine with the wrcmd may call the partition by: as its commands did before, or its venti is configured. */
function partitionPathFor(rootscor: string | null, view: SourceView, partition: ArenaPartition): string {
  const before = rootscor === null ? null : newestCommandLine(rootscor)
  const known = before === null ? null : parseWrcmd(before).command
  if (known !== null && partitionOf(view, known) === partition) return known.partition
  const configured = view.opened.config?.arenas[view.partitions.indexOf(partition)]
  return configured ?? partition.source.name
}

type Place = Pick<Bookkeeping, 'command' | 'partition'>

/**
 * The line of its own form that stands for a target's position; null when the source holds no block yet. `cursors` null:
 * as if everything were there. Throws `bad-wrcmd` when its words allow none.
 */
export function lineFor(
  { command, partition }: Place,
  view: SourceView,
  scanned: ReadonlyMap<string, Arena>,
  cursors: Cursors | null,
): string | null {
  if (command === null || partition === null) return null
  const position = positionFor(viewsOf(view, partition), scanned, cursors)
  return position === null ? null : nextWrcmd(command, positionIn(command, mappedArena(position.view), position.offset))
}

/** A line to set by hand that names another target, or where there is none yet; null where no good one can be made. */
export function proposalFor(
  { command, partition: named }: Place,
  rootscor: string | null,
  view: SourceView,
  scanned: ReadonlyMap<string, Arena>,
  dial: string,
  cursors: Cursors | null,
): string | null {
  const host = hostFor(dial)
  const partition = named ?? (view.partitions.length === 1 ? view.partitions[0] : undefined)
  if (host === null || partition === undefined) return null
  const position = positionFor(viewsOf(view, partition), scanned, cursors)
  if (position === null) return null
  const arena = mappedArena(position.view)
  try {
    if (command !== null) return nextWrcmd(command, { ...positionIn(command, arena, position.offset), host })
    const path = partitionPathFor(rootscor, view, partition)
    return formatWrcmd({ arenaOffset: arena.start, clumpOffset: position.offset, host, partition: path })
  } catch (error) {
    if (asAppError(error).code === 'bad-wrcmd') return null
    throw error
  }
}
