// Walks an edit of a 9fat backwards. Between two of its flushes any subset of the writes may have reached the disk, and each
// of those states is valid (R6, plan9-disks.md 3.6); undoing flush by flush in reverse passes through exactly the same
// states, so it is as safe as the edit was. That is why a backup keeps every step and not only the first and last content.

import { AppError } from '../../../shared/errors.ts'
import { hexNumber } from '../bytes/hex.ts'
import { sectorsOf, sha256, type BackupStep, type BackupWrite } from './backup.ts'
import type { EditStep } from './edit.ts'

/** The writes between two flushes. */
type Stage = readonly BackupWrite[]

function stagesOf(steps: readonly BackupStep[]): readonly Stage[] {
  const stages: BackupWrite[][] = [[]]
  for (const step of steps) {
    if (step.kind === 'flush') stages.push([])
    else stages.at(-1)!.push(step)
  }
  return stages.filter((stage) => stage.length > 0)
}

/** Hash of each sector when the first `count` stages are wholly on the disk. */
function hashesAfter(stages: readonly Stage[], count: number): Map<number, string> {
  const hashes = new Map<number, string>()
  for (const stage of stages.toReversed())
    for (const write of stage.toReversed()) hashes.set(write.sector, sha256(write.before))
  for (const stage of stages.slice(0, count)) for (const write of stage) hashes.set(write.sector, write.afterSha256)
  return hashes
}

/**
 * How many stages are wholly on the disk, when it is in a state that this edit can have left, finished or not; null when
 * it is not. Of several answers the lowest: the sectors are the same, and fewer writes are undone.
 */
function stagesDone(stages: readonly Stage[], now: ReadonlyMap<number, string>): number | null {
  for (let done = 0; done <= stages.length; done++) {
    const settled = hashesAfter(stages, done)
    const inFlight = stages[done] ?? []
    const fits = [...now].every(
      ([sector, hash]) =>
        settled.get(sector) === hash || inFlight.some((write) => write.sector === sector && write.afterSha256 === hash),
    )
    if (fits) return done
  }
  return null
}

function describeForeign(stages: readonly Stage[], now: ReadonlyMap<number, string>): string {
  const all = stages.flat()
  const foreign = [...now].filter(
    ([sector, hash]) =>
      !all.some((write) => write.sector === sector && (write.afterSha256 === hash || sha256(write.before) === hash)),
  )
  if (foreign.length === 0) return 'its sectors are from different stages of the edit'
  const shown = foreign.slice(0, 4).map(([sector]) => {
    const { what } = all.find((write) => write.sector === sector)!
    return `sector ${hexNumber(sector)} (${what})`
  })
  const more = foreign.length > shown.length ? ` and ${foreign.length - shown.length} more` : ''
  return `${shown.join(', ')}${more} hold${foreign.length === 1 ? 's' : ''} neither what was there before the edit nor what it wrote`
}

/**
 * Steps that put every sector back; empty when all are as before. `current` holds every sector the edit wrote, as it is
 * now. Rejects with `changed-9fat` when somebody else changed one since, unless `force`: then every sector is set back
 * all the same, and nothing is promised of the states on the way.
 */
export function planUndo(
  steps: readonly BackupStep[],
  current: ReadonlyMap<number, Uint8Array>,
  { force = false, name = 'the volume' }: { readonly force?: boolean; readonly name?: string } = {},
): readonly EditStep[] {
  const stages = stagesOf(steps)
  const content = new Map(sectorsOf(steps).map((sector) => [sector, current.get(sector)!] as const))
  const now = new Map([...content].map(([sector, bytes]) => [sector, sha256(bytes)] as const))
  const done = stagesDone(stages, now)
  if (done === null && !force) {
    throw new AppError(
      'changed-9fat',
      `${name}: this edit cannot be undone by itself: ${describeForeign(stages, now)}`,
      {
        data: {
          next: 'Undo newer edits first ("wrcmd restore --list" shows them), or see who else writes to this 9fat.',
        },
      },
    )
  }
  const undo: EditStep[] = []
  // The stage after the last whole one may be there in part.
  for (const stage of stages.slice(0, (done ?? stages.length) + 1).toReversed()) {
    const writes: EditStep[] = []
    for (const write of stage.toReversed()) {
      const first = stage.find(({ sector }) => sector === write.sector)!
      if (Buffer.compare(content.get(write.sector)!, first.before) === 0) continue
      content.set(write.sector, first.before)
      writes.push({ kind: 'write', sector: write.sector, bytes: first.before, what: write.what })
    }
    if (writes.length > 0) undo.push(...writes, { kind: 'flush' })
  }
  return undo
}
