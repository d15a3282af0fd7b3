// venti-mirror ls: a directory of an archive, printed while it is read; only --json holds a listing, and a bounded one.

import { maskScore } from '../../../shared/model/score.ts'
import type { ListedFile } from '../../../shared/model/listing.ts'
import type { TreeProblem } from '../../../shared/model/verify.ts'
import { listTree } from '../../engine/extract/list-tree.ts'
import { openTree } from '../../engine/vac/tree.ts'
import type { LsCommand } from '../args.ts'
import type { CommandContext, ExitStatus } from '../context.ts'
import { maxJsonEntries } from '../help.ts'
import { listedLine } from '../listed-line.ts'
import { withTreePlace } from '../tree-store.ts'

const maxListedProblems = 1_000
/** Of names and owners together. */
const maxJsonCharacters = 32 * 1024 * 1024
/** Lines written before waiting for whoever reads them. */
const linesAtOnce = 256

export async function runLs(command: LsCommand, context: CommandContext): Promise<ExitStatus> {
  const { report, signal } = context
  const { long, recursive } = command
  return await withTreePlace(command, context, async ({ store, root, path }) => {
    const tree = await openTree(store, root, { signal })
    const entries: ListedFile[] = []
    const problems: TreeProblem[] = []
    let isCut = false
    let faults = 0
    let lines = 0
    let characters = 0
    for await (const found of listTree(tree, path, { recursive })) {
      if (found.kind === 'problem') {
        faults++
        if (problems.length < maxListedProblems) problems.push(found.problem)
        if (!report.json) report.warn(`${found.problem.path}: ${found.problem.message}`)
      } else if (report.json) {
        const { path: name, uid, gid, mid } = found.entry
        characters += name.length + uid.length + gid.length + mid.length
        isCut = entries.length === maxJsonEntries || characters > maxJsonCharacters
        if (isCut) break
        entries.push(found.entry)
      } else {
        report.line(listedLine(found.entry, long))
        if (++lines % linesAtOnce === 0) await report.flush()
        if (report.isClosed) break
      }
    }
    report.document({ root: maskScore(root), path, entries, problems, isCut })
    return faults > 0 || isCut ? 3 : 0
  })
}
