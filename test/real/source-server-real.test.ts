// The original server as the source's own: blocks that are only in its memory are counted, flushed and sent.

import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { connectVenti } from '../../electron/engine/venti/client/client.ts'
import { parseDial } from '../../electron/engine/venti/client/dial.ts'
import { sha1 } from '../../electron/engine/hash/sha1.ts'
import type { SyncOptions } from '../../electron/engine/sync/prepare.ts'
import { startFakeVenti, type FakeVenti } from '../helpers/fake-venti.ts'
import { realVenti, type VentiServer } from '../helpers/real-venti.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { noise } from '../helpers/store-calls.ts'
import { syncIn, type Ran } from '../helpers/sync-runs.ts'

const venti = realVenti()
const dataType = 13

/** Writes blocks and asks for no sync: the server keeps them in memory for up to two minutes. */
async function writeBlocks(server: VentiServer, from: number, count: number): Promise<void> {
  const client = await connectVenti(parseDial(server.dial))
  try {
    const written = Array.from({ length: count }, async (_, index) => {
      const data = noise(from + index, 4000)
      await new Promise<void>((resolve, reject) =>
        client.write(dataType, data, sha1(data), (error) => (error === null ? resolve() : reject(error))),
      )
    })
    await Promise.all(written)
  } finally {
    await client.close()
  }
}

async function fake(): Promise<FakeVenti> {
  const target = await startFakeVenti()
  onTestFinished(() => target.close())
  return target
}

describe.skipIf(venti === null)('the real server as the source', () => {
  const real = venti!

  async function source(): Promise<{
    readonly server: VentiServer
    readonly folder: string
    readonly run: (target: FakeVenti, options: Partial<SyncOptions>) => Promise<Ran>
  }> {
    const folder = await scratchDir()
    const server = await real.start(folder)
    onTestFinished(() => server.stop())
    const sourceHttp = `127.0.0.1:${server.httpPort}`
    const run = async (target: FakeVenti, options: Partial<SyncOptions>): Promise<Ran> =>
      await syncIn(folder, join(folder, 'arenas'), [target], { sourceHttp, ...options })
    return { server, folder, run }
  }

  test('blocks in memory are counted and named, flushed on request, and sent', async () => {
    const { server, run } = await source()
    const target = await fake()
    await writeBlocks(server, 1, 30)
    const before = await run(target, {})
    expect(before.result.sourceServer).toMatchObject({ foundInMemory: 30, onlyInMemory: 30, flushed: false })
    expect(before.result.warnings.join()).toContain('30 blocks are still only in the memory')
    expect(target.blocks.size).toBe(0)

    const flushed = await run(target, { flushSource: true })
    expect({ exit: flushed.exit, sent: flushed.target.sent }).toEqual({ exit: 0, sent: 30 })
    expect(flushed.result.sourceServer).toMatchObject({
      arenas: [{ name: 'arenas0', serverClumps: 30, diskClumps: 30 }],
      foundInMemory: 30,
      onlyInMemory: 0,
      flushed: true,
    })
    expect(flushed.result.warnings).toEqual([])
  })

  test('a sync over the protocol brings them to disk as well', async () => {
    const { server, run } = await source()
    const target = await fake()
    await writeBlocks(server, 100, 25)
    const { result, exit } = await run(target, { sourceVenti: server.dial })
    expect({ exit, blocks: target.blocks.size, server: result.sourceServer }).toMatchObject({
      exit: 0,
      blocks: 25,
      server: { synced: true, flushed: false, foundInMemory: 25, onlyInMemory: 0 },
    })
    // Behind what is on disk already, the next ones are counted alone.
    await writeBlocks(server, 200, 7)
    expect((await run(target, {})).result.sourceServer).toMatchObject({ foundInMemory: 7, onlyInMemory: 7 })
  })

  test('of a copy of the partition it is the server no longer, as far as its counters tell', async () => {
    const { server, folder, run } = await source()
    await writeBlocks(server, 300, 5)
    await run(await fake(), { flushSource: true })
    const copy = join(folder, 'copy')
    await copyFile(join(folder, 'arenas'), copy)
    await writeBlocks(server, 400, 4)
    const sourceHttp = `127.0.0.1:${server.httpPort}`
    const options = { sourceHttp, flushSource: true, flushWaitMs: 200, mirrorName: 'copy' }
    const { result } = await syncIn(folder, copy, [await fake()], options)
    expect(result.sourceServer).toMatchObject({ foundInMemory: 4, onlyInMemory: 4, flushed: true })
    expect(result.warnings.join()).toContain('though it was asked to write')
  })
})
