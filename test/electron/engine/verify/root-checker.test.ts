// Many roots on one target: what each lacks, as walking it alone says, without asking for what they share more than once.

import fc from 'fast-check'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { verifyTree } from '../../../../electron/engine/verify/check.ts'
import { RootChecker } from '../../../../electron/engine/verify/root-checker.ts'
import { openTarget, type TargetStore } from '../../../../electron/engine/verify/target-store.ts'
import type { RootOnTarget } from '../../../../shared/model/bookkeeping.ts'
import type { RootScore } from '../../../../shared/model/score.ts'
import { startFakeVenti, type BlockKey, type FakeVenti } from '../../../helpers/fake-venti.ts'
import { VacBuilder, type NodePlan } from '../../../helpers/vac-builder.ts'

const days = 6
const filesADay = 40
let venti: FakeVenti
let target: TargetStore
/** Newest first. */
let roots: readonly RootScore[]
let blocksOf: ReadonlyMap<RootScore, ReadonlySet<string>>

const textFile = (name: string, text: string): NodePlan => ({ name, data: Buffer.from(text) })

/** Each day holds all earlier ones, as a fossil's archives do. */
beforeEach(async () => {
  const builder = new VacBuilder()
  const kept: NodePlan[] = []
  const made: RootScore[] = []
  for (let day = 0; day < days; day++) {
    const files = Array.from({ length: filesADay }, (_, i) => textFile(`f${i}`, `day ${day}, file ${i}, and more`))
    kept.push({ name: `day${day}`, children: [...files, { name: 'deep', children: [textFile('x', `deep ${day}`)] }] })
    made.unshift(builder.archive([...kept]))
  }
  roots = made
  venti = await startFakeVenti()
  for (const [key, data] of builder.store.blocks) venti.blocks.set(key as BlockKey, data)
  target = await openTarget(venti.dial)
  onTestFinished(async () => {
    await target.close()
    await venti.close()
  })
  const reached = new Map<RootScore, ReadonlySet<string>>()
  for (const root of roots) {
    const asked = new Set<string>()
    const { store } = builder
    const watched = {
      name: 'watched',
      read: async (...args: Parameters<typeof store.read>) => {
        asked.add(`${args[0]}/${args[1]}`)
        return await store.read(...args)
      },
      close: async () => undefined,
    }
    await verifyTree(watched, root, { depth: 'full' })
    reached.set(root, asked)
  }
  blocksOf = reached
})

const checked = async (order: readonly RootScore[] = roots): Promise<(RootOnTarget | null)[]> => {
  const checker = new RootChecker(target)
  const results: (RootOnTarget | null)[] = []
  for (const root of order) results.push(await checker.check(root))
  return results
}

const whole: RootOnTarget = { complete: true, missing: 0, corrupt: 0, isKnownBelow: true, problem: null }

test('all whole: what they share is asked for once', async () => {
  const before = venti.counters.probes + venti.counters.reads
  expect(await checked()).toEqual(roots.map(() => whole))
  const asked = venti.counters.probes + venti.counters.reads - before
  expect(asked).toBeLessThan(venti.blocks.size * 1.1 + 10)
  const alone = [...blocksOf.values()].reduce((sum, blocks) => sum + blocks.size, 0)
  expect(alone).toBeGreaterThan(2 * venti.blocks.size)
})

test('the same root is not walked again', async () => {
  const checker = new RootChecker(target)
  const [root] = roots as [RootScore]
  await checker.check(root)
  const before = venti.counters.requests
  expect(await checker.check(root)).toEqual(whole)
  expect(venti.counters.requests).toBe(before)
})

describe('as walking each alone says', () => {
  test('for any blocks missing, in any order', async () => {
    const keys = [...venti.blocks.keys()]
    const all = new Map(venti.blocks)
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(keys.length - 1), { maxLength: 4 }),
        fc.shuffledSubarray([...roots], { minLength: days }),
        async (missing, order) => {
          for (const [key, data] of all) venti.blocks.set(key, data)
          for (const index of missing) venti.blocks.delete(keys[index] as BlockKey)
          const together = await checked(order)
          for (const [i, root] of order.entries()) {
            const alone = await verifyTree(target, root, { depth: 'present' })
            expect(together[i]).toMatchObject({ complete: alone.ok, missing: alone.faults.length })
            const lacks = [...(blocksOf.get(root) ?? [])].some((key) => !venti.blocks.has(key as BlockKey))
            expect(together[i]?.complete).toBe(!lacks)
          }
        },
      ),
      { numRuns: 40 },
    )
  })
})

test('a score that is no root, and one nobody has', async () => {
  const data = [...venti.blocks.keys()].find((key) => key.endsWith('/13')) as string
  const [no, none] = await checked([data.slice(0, 40) as RootScore, 'ab'.repeat(20) as RootScore])
  expect(no).toMatchObject({
    complete: false,
    isKnownBelow: false,
    problem: expect.stringMatching(/as a block of data/),
  })
  expect(none).toMatchObject({ complete: false, missing: 1, isKnownBelow: false, problem: null })
})

test('an interruption says nothing of the root', async () => {
  const controller = new AbortController()
  controller.abort()
  expect(await new RootChecker(target, { signal: controller.signal }).check(roots[0] as RootScore)).toBeNull()
})
