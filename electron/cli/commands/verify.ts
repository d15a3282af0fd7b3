// venti-mirror verify: is everything below a root score on a venti? The work is the engine's (engine/verify/run-verify.ts);
// here the words of the command line become its options and its result a report.

import { randomInt } from 'node:crypto'
import { AppError } from '../../../shared/errors.ts'
import { maxDrillSeed, type VerifyResult } from '../../../shared/model/verify.ts'
import { runVerify } from '../../engine/verify/run-verify.ts'
import { parseDial } from '../../engine/venti/client/dial.ts'
import type { VerifyCommand } from '../args.ts'
import type { CommandContext, ExitStatus } from '../context.ts'
import { resolveScorePlace } from '../score-place.ts'
import { verifyLines, verifyProgress } from '../verify-text.ts'
import { stateDirOf } from './sync.ts'

export function verifyStatus(result: VerifyResult): ExitStatus {
  if (result.cancelled) return 1
  return result.ok ? 0 : 3
}

export async function runVerifyCommand(command: VerifyCommand, context: CommandContext): Promise<ExitStatus> {
  const { report, environment, signal, now } = context
  const { timeoutMs } = command
  const dial = parseDial(command.at, environment)
  const { root, path } = await resolveScorePlace(command.place)
  if (path !== '/') {
    throw new AppError('usage', 'verify checks a whole archive: give its score without a path behind it')
  }
  const result = await runVerify({
    root,
    dial,
    depth: command.full ? 'full' : 'present',
    source: command.source,
    sourceVenti: command.sourceVenti,
    repair: command.repair,
    waitMs: command.waitMs ?? 0,
    drill: command.drill === null ? null : { files: command.drill, seed: command.seed ?? randomInt(maxDrillSeed + 1) },
    stateDir: stateDirOf(command.stateDir, context),
    fromStart: command.fromStart,
    showScores: command.showScores,
    connection: timeoutMs === null ? {} : { connectTimeoutMs: timeoutMs, replyTimeoutMs: timeoutMs },
    environment,
    signal,
    now,
    onProgress: (snapshot) => report.progress(verifyProgress(snapshot)),
    onNote: (line) => report.note(line),
  })
  report.clearProgress()
  report.document(result)
  report.lines(verifyLines(result))
  return verifyStatus(result)
}
