// The server process under write load, killed at random instants (R2, R3): whatever a sync acknowledged is there
// afterwards, every time, through rollovers and seals; and a killed server's lock does not keep the next one out.

import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectVenti, type VentiClient } from '../../../../../electron/engine/venti/client/client.ts'
import { parseDial } from '../../../../../electron/engine/venti/client/dial.ts'
import { sha1 } from '../../../../../electron/engine/hash/sha1.ts'
import { rejection } from '../../../../helpers/client-calls.ts'
import { openScratchDir, scratchDir, type ScratchDir } from '../../../../helpers/scratch.ts'
import { bundleServer, ServerProcess } from '../../../../helpers/server-process.ts'
import { loadBlock, noise, openQuiet, prose } from '../../../../helpers/store-calls.ts'
import { openStore } from '../../../../../electron/engine/venti/server/arena-store.ts'

const kills = 64
/** A store holds this many rounds of load before a new one is begun. */
const killsPerFile = 16
/** Sparse, and more than those rounds can fill on any machine. */
const sizes = { sizeBytes: 256 * 2 ** 20, arenaBytes: 2 ** 20 }

let bundleFolder: ScratchDir
let bundle: string

beforeAll(async () => {
  bundleFolder = await openScratchDir()
  bundle = await bundleServer(bundleFolder.path)
})
afterAll(() => bundleFolder.remove())

const blockOf = (seed: number): Uint8Array =>
  seed % 3 === 0 ? prose(seed, 9000) : noise(seed, 200 + ((seed * 7919) % 12_000))

/**
 * Writes block after block, a sync now and then, until the connection breaks. Returns how many blocks a sync covered;
 * `onSync` is called for each that was acknowledged.
 */
async function writeUntilKilled(
  client: VentiClient,
  first: number,
  onSync: () => void,
): Promise<{ synced: number; written: number }> {
  let next = first
  let synced = first
  let over = false
  void client.closed.then(() => (over = true))
  const syncs: Promise<void>[] = []
  while (!over) {
    while (client.hasRoom && !over) {
      const data = blockOf(next++)
      client.write(13, data, sha1(data), () => undefined)
      if (next % 40 !== 0) continue
      const covered = next
      syncs.push(
        client.sync().then(
          () => {
            synced = Math.max(synced, covered)
            onSync()
          },
          () => undefined,
        ),
      )
    }
    await new Promise<void>((resolve) => client.onRoom(resolve))
    // Sockets get their turn: nothing here may wait on microtasks alone.
    await new Promise((resolve) => setImmediate(resolve))
  }
  await Promise.all(syncs)
  return { synced, written: next }
}

/** An empty store that opens, with so many arenas. */
async function expectWhole(file: string, arenas: number): Promise<void> {
  const store = await openQuiet(file)
  expect(store.stats()).toMatchObject({ arenas, blocks: 0 })
  await store.close()
}

/** Blocks seed `from` to before `to`. */
type Promised = { readonly from: number; readonly to: number }

/** How many blocks of `promised` were read back, those in older ranges by sample. */
async function checkPromises(file: string, promised: readonly Promised[], round: number): Promise<number> {
  const store = await openStore(file, { idleFlushMs: 1e8, maxFlushDelayMs: 1e8 })
  let checked = 0
  try {
    for (const [i, { from, to }] of promised.entries()) {
      for (let seed = from; seed < to; seed++) {
        if (i < promised.length - 1 && seed % 23 !== round % 23) continue
        const data = blockOf(seed)
        const found = await loadBlock(store, sha1(data))
        if (typeof found === 'string' || Buffer.compare(found, data) !== 0) {
          throw new Error(
            `round ${round}, block ${seed} of ${from} to ${to}: ${typeof found === 'string' ? found : 'differs'}`,
          )
        }
        checked++
      }
    }
  } finally {
    await store.close()
  }
  return checked
}

