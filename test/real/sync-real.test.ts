// Syncing to and beside the original server: what arrives there is judged by its own tools, and by reading every block
// back from it.

import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { runSync } from '../../electron/engine/sync/job.ts'
import { connectVenti } from '../../electron/engine/venti/client/client.ts'
import { parseDial } from '../../electron/engine/venti/client/dial.ts'
import type { MirrorState } from '../../shared/model/mirror.ts'
import type { Score } from '../../shared/model/score.ts'
import { buildCli, startCli, type CliProcess } from '../helpers/cli-process.ts'
import { expectedBlocks, fixture, treeManifest } from '../helpers/fixtures.ts'
import { realVenti, type RealVenti, type VentiServer } from '../helpers/real-venti.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { clumpLog, cursorsIn, imageIn, promisedBy, stateDirIn, stateFiles, syncIn } from '../helpers/sync-runs.ts'

const venti = realVenti()
const noMirror: Pick<MirrorState, 'targets'> = { targets: [] }

/** Reads every block of an image's list back from a server; the client checks each against its score. */
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

async function expectNewestTree(real: RealVenti, server: VentiServer, id: string, into: string): Promise<void> {
  const root = fixture(id).expected.roots!.at(-1)!
  const { entries, under } = treeManifest(root.tree!)
  await mkdir(into)
  expect(await real.restoreTree(server.dial, root.score, into, under)).toEqual(entries)
}

