// Checks of a root on a target as jobs. One that is paused, cancelled or killed leaves what it found in the state folder,
// and the next one of that root, target and depth goes on from there (verify/resume.ts).

import { AppError } from '../../shared/errors.ts'
import { maskScore } from '../../shared/model/score.ts'
import type { VerifyResult } from '../../shared/model/verify.ts'
import type { CheckResult } from '../../shared/model/window.ts'
import { parseDial } from '../engine/venti/client/dial.ts'
import { runVerify } from '../engine/verify/run-verify.ts'
import type { ServiceContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import type { JobWork } from './jobs.ts'
import { knownMirror } from './known-mirror.ts'
import { checkCommand, type CheckAsked } from './verify-commands.ts'

/** Of each kind; the window gets the picture again with every change. */
const maxListed = 1000

export function checkResultOf(result: VerifyResult): CheckResult {
  const { ok, cancelled, blocks, good, bytes, missing, corrupt, problems, repaired, warnings, durationMs } = result
  const beyond = (list: readonly unknown[]): number => Math.max(0, list.length - maxListed)
  return {
    ok,
    cancelled,
    blocks,
    good,
    bytes,
    missing: missing.slice(0, maxListed),
    corrupt: corrupt.slice(0, maxListed),
    problems: problems.slice(0, maxListed),
    unlisted: result.unlisted + beyond(missing) + beyond(corrupt) + beyond(problems),
    repaired,
    warnings,
    durationMs,
  }
}

function refuseTwice({ jobs, roots }: ServiceContext, { root, dial, depth }: CheckAsked): void {
  const id = roots.idOf(root)
  const same = jobs.views.find((one) => {
    return (
      one.kind === 'check' && one.state !== 'ended' && one.root === id && one.dial === dial.text && one.depth === depth
    )
  })
  if (same === undefined) return
  throw new AppError('usage', `this root is being checked on ${dial.text} already`, {
    data: {
      safe: 'The check that was begun goes on.',
      next: 'Watch it, resume it if it is paused, or cancel it first.',
    },
  })
}

function checkWork(context: ServiceContext, mirrorName: string, asked: CheckAsked): JobWork {
  const { stateDir, environment, now, jobs } = context
  return async (job) => {
    try {
      const result = await runVerify({
        ...asked,
        stateDir,
        environment,
        now,
        mirrorName,
        signal: job.signal,
        // A pause is no end: the check that goes on leaves the line.
        keepInterrupted: () => jobs.view(job.id).state === 'cancelling',
        onProgress: (snapshot) => job.update(snapshot),
        onNote: (line) => job.note(line),
      })
      if (result.resumed !== null) job.note(`went on with the check begun at ${result.resumed.since}`)
      return { result: checkResultOf(result), checked: result.blocks, known: result.blocks }
    } finally {
      void context.mirrorChanged(mirrorName)
    }
  }
}

export function checkHandlers(context: ServiceContext): Pick<Handlers, 'check.start'> {
  return {
    'check.start': async ({ mirror, root, dial, depth, repair }) => {
      const { source } = await knownMirror(context.stateDir, mirror)
      const score = context.roots.scoreOf(root)
      const target = parseDial(dial, context.environment)
      const asked = { root: score, dial: target, depth, source: source.spec, repair }
      refuseTwice(context, asked)
      const fields = {
        kind: 'check',
        mirror,
        command: checkCommand(asked, context),
        root,
        score: maskScore(score),
        dial: target.text,
        depth,
        repair,
        known: 0,
        checked: 0,
        faults: 0,
        blocksPerSecond: 0,
        path: '/',
        result: null,
      } as const
      return context.jobs.start(fields, checkWork(context, mirror, asked))
    },
  }
}
