// A long look at a target goes over a second connection as well, and whatever becomes of that one changes no answer.

import { expect, onTestFinished, test } from 'vitest'
import { openTarget, type TargetStore } from '../../../../electron/engine/verify/target-store.ts'
import { TwoLines } from '../../../../electron/engine/verify/two-lines.ts'
import { sha1 } from '../../../../electron/engine/hash/sha1.ts'
import type { Score } from '../../../../shared/model/score.ts'
import { startFakeVenti, type FakeVenti } from '../../../helpers/fake-venti.ts'

const blockCount = 300
const rounds = 20

type Scene = { readonly venti: FakeVenti; readonly lines: TwoLines; readonly scores: readonly Score[] }

async function scene(openSecond: (venti: FakeVenti) => Promise<TargetStore>): Promise<Scene> {
  const venti = await startFakeVenti()
  onTestFinished(() => venti.close())
  const scores = Array.from({ length: blockCount }, (_, n) => {
    const block = Buffer.alloc(n + 1, 7)
    const score = sha1(block)
    venti.blocks.set(`${score}/13`, block)
    return score
  })
  const first = await openTarget(venti.dial, { retryPauseMs: 1 })
  const lines = new TwoLines(first, async () => await openSecond(venti))
  onTestFinished(async () => {
    await lines.close()
    await first.close()
  })
  expect(await lines.read(scores[0] as Score, 13)).toHaveLength(1)
  return { venti, lines, scores }
}

/** Asks for all of them again and again, and for one that is not there; resolves with how many answers were wrong. */
async function wrongAnswers({ lines, scores }: Scene, between: (round: number) => void = () => undefined) {
  let wrong = 0
  const asked = (score: Score, length: number | null): Promise<void> =>
    new Promise((resolve) => {
      lines.ask(score, 13, (error, answer) => {
        if (error !== null || answer !== length) wrong++
        resolve()
      })
    })
  for (let round = 0; round < rounds; round++) {
    between(round)
    const answers = scores.map((score, n) => asked(score, n + 1))
    answers.push(asked('f'.repeat(40) as Score, null))
    const blocks = scores.slice(0, 20).map(async (score, n) => {
      if ((await lines.read(score, 13)).length !== n + 1) wrong++
    })
    await Promise.all([...answers, ...blocks])
  }
  return wrong
}

test('a short look opens no second connection, a long one does and shares the questions', async () => {
  const scored = await scene(async (venti) => await openTarget(venti.dial, { tries: 1 }))
  const { venti, lines, scores } = scored
  for (const score of scores) await lines.probe(score, 13)
  expect(venti.counters.connections).toBe(1)
  expect(await wrongAnswers(scored)).toBe(0)
  expect([venti.counters.connections, venti.connections]).toEqual([2, 2])
  await lines.close()
  await expect.poll(() => venti.connections).toBe(1)
})

test('no second connection to be had: the first does alone', async () => {
  const scored = await scene(async () => await Promise.reject(new Error('refused')))
  expect(await wrongAnswers(scored)).toBe(0)
})

test('both connections break in the middle: every answer is right all the same', async () => {
  const scored = await scene(async (venti) => await openTarget(venti.dial, { tries: 1 }))
  const { venti } = scored
  expect(await wrongAnswers(scored, (round) => round % 5 === 4 && setImmediate(() => venti.dropConnections()))).toBe(0)
  expect(venti.counters.connections).toBeGreaterThan(2)
})

test('a second connection that never answers is not opened for use', async () => {
  const silent = await startFakeVenti({ hangAfterRequests: 0 })
  onTestFinished(() => silent.close())
  const scored = await scene(async () => await openTarget(silent.dial, { tries: 1, replyTimeoutMs: 50 }))
  const { venti, lines, scores } = scored
  const ask = (score: Score): Promise<unknown> => new Promise((resolve) => lines.ask(score, 13, resolve))
  for (let n = 0; n < 2_100; n++) await ask(scores[n % blockCount] as Score)
  expect([venti.counters.connections, silent.counters.connections]).toEqual([1, 1])
})