describe.skipIf(venti === null)('sync and a real venti', () => {
  const real = venti!

  test('three days arrive one after the other, and unvac gives the files back', async () => {
    const folder = await scratchDir()
    const server = await real.start(folder)
    onTestFinished(() => server.stop())
    const sent: number[] = []
    for (const id of ['seq-day1', 'seq-day2', 'seq-day3', 'seq-day3']) {
      const { result, exit, target } = await syncIn(folder, await imageIn(folder, id), [server.dial])
      expect({ exit, error: target.error, damage: result.damage }).toEqual({ exit: 0, error: null, damage: [] })
      sent.push(target.sent)
    }
    expect(sent).toEqual([275, 86, 590, 0])
    await expectEveryBlock(server, 'seq-day3')
    await expectNewestTree(real, server, 'seq-day3', join(folder, 'tree'))
  })

  test.each(['v4-day3', 'bs32k-day3', 'fossil-venti'])('%s arrives whole', async (id) => {
    const folder = await scratchDir()
    const server = await real.start(folder)
    onTestFinished(() => server.stop())
    expect((await syncIn(folder, await imageIn(folder, id), [server.dial])).exit).toBe(0)
    await expectNewestTree(real, server, id, join(folder, 'tree'))
  })

  test('a target that has everything already is asked and sent nothing', async () => {
    const folder = await scratchDir()
    const server = await real.start(folder)
    onTestFinished(() => server.stop())
    const image = await imageIn(folder, 'seq-day3')
    await real.runOk('wrarena', ['-h', server.dial, '-o', '794624', image])
    await real.runOk('sync', ['-h', server.dial])
    const { exit, target } = await syncIn(folder, image, [server.dial])
    expect({ exit, sent: target.sent, present: target.present, bytes: target.bytesSent }).toEqual({
      exit: 0,
      sent: 0,
      present: 951,
      bytes: 0,
    })
  })

  test('killed in the middle of a copy and started again: the copy goes on and everything is there', async () => {
    const folder = await scratchDir()
    const server = await real.start(folder)
    onTestFinished(() => server.stop())
    const image = await imageIn(folder, 'seq-day3')
    const killed: Promise<void>[] = []
    const result = await runSync({
      source: image,
      targets: [server.dial],
      stateDir: stateDirIn(folder),
      environment: {},
      limitBytesPerSecond: 4 * 2 ** 20,
      checkpointMs: 100,
      // Six tries in nine seconds: a loaded machine needs some of them to start the server.
      retryPauseMs: 300,
      onProgress: ({ targets }) => {
        if (killed.length > 0 || (targets[0]?.blocksDone ?? 0) < 300) return
        killed.push(server.kill().then(async () => await server.run()))
      },
    })
    expect(killed.length).toBe(1)
    await Promise.all(killed)
    expect(result.targets[0]).toMatchObject({ ok: true, error: null })
    await expectEveryBlock(server, 'seq-day3')
    await expectNewestTree(real, server, 'seq-day3', join(folder, 'tree'))
  })

  test('killed ten times, and the program with it or without: never a promise it did not keep (R2, R3)', async () => {
    await buildCli()
    const folder = await scratchDir()
    const server = await real.start(folder)
    onTestFinished(() => server.stop())
    const image = await imageIn(folder, 'seq-day3')
    const log = clumpLog('seq-day3')
    const place = ['sync', image, '--to', server.dial, '--state', stateDirIn(folder), '--timeout', '10']
    const start = (): CliProcess => startCli([...place, '--limit', '2m', '--checkpoint', '0.1'])
    let sync = start()
    onTestFinished(async () => void (await sync.kill()))
    let promises = 0
    for (let round = 0; round < 10; round++) {
      // The instant of a kill has to be random; half of them follow a saved cursor, because half a second may be no more
      // than a start-up.
      const saved = async (): Promise<string> => JSON.stringify((await stateFiles(folder))[0]?.mirror.targets ?? null)
      const before = await saved()
      while (round % 4 < 2 && !sync.isOver && (await saved()) === before) await pause(10)
      await Promise.race([sync.ended, pause(50 + Math.random() * 300)])
      await server.kill()
      const killedToo = round % 2 === 0
      if (killedToo) await sync.kill()
      const promised = promisedBy(log, cursorsIn((await stateFiles(folder))[0]?.mirror ?? noMirror, server.dial))
      await server.run()
      const client = await connectVenti(parseDial(server.dial))
      for (const { score, type, size } of promised) expect((await client.read(score, type)).length).toBe(size)
      await client.close()
      promises += promised.length
      if (killedToo || sync.isOver) sync = start()
    }
    const ended = await sync.ended
    if (ended.status !== 0) expect((await start().ended).status).toBe(0)
    expect(promises).toBeGreaterThan(200)
    await expectEveryBlock(server, 'seq-day3')
    await expectNewestTree(real, server, 'seq-day3', join(folder, 'tree'))
  }, 120_000)

  test('the partition of a running venti is read while it is written to, and its newest blocks after its flush', async () => {
    const folder = await scratchDir()
    const source = await real.start(join(await scratchDir(), '.'))
    onTestFinished(() => source.stop())
    const target = await real.start(folder)
    onTestFinished(() => target.stop())
    const partition = (await readFile(source.configuration, 'utf8')).match(/^arenas (.*)$/m)![1]!
    const written: string[] = []
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 8; i++) {
        const input = Buffer.from(`round ${round}, block ${i}, ${'text '.repeat(50 * i)}`)
        written.push((await real.runOk('write', ['-h', source.dial, '-t', '0'], { input })).stdout.trim())
      }
      const { exit, target: ran } = await syncIn(folder, partition, [target.dial], { sourceVenti: source.dial })
      expect({ exit, sent: ran.sent }).toEqual({ exit: 0, sent: 8 })
    }
    for (const score of written) await real.runOk('read', ['-h', target.dial, '-t', '0', score])
  })

  test('the server whose own partition is read is refused as a target', async () => {
    const folder = await scratchDir()
    const image = await imageIn(folder, 'seq-day3')
    const server = await real.serve(join(folder, 'venti'), image)
    onTestFinished(() => server.stop())
    const { exit, target } = await syncIn(folder, image, [server.dial])
    expect({ exit, code: target.errorCode, sent: target.sent }).toEqual({ exit: 1, code: 'target-is-source', sent: 0 })
    // A copy of the image is another partition, and its venti a proper target.
    const other = join(folder, 'other.img')
    await copyFile(image, other)
    const copied = await syncIn(join(folder, 'second'), other, [server.dial])
    expect({ exit: copied.exit, sent: copied.target.sent, present: copied.target.present }).toEqual({
      exit: 0,
      sent: 0,
      present: 951,
    })
  })
})
