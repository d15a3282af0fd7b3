// Verifying on the original server: counts, probes as it answers them, and a block that it knows and has lost.

import { describe, expect, onTestFinished, test } from 'vitest'
import { healthyPartition } from '../helpers/fixtures.ts'
import { realVenti, type VentiServer } from '../helpers/real-venti.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { clumpLog, imageIn, syncIn } from '../helpers/sync-runs.ts'
import { checkOn, newestRoot, verifyIn } from '../helpers/verify-runs.ts'

const venti = realVenti()

describe.skipIf(venti === null)('verify on a real venti', () => {
  const real = venti!

  async function started(folder: string): Promise<VentiServer> {
    const server = await real.start(folder)
    onTestFinished(() => server.stop())
    return server
  }

  test.each(['seq-day3', 'v4-day3', 'bs32k-day3', 'fossil-venti'])('%s: exactly the reachable blocks', async (id) => {
    const folder = await scratchDir()
    const server = await started(folder)
    await syncIn(folder, await imageIn(folder, id), [server.dial])
    for (const { score, reachableBlocks: blocks } of healthyPartition(id).roots) {
      for (const depth of ['present', 'full'] as const) {
        const found = await verifyIn(folder, server.dial, score, { depth })
        expect(found).toMatchObject({ ok: true, blocks, good: blocks, warnings: [], missing: [], corrupt: [] })
      }
    }
  })

  test('an older copy lacks the newest root; the repair brings all of it', async () => {
    const folder = await scratchDir()
    const server = await started(folder)
    await syncIn(folder, await imageIn(folder, 'seq-day1'), [server.dial])
    const image = await imageIn(folder, 'seq-day3')
    const { score, blocks } = newestRoot('seq-day3')
    const before = await verifyIn(folder, server.dial, score, { source: image })
    expect(before).toMatchObject({ ok: false, missing: [{ type: 16, reason: 'not-sent-yet' }] })
    const healed = await verifyIn(folder, server.dial, score, { source: image, repair: true })
    expect(healed).toMatchObject({ ok: true, blocks, good: blocks })
    expect(await checkOn(server.dial, score, { depth: 'full' })).toMatchObject({ ok: true, blocks })
  })

  test('a score of another kind of block', async () => {
    const folder = await scratchDir()
    const server = await started(folder)
    await syncIn(folder, await imageIn(folder, 'seq-day1'), [server.dial])
    const data = clumpLog('seq-day1').find(({ type }) => type === 13)!
    await expect(checkOn(server.dial, data.score)).rejects.toMatchObject({ code: 'not-a-tree' })
    expect(await checkOn(server.dial, 'vac:' + '5'.repeat(40))).toMatchObject({ ok: false, good: 0 })
  })
})
