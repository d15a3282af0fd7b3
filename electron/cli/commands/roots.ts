// venti-mirror roots: the root scores in a rootscor, a fossil, arenas or a whole disk, masked unless asked for (R10); and
// fossil's last root recorded in a rootscor, as the script fossilize does. Nothing that is found is executed.

import { AppError } from '../../../shared/errors.ts'
import type { RootsReport } from '../../../shared/model/bookkeeping.ts'
import { appendedText, fossilizeLine, newestScoreLine } from '../../engine/bookkeeping/rootscor.ts'
import { maskScoresIn } from '../../engine/bookkeeping/wrcmd-words.ts'
import { changeNinefat, shownText, textBytes, typedText } from '../../engine/fat/ninefat.ts'
import { collectRoots, fossilInfoOf, type CollectOptions } from '../../engine/ninefat/collect-roots.ts'
import { parseDial } from '../../engine/venti/client/dial.ts'
import { RootChecker } from '../../engine/verify/root-checker.ts'
import { openTarget } from '../../engine/verify/target-store.ts'
import type { RootsCommand } from '../args.ts'
import type { CommandContext, ExitStatus } from '../context.ts'
import { rootsLines } from '../roots-text.ts'
import { verifyProgress } from '../verify-text.ts'
import { stateDirOf } from './sync.ts'

type Fields = { readonly partition: string; readonly venti: string | null }

/** What nobody named is as in the newest score line there. */
function fieldsFor(command: RootsCommand, ninefat: string, rootscor: string | null): Fields {
  const newest = newestScoreLine(rootscor ?? '')
  const partition = command.partition === null ? (newest?.partition ?? null) : typedText(command.partition)
  const venti = command.venti === null ? (newest?.venti ?? null) : typedText(command.venti)
  if (partition === null) {
    throw new AppError('usage', `--partition is missing: no line of rootscor on ${ninefat} has a fossil partition`)
  }
  if (/[ \t\r\n]/.test(partition))
    throw new AppError('usage', '--partition has a blank in it, which ends it in rootscor')
  if (venti !== null && /[\r\n]/.test(venti)) throw new AppError('usage', '--venti has a newline in it')
  return { partition, venti }
}

async function append(
  command: RootsCommand,
  ninefat: string,
  context: CommandContext,
): Promise<RootsReport['appended']> {
  const { last, isEmpty } = await fossilInfoOf(command.source)
  if (isEmpty) {
    throw new AppError(
      'no-root',
      `${command.source}: this fossil was never archived: its last score is that of nothing`,
    )
  }
  let line = ''
  const { backup } = await changeNinefat(
    ninefat,
    ({ rootscor }) => {
      const { partition, venti } = fieldsFor(command, ninefat, rootscor.text)
      line = fossilizeLine(last, partition, venti)
      return [{ kind: 'append', name: 'rootscor', content: textBytes(appendedText(rootscor.text, [line])) }]
    },
    { stateDir: stateDirOf(command.stateDir, context), now: context.now(), signal: context.signal },
  )
  const text = shownText(line)
  return { path: ninefat, line: command.showScores ? text : maskScoresIn(text), backup }
}

type OnTarget = Pick<CollectOptions, 'onTarget'>

/** `work` is given what asks the venti of --at, and nothing without one. */
async function withRootChecker<T>(
  { at, timeoutMs }: RootsCommand,
  { environment, signal, report }: CommandContext,
  work: (onTarget: OnTarget) => Promise<T>,
): Promise<T> {
  if (at === null) return await work({})
  const timeouts = timeoutMs === null ? {} : { connectTimeoutMs: timeoutMs, replyTimeoutMs: timeoutMs }
  const onNote = (line: string): void => report.note(line)
  const target = await openTarget(parseDial(at, environment), { signal, onNote, ...timeouts })
  const checker = new RootChecker(target, {
    signal,
    onProgress: (snapshot, root, number) => report.progress([`root ${number}, ${root}`, ...verifyProgress(snapshot)]),
  })
  try {
    return await work({ onTarget: async (root) => await checker.check(root) })
  } finally {
    await target.close()
  }
}

/** Rejects with what reading each kind rejects with, no-root, usage, and what changing a 9fat does. */
export async function runRoots(command: RootsCommand, context: CommandContext): Promise<ExitStatus> {
  const { source, showScores, appendTo } = command
  const found = await withRootChecker(command, context, async (onTarget) => {
    return await collectRoots(source, { showScores, signal: context.signal, ...onTarget })
  })
  context.report.clearProgress()
  if (appendTo !== null && found.kind !== 'fossil') {
    throw new AppError('usage', `--append-to records the last root of a fossil; ${source} is none`)
  }
  const appended = appendTo === null ? null : await append(command, appendTo, context)
  const report: RootsReport = { path: source, ...found, appended }
  context.report.document(report)
  context.report.lines(rootsLines(report))
  const isWhole = report.roots.every(({ onTarget }) => onTarget === null || onTarget.complete)
  return report.problems.length > 0 || !isWhole ? 3 : 0
}
