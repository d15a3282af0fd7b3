// The arenas of one partition of the source as a wrcmd is judged by them, and which partition of a source a wrcmd means.

import type { ArenaMap, MappedArena } from '../bookkeeping/wrcmd-check.ts'
import type { ArenaPartition } from '../venti/arena/arena-partition.ts'
import type { ArenaView, SourceView } from './source-view.ts'

/** From a quick look: heads are not read, so what is wrong with them is not known. */
export function mappedArena({ name, entry, partition, arena, damage }: ArenaView): MappedArena {
  return {
    name,
    start: entry.start,
    stop: entry.stop,
    dataBase: entry.start + partition.header.blockSize,
    used: arena?.counted?.used ?? null,
    full: arena?.counted?.sealed === true,
    problem: arena === null ? (damage[0]?.detail ?? 'it is not in the partition') : null,
  }
}

export function arenaMapOf(views: readonly ArenaView[], partition: ArenaPartition): ArenaMap {
  return { partition: partition.source.name, arenas: views.map(mappedArena) }
}

/** In fill order. */
export function viewsOf(view: SourceView, partition: ArenaPartition): readonly ArenaView[] {
  return view.arenas.filter((one) => one.partition === partition)
}

/** sdE0/arenas, disk.img:arenas, arenas:0x1000-0x2000: arenas. */
function lastElement(path: string): string {
  const plain = path.replace(/:(0x[0-9a-f]+|\d+)[kmgt]?-((0x[0-9a-f]+|\d+)[kmgt]?)?$/i, '')
  return plain.slice(Math.max(plain.lastIndexOf('/'), plain.lastIndexOf('\\'), plain.lastIndexOf(':')) + 1)
}

/**
 * The partition a wrcmd means by its path: the only one, whatever it is called there; else the one that the source's own
 * configuration calls so, or the only one whose name ends alike. Null when that does not decide it.
 */
export function partitionOf(view: SourceView, command: { readonly partition: string }): ArenaPartition | null {
  const { partitions, opened } = view
  if (partitions.length === 1) return partitions[0] as ArenaPartition
  const configured = opened.config?.arenas ?? []
  if (configured.length === partitions.length) {
    const named = partitions.filter((_, index) => configured[index] === command.partition)
    if (named.length === 1) return named[0] as ArenaPartition
  }
  const wanted = lastElement(command.partition)
  const alike = partitions.filter((partition) => lastElement(partition.source.name) === wanted)
  return alike.length === 1 ? (alike[0] as ArenaPartition) : null
}
