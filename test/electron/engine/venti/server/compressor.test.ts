// A store whose blocks are compressed elsewhere, by a compressor that gives them back when the test says so: what was promised
// of a store that compresses at once holds all the same (R2 rests on the sync), and a connection notices nothing.

import { expect, onTestFinished, test } from 'vitest'
import { sha1 } from '../../../../../electron/engine/hash/sha1.ts'
import type { BlockCompressor, Compressed } from '../../../../../electron/engine/venti/server/block-compressor.ts'
import { openStore } from '../../../../../electron/engine/venti/server/arena-store.ts'
import { whack } from '../../../../../electron/engine/venti/format/whack.ts'
import { RawVenti, tping, tread, tsync, twrite, words } from '../../../../helpers/raw-venti.ts'
import { scratchDir } from '../../../../helpers/scratch.ts'
import { loadBlock, newStore, noise, prose, startSmall } from '../../../../helpers/store-calls.ts'

class HeldCompressor implements BlockCompressor {
  readonly most: number
  readonly held: { readonly data: Uint8Array; readonly done: Compressed }[] = []
  #waiters: (() => void)[] = []
  #arrived: (() => void)[] = []

  constructor(most = 1000) {
    this.most = most
  }

  get full(): boolean {
    return this.held.length >= this.most
  }

  room(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  compress(data: Uint8Array, done: Compressed): void {
    if (this.full) throw new Error('given more than there is room for')
    this.held.push({ data: new Uint8Array(data), done })
    for (const arrived of this.#arrived.splice(0)) arrived()
  }

  /** Resolves when so many blocks are held. */
  async has(count: number): Promise<void> {
    while (this.held.length < count) await new Promise<void>((resolve) => this.#arrived.push(resolve))
  }

  giveBack(): void {
    for (const { data, done } of this.held.splice(0)) {
      const out = new Uint8Array(data.length)
      const length = whack(data, out)
      done(length < 0 ? data : out.subarray(0, length))
    }
    for (const waiter of this.#waiters.splice(0)) waiter()
  }
}

const block = (seed: number): Uint8Array => prose(seed, 3000)

test('a sync covers blocks that are still being compressed', async () => {
  const compressor = new HeldCompressor()
  const store = await newStore(await scratchDir(), { compressor })
  const answers: unknown[] = []
  expect(store.write(13, block(1), (answer) => answers.push(answer))).toBe(null)
  let isSynced = false
  const synced = store.sync().then(() => (isSynced = true))
  await new Promise((resolve) => setImmediate(resolve))
  expect([isSynced, answers.length, store.stats().blocks]).toEqual([false, 0, 0])
  compressor.giveBack()
  await synced
  expect(answers).toEqual([new Uint8Array(Buffer.from(sha1(block(1)), 'hex'))])
  expect(await loadBlock(store, sha1(block(1)))).toEqual(block(1))
})

test('closing waits for them and keeps them', async () => {
  const compressor = new HeldCompressor()
  const store = await newStore(await scratchDir(), { compressor })
  store.write(13, block(1), () => undefined)
  const closed = store.close()
  compressor.giveBack()
  await closed
  const again = await openStore(store.path)
  onTestFinished(() => again.close())
  expect(await loadBlock(again, sha1(block(1)))).toEqual(block(1))
})

test('the same block twice is stored once, as without a compressor, byte for byte', async () => {
  const compressor = new HeldCompressor()
  const store = await newStore(await scratchDir(), { compressor })
  const plain = await newStore(await scratchDir())
  for (const seed of [1, 2, 1, 3, 2]) {
    store.write(13, block(seed), () => undefined)
    plain.write(13, block(seed))
  }
  compressor.giveBack()
  const { usedBytes, blocks, duplicates } = plain.stats()
  expect(store.stats()).toMatchObject({ usedBytes, blocks, duplicates })
  expect([blocks, duplicates]).toEqual([3, 2])
})

test('a full store says so, later', async () => {
  const compressor = new HeldCompressor()
  const store = await newStore(await scratchDir(), { compressor })
  const answers: unknown[] = []
  for (let seed = 0; seed < 100; seed++) store.write(13, noise(seed, 50_000), (answer) => answers.push(answer))
  compressor.giveBack()
  expect(answers.length).toBe(100)
  expect(answers.at(-1)).toBe('no space left in arenas')
})

test('what a connection asks after a write finds it done; replies come in order', async () => {
  const compressor = new HeldCompressor()
  const { server } = await startSmall({ compressor })
  const raw = await new RawVenti(server.port).greet()
  const score = sha1(block(1))
  raw.send(twrite(1, 13, block(1)), twrite(2, 13, block(2)), tread(3, score, 13, 8192), tsync(4), tping(5))
  // And a client that says at once that it is done.
  raw.socket.end()
  await compressor.has(2)
  compressor.giveBack()
  expect(words(await raw.reply())).toBe(`0f01${score}`)
  expect(words(await raw.reply())).toBe(`0f02${sha1(block(2))}`)
  expect((await raw.reply())!.length).toBe(3002)
  expect([words(await raw.reply()), words(await raw.reply())]).toEqual(['1104', '0305'])
})

test('no more is taken than the compressor has room for, and none is lost to a client that has gone (R9)', async () => {
  const compressor = new HeldCompressor(3)
  const { server } = await startSmall({ compressor })
  const raw = await new RawVenti(server.port).greet()
  const seeds = [1, 2, 3, 4, 5, 6, 7]
  raw.send(...seeds.map((seed) => twrite(seed, 13, block(seed))))
  raw.socket.end()
  for (const count of [3, 3, 1]) {
    await compressor.has(count)
    compressor.giveBack()
  }
  for (const seed of seeds) expect(words(await raw.reply())).toBe(`0f0${seed}${sha1(block(seed))}`)
  expect(server.stats()).toMatchObject({ writes: 7, blocks: 7 })
})
