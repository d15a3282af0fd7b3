// venti-mirror extract: files of an archive into a folder. The work is the engine's (engine/extract/extract.ts).

import { extractTree } from '../../engine/extract/extract.ts'
import type { ExtractCommand } from '../args.ts'
import type { CommandContext, ExitStatus } from '../context.ts'
import { extractLines, extractProgressLines } from '../extract-text.ts'
import { withTreePlace } from '../tree-store.ts'

export async function runExtract(command: ExtractCommand, context: CommandContext): Promise<ExitStatus> {
  const { report, signal } = context
  const { folder, force, maxFileBytes } = command
  const result = await withTreePlace(command, context, ({ store, root, path }) =>
    extractTree(store, root, {
      path,
      folder,
      force,
      maxFileBytes,
      signal,
      onProgress: (snapshot) => report.progress(extractProgressLines(snapshot)),
    }),
  )
  report.document(result)
  report.lines(extractLines(result))
  return result.failed.length > 0 ? 3 : 0
}
