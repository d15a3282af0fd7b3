// The launcher for the original server, and the fixtures seen through it: what the manifest says about a partition is what
// the real programs find in it.

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { expandFixture, fixture, healthyPartition, treeManifest, type ExpectedRoot } from '../helpers/fixtures.ts'
import { realVenti, type RealVenti, type VentiServer } from '../helpers/real-venti.ts'
import { scratchDir } from '../helpers/scratch.ts'

const venti = realVenti()

async function expectTree(real: RealVenti, server: VentiServer, root: ExpectedRoot, into: string): Promise<void> {
  const { entries, under } = treeManifest(root.tree!)
  await mkdir(into)
  expect(await real.restoreTree(server.dial, root.score, into, under)).toEqual(entries)
}

describe.skipIf(venti === null)('a real venti', () => {
  const real = venti!

  test('takes the third day from wrarena and gives the tree back', async () => {
    const folder = await scratchDir()
    const image = join(folder, 'seq-day3.img')
    await expandFixture('seq-day3', image)
    const server = await real.start(folder)
    onTestFinished(() => server.stop())
    const expected = healthyPartition('seq-day3')

    const sent = await real.runOk('wrarena', ['-h', server.dial, '-o', String(expected.arenaBase), image])
    expect(sent.stdout.split('\n').filter((line) => line.startsWith('end offset'))).toEqual(expected.realTools.wrarena)
    await real.runOk('sync', ['-h', server.dial])

    for (const [day, root] of expected.roots.entries()) await expectTree(real, server, root, join(folder, `day${day}`))
  })

  test.each(['seq-day3', 'v4-day3', 'bs32k-day3', 'fossil-venti'])('serves %s as it is', async (id) => {
    const folder = await scratchDir()
    const image = join(folder, 'image')
    await expandFixture(id, image)
    const server = await real.serve(folder, image)
    onTestFinished(() => server.stop())
    const { roots } = fixture(id).expected
    await expectTree(real, server, roots!.at(-1)!, join(folder, 'tree'))
  })

  test('keeps what was synced when it is killed, and is gone after stop', async () => {
    const folder = await scratchDir()
    const server = await real.start(folder)
    onTestFinished(() => server.stop())
    const block = Buffer.from('written before the power went')
    const { stdout } = await real.runOk('write', ['-h', server.dial, '-t', '0'], { input: block })
    await real.runOk('sync', ['-h', server.dial])
    await server.kill()
    await server.run()
    const { stdoutBytes } = await real.runOk('read', ['-h', server.dial, '-t', '0', stdout.trim()])
    expect(stdoutBytes).toEqual(block)
    await server.stop()
    expect((await real.run('sync', ['-h', server.dial])).status).not.toBe(0)
  })

  test('that cannot start says why', async () => {
    const folder = await scratchDir()
    const image = join(folder, 'image')
    await expandFixture('bad-table', image)
    await expect(real.serve(folder, image)).rejects.toThrow(/overlapping ranges in arena table/)
  })
})
