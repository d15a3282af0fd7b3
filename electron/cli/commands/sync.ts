// venti-mirror sync: brings every target up to date with the source, or says what that would send. The work is the
// engine's (engine/sync/job.ts); here the words of the command line become its options and its result becomes a report.

import { homedir } from 'node:os'
import { exitStatusOf, verifiedStatusOf } from '../../../shared/model/run.ts'
import { runSync } from '../../engine/sync/job.ts'
import { planSync } from '../../engine/sync/plan-sync.ts'
import type { SyncOptions } from '../../engine/sync/prepare.ts'
import { syncAndVerify } from '../../engine/verify/sync-and-verify.ts'
import { defaultStateDir } from '../../platform/paths.ts'
import type { SyncCommand } from '../args.ts'
import type { CommandContext, ExitStatus } from '../context.ts'
import { progressLines } from '../progress-lines.ts'
import { planLines, planStatus, syncLines, verifiedLines, waitedLines } from '../sync-summary.ts'
import { verifyProgress } from '../verify-text.ts'

export function stateDirOf(given: string | null, { environment }: CommandContext): string {
  return given ?? defaultStateDir({ platform: process.platform, environment, home: homedir() })
}

export function syncOptions(command: SyncCommand, context: CommandContext): SyncOptions {
  const { timeoutMs } = command
  return {
    source: command.source,
    targets: command.targets,
    stateDir: stateDirOf(command.stateDir, context),
    audit: command.audit,
    ...(command.mirrorName === null ? {} : { mirrorName: command.mirrorName }),
    ...(command.sourceVenti === null ? {} : { sourceVenti: command.sourceVenti }),
    ...(command.sourceHttp === null ? {} : { sourceHttp: command.sourceHttp }),
    flushSource: command.flushSource,
    ...(command.ninefat === undefined ? {} : { ninefat: command.ninefat }),
    ...(command.fossil === null ? {} : { fossil: command.fossil }),
    ...(command.limitBytesPerSecond === null ? {} : { limitBytesPerSecond: command.limitBytesPerSecond }),
    ...(command.checkpointMs === null ? {} : { checkpointMs: command.checkpointMs }),
    ...(timeoutMs === null ? {} : { connectTimeoutMs: timeoutMs, replyTimeoutMs: timeoutMs }),
    environment: context.environment,
    signal: context.signal,
    onProgress: (snapshot) => context.report.progress(progressLines(snapshot)),
    onNote: (line) => context.report.note(line),
  }
}

export async function runSyncCommand(command: SyncCommand, context: CommandContext): Promise<ExitStatus> {
  const { report } = context
  const options = syncOptions(command, context)
  if (command.dryRun) {
    const plan = await planSync(options)
    report.document(plan)
    report.lines(planLines(plan))
    return planStatus(plan)
  }
  if (command.verify) {
    const result = await syncAndVerify({
      ...options,
      ...(command.waitMs === null ? {} : { waitMs: command.waitMs }),
      onVerifyProgress: (snapshot) => report.progress(verifyProgress(snapshot)),
    })
    report.document(result)
    report.lines([...syncLines(result), ...waitedLines(result), ...verifiedLines(result.verified)])
    return verifiedStatusOf(result)
  }
  const result = await runSync(options)
  report.document(result)
  report.lines(syncLines(result))
  return exitStatusOf(result)
}
