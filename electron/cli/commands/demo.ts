// venti-mirror demo: the whole story on the sample partition, played and checked. Success means that every check passed.

import { asAppError, cancelledError } from '../../../shared/errors.ts'
import { countOf, formatDuration } from '../../../shared/text/format.ts'
import type { DemoCommand } from '../args.ts'
import type { CommandContext, ExitStatus } from '../context.ts'
import { openStage, type Stage } from '../demo/stage.ts'
import type { StepResult } from '../demo/step.ts'
import { Story } from '../demo/story.ts'

async function play(stage: Stage, context: CommandContext): Promise<readonly StepResult[]> {
  try {
    return await new Story(stage, context).tell()
  } catch (error) {
    throw context.signal.aborted ? cancelledError() : asAppError(error)
  } finally {
    await stage.close()
  }
}

export async function runDemo(command: DemoCommand, context: CommandContext): Promise<ExitStatus> {
  const started = performance.now()
  const stage = await openStage(command.keep, context)
  const steps = await play(stage, context)
  const durationMs = Math.round(performance.now() - started)
  const ok = steps.every((step) => step.ok)
  const { report } = context
  report.document({ ok, folder: command.keep === null ? null : stage.folder, steps, durationMs })
  const checks = steps.flatMap((step) => step.checks)
  const failed = checks.filter((check) => !check.ok).length
  const verdict = ok
    ? `all ${countOf(checks.length, 'check')} passed`
    : `${failed} of ${countOf(checks.length, 'check')} FAILED`
  report.lines(['', `${countOf(steps.length, 'step')}, ${verdict}, ${formatDuration(durationMs)}.`])
  report.lines(
    command.keep === null
      ? []
      : [`Kept in ${stage.folder}: sample.img (the source), target.img, second.img, third.img (the targets), state/.`],
  )
  return ok ? 0 : 1
}
