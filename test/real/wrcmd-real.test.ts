// The original wrarena and this program taking turns, as the script ventiprog has it: what wrarena sent and printed becomes
// the claim in wrcmd, is found on a real venti, taken over, and only the rest is sent.

import { describe, expect, onTestFinished, test } from 'vitest'
import { connectVenti } from '../../electron/engine/venti/client/client.ts'
import { parseDial } from '../../electron/engine/venti/client/dial.ts'
import type { Score } from '../../shared/model/score.ts'
import { day1Offset, diskIn, scriptLine, setWrcmd, textOn } from '../helpers/disk-syncs.ts'
import { expectedBlocks, healthyPartition } from '../helpers/fixtures.ts'
import { realVenti, type VentiServer } from '../helpers/real-venti.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { imageIn, syncIn } from '../helpers/sync-runs.ts'

const venti = realVenti()
const [arena0, , arena2] = healthyPartition('fossil-venti').arenas

async function expectEveryBlock(server: VentiServer, id: string): Promise<void> {
  const client = await connectVenti(parseDial(server.dial))
  try {
    for (const line of expectedBlocks(id)!) {
      const [score, type, size] = line.split('/') as [Score, string, string]
      expect((await client.read(score, Number(type))).length).toBe(Number(size))
    }
  } finally {
    await client.close()
  }
}

describe.skipIf(venti === null)('wrcmd and a real venti', () => {
  const real = venti!

  test('the first day by wrarena, the rest by a sync that takes its offset over', async () => {
    const folder = await scratchDir()
    const server = await real.start(folder)
    onTestFinished(() => server.stop())
    const day1 = await imageIn(folder, 'fossil-venti-day1', 'day1.img')
    // Of a whole partition this wrarena prints one line for each arena; "0" for the empty ones.
    const { stdout } = await real.runOk('wrarena', ['-h', server.dial, '-o', '794624', day1, '0x0'])
    expect(/^end offset (0x\w+)$/m.exec(stdout)?.[1]).toBe(`0x${day1Offset.toString(16)}`)

    const disk = await diskIn(folder, 'disk-mbr', server.dial)
    const { result, exit, target } = await syncIn(folder, disk.arenas, [server.dial], { ninefat: disk.ninefat })
    expect({ exit, error: target.error, sent: target.sent, claim: result.bookkeeping!.claim!.taken }).toEqual({
      exit: 0,
      error: null,
      sent: 545 - 287,
      claim: true,
    })
    expect(await textOn(disk, 'wrcmd')).toBe(`${scriptLine(server.dial, arena2!.start, arena2!.used)}\n`)
    await expectEveryBlock(server, 'fossil-venti')
  })

  test('an offset that nothing was sent for is not believed', async () => {
    const folder = await scratchDir()
    const server = await real.start(folder)
    onTestFinished(() => server.stop())
    const disk = await diskIn(folder, 'disk-gpt', server.dial)
    await setWrcmd(folder, disk.ninefat, `${scriptLine(server.dial, arena0!.start, arena0!.used)}\n`)
    const { result, exit, target } = await syncIn(folder, disk.arenas, [server.dial], { ninefat: disk.ninefat })
    expect({ exit, sent: target.sent, claim: result.bookkeeping!.claim!.taken }).toEqual({
      exit: 0,
      sent: 545,
      claim: false,
    })
    await expectEveryBlock(server, 'fossil-venti')
  })
})
