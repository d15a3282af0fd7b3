// The demo's scene for trust: the newest root of the source is walked on the target block by block, and its files are
// restored from there alone. What must come out was counted by the real programs (sample.ts).

import { join } from 'node:path'
import { AppError } from '../../../shared/errors.ts'
import type { RootScore } from '../../../shared/model/score.ts'
import { collectRoots } from '../../engine/ninefat/collect-roots.ts'
import { extractTree } from '../../engine/extract/extract.ts'
import { ventiBlocks } from '../../engine/vac/venti-blocks.ts'
import { connectVenti } from '../../engine/venti/client/client.ts'
import { parseDial } from '../../engine/venti/client/dial.ts'
import { runVerify } from '../../engine/verify/run-verify.ts'
import type { CommandContext } from '../context.ts'
import { extractLines } from '../extract-text.ts'
import { verifyLines } from '../verify-text.ts'
import { sampleNewestRoot } from './sample.ts'
import type { Stage, Target } from './stage.ts'
import type { Step } from './step.ts'

async function newestRoot(stage: Stage, context: CommandContext): Promise<{ score: RootScore; count: number }> {
  const { roots } = await collectRoots(stage.imagePath, { showScores: true, signal: context.signal })
  const [newest] = roots
  if (newest === undefined) throw new AppError('no-root', `${stage.imagePath}: no root block in its arenas`)
  return { score: newest.score.replace('vac:', '') as RootScore, count: roots.length }
}

export async function playVerification(
  step: Step,
  stage: Stage,
  target: Target,
  context: CommandContext,
): Promise<void> {
  const { environment, signal } = context
  step.say('Root scores open whole archives. The arenas hold those of every vac that was ever finished.')
  step.command(`roots ${stage.imagePath}`)
  const { score, count } = await newestRoot(stage, context)
  step.equal('roots found in the arenas', count, sampleNewestRoot.roots)
  step.command(`verify vac:SCORE --at ${target.dial} --full`)
  const dial = parseDial(target.dial, environment)
  const result = await runVerify({ root: score, dial, depth: 'full', stateDir: stage.stateDir, environment, signal })
  step.lines(verifyLines(result))
  step.equal('the newest archive is whole on the target', result.ok, true)
  step.equal('blocks reached from its root, read back and hashed', result.good, sampleNewestRoot.blocks)

  step.say('And its files come back from the target alone.')
  const folder = join(stage.folder, 'restored')
  step.command(`extract vac:SCORE ${folder} --at ${target.dial}`)
  const store = ventiBlocks(await connectVenti(dial, { signal }))
  try {
    const restored = await extractTree(store, score, { folder, signal })
    step.lines(extractLines(restored))
    step.equal('files restored', restored.files, sampleNewestRoot.files)
    step.equal('bytes in them', restored.bytes, sampleNewestRoot.bytes)
    step.equal('files that could not be restored', restored.failed.length + restored.unlisted, 0)
  } finally {
    await store.close()
  }
}