test(`${kills} times killed under load, nothing synced is lost`, { timeout: 300_000 }, async () => {
  const folder = await scratchDir()
  let next = 0
  let checked = 0
  let promised: Promised[] = []
  let file = ''
  for (let round = 0; round < kills; round++) {
    if (round % killsPerFile === 0) {
      file = join(folder, `store${round}`)
      promised = []
    }
    const server = new ServerProcess(bundle, file, sizes)
    const client = await connectVenti(parseDial(`tcp!127.0.0.1!${await server.ready}`))
    let syncs = 0
    let atTwo: () => void = () => undefined
    const twoSyncs = new Promise<void>((resolve) => (atTwo = resolve))
    const working = writeUntilKilled(client, next, () => {
      if (++syncs === 2) atTwo()
    })
    // Any instant, and in every other round one that has something to lose, however slow the machine is.
    if (round % 2 === 0) await twoSyncs
    await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 130))
    await server.kill()
    const { synced, written } = await working
    promised.push({ from: next, to: synced })
    next = written
    checked += await checkPromises(file, promised, round)
  }
  // A sync comes every 40 blocks, so two of them cover more than 40 in half of the rounds.
  expect(checked).toBeGreaterThan(kills * 20)
  expect((await readdir(folder)).filter((name) => name.includes('lock'))).toEqual([])
})

test('a second process is refused while the first lives, and takes over when it was killed', async () => {
  const folder = await scratchDir()
  const file = join(folder, 'store')
  const first = new ServerProcess(bundle, file, sizes)
  await first.ready
  const refused = new RegExp(`is in use: process ${first.child.pid} on .* serves it`)
  await expect(new ServerProcess(bundle, file, sizes).ready).rejects.toThrow(refused)
  expect((await rejection(openStore(file))).code).toBe('store-locked')
  await first.kill()
  expect(await readdir(folder)).toEqual(['store', 'store.lock'])
  const second = new ServerProcess(bundle, file, sizes)
  await second.ready
  expect(await second.stop()).toBe(0)
  expect(await readdir(folder)).toEqual(['store'])
})

test(
  'of many processes started at once on the file of a killed one exactly one serves',
  { timeout: 60_000 },
  async () => {
    const folder = await scratchDir()
    const file = join(folder, 'store')
    const dead = new ServerProcess(bundle, file, sizes)
    await dead.ready
    await dead.kill()
    const servers = Array.from({ length: 6 }, () => new ServerProcess(bundle, file, sizes))
    const outcomes = await Promise.allSettled(servers.map(({ ready }) => ready))
    await Promise.all(servers.map((server) => server.stop()))
    const refusals = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => String(reason))
    expect(refusals).toHaveLength(5)
    for (const refusal of refusals) expect(refusal).toMatch(/is in use/)
  },
)

test('killed while it makes a file, it leaves the whole file or none', { timeout: 120_000 }, async () => {
  const folder = await scratchDir()
  // Thousands of heads and tails take long enough to be caught in the middle.
  const many = { sizeBytes: 4 * 2 ** 30, arenaBytes: 2 ** 20 }
  const arenas = 4095
  const file = join(folder, 'store')
  let caught = 0
  for (let round = 0; caught < 5 && round < 20; round++) {
    const server = new ServerProcess(bundle, file, many)
    // What an earlier round left is overwritten by this one: the lock tells when it has begun.
    while (!(await readdir(folder)).includes('store.lock')) await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setTimeout(resolve, (round % 5) * 10))
    await server.kill()
    const names = await readdir(folder)
    // Too late: it is there, and whole. Where starting a timer takes as long as making a file, that happens.
    if (names.includes('store')) {
      await expectWhole(file, arenas)
      await rm(file)
    } else if (names.includes('store.new')) caught++
    await rm(join(folder, 'store.lock'), { force: true })
  }
  expect(caught).toBeGreaterThan(0)
  const last = new ServerProcess(bundle, file, many)
  await last.ready
  await last.stop()
  await expectWhole(file, arenas)
  expect(await readdir(folder)).toEqual(['store'])
})
