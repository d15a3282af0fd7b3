// venti-mirror cat: the bytes of one file of an archive, as they are; as slow as whoever reads them.

import { cancelledError } from '../../../shared/errors.ts'
import { openTree } from '../../engine/vac/tree.ts'
import type { CatCommand } from '../args.ts'
import type { CommandContext, ExitStatus } from '../context.ts'
import { withTreePlace } from '../tree-store.ts'

/** Rejects with what opening and reading a tree reject with; what was written before is right. */
export async function runCat(command: CatCommand, context: CommandContext): Promise<ExitStatus> {
  const { report, signal } = context
  await withTreePlace(command, context, async ({ store, root, path }) => {
    const tree = await openTree(store, root, { signal })
    for await (const bytes of tree.readFile(await tree.lookup(path))) {
      await report.bytes(bytes, signal)
      if (report.isClosed) return
      if (signal.aborted) throw cancelledError()
    }
  })
  return 0
}
