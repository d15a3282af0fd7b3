// venti-mirror recover: how to bring an archive back from a venti, said only after all of it was read back from there. The
// day the source is lost nothing less proves that it can be done.

import { AppError } from '../../../shared/errors.ts'
import type { RecoverResult } from '../../../shared/model/recover.ts'
import { recoverCommands } from '../../engine/verify/recover-commands.ts'
import { restoreWayOf } from '../../engine/verify/restore-way.ts'
import { runVerify } from '../../engine/verify/run-verify.ts'
import { parseDial } from '../../engine/venti/client/dial.ts'
import type { RecoverCommand } from '../args.ts'
import type { CommandContext, ExitStatus } from '../context.ts'
import { recoverLines } from '../recover-text.ts'
import { resolveScorePlace } from '../score-place.ts'
import { withTreePlace } from '../tree-store.ts'
import { verifyProgress } from '../verify-text.ts'
import { stateDirOf } from './sync.ts'
import { verifyStatus } from './verify.ts'

async function recover(command: RecoverCommand, context: CommandContext): Promise<RecoverResult> {
  const { report, environment, signal, now } = context
  const { timeoutMs, place, at } = command
  const dial = parseDial(at, environment)
  const { root, path } = await resolveScorePlace(place)
  if (path !== '/') {
    throw new AppError('usage', 'recover is for a whole archive: give its score without a path behind it')
  }
  const verified = await runVerify({
    root,
    dial,
    depth: 'full',
    stateDir: stateDirOf(command.stateDir, context),
    connection: timeoutMs === null ? {} : { connectTimeoutMs: timeoutMs, replyTimeoutMs: timeoutMs },
    environment,
    signal,
    now,
    onProgress: (snapshot) => report.progress(verifyProgress(snapshot)),
    onNote: (line) => report.note(line),
  })
  if (!verified.ok) return { verified, way: null, commands: null }
  const way = await withTreePlace({ place, at, timeoutMs }, context, ({ store }) => restoreWayOf(store, root))
  return { verified, way, commands: recoverCommands(root, dial, way) }
}

export async function runRecover(command: RecoverCommand, context: CommandContext): Promise<ExitStatus> {
  const { report } = context
  const result = await recover(command, context)
  report.clearProgress()
  report.document(result)
  report.lines(recoverLines(result))
  return verifyStatus(result.verified)
}
