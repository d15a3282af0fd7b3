// The source of a mirror as it is now, or why it cannot be compared with what the mirror remembers: found as "sync NAME"
// finds it, and looked at by its heads, tails and the table only.

import { AppError } from '../../shared/errors.ts'
import type { MirrorState } from '../../shared/model/mirror.ts'
import { fileExists } from '../engine/source/any-file.ts'
import { fileOfPath } from '../engine/source/place.ts'
import { cursorProblem } from '../engine/sync/same-partition.ts'
import { inParallel, openSourceView, type SourceView } from '../engine/sync/source-view.ts'

export async function sourcePathOf({ source }: Pick<MirrorState, 'source'>): Promise<string> {
  return (await fileExists(await fileOfPath(source.spec))) ? source.spec : source.path
}

/** Rejects with wrong-partition when a cursor does not fit (R5). */
async function refuseOther(view: SourceView, mirror: MirrorState): Promise<void> {
  for (const { cursors } of mirror.targets) {
    const found = await inParallel(Object.entries(cursors), async ([name, cursor]) => {
      const arena = view.byName.get(name)
      const problem = arena === undefined ? null : await cursorProblem(arena, cursor)
      return problem === null ? null : `arena ${name}: ${problem}`
    })
    const problem = found.find((one) => one !== null)
    if (problem === undefined) continue
    throw new AppError('wrong-partition', `${view.spec} is not the partition this mirror came from: ${problem}`)
  }
}

/** Rejects with what opening a source rejects with, or wrong-partition. */
export async function withSource<T>(mirror: MirrorState, work: (view: SourceView) => Promise<T>): Promise<T> {
  const view = await openSourceView(await sourcePathOf(mirror))
  try {
    await refuseOther(view, mirror)
    return await work(view)
  } finally {
    await view.close()
  }
}
