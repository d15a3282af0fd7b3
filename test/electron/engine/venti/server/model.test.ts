// Any sequence of writes, reads, probes, syncs, closings and crashes: the store answers as a Map would, in arenas so small
// that they fill on the way.

import fc from 'fast-check'
import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore, type ArenaStore } from '../../../../../electron/engine/venti/server/arena-store.ts'
import { createStore } from '../../../../../electron/engine/venti/server/create-store.ts'
import { sha1 } from '../../../../../electron/engine/hash/sha1.ts'
import { openScratchDir, type ScratchDir } from '../../../../helpers/scratch.ts'
import { loadBlock, noise, prose, smallSizes } from '../../../../helpers/store-calls.ts'

type Model = {
  /** Every block acknowledged since the last crash or before a sync. */
  readonly blocks: Map<string, Uint8Array>
  /** Those of them that a crash may lose. */
  unsynced: Set<string>
}

const emptyModel = (): Model => ({ blocks: new Map(), unsynced: new Set() })

type Real = { store: ArenaStore; readonly path: string; readonly compress: boolean }

let folder: ScratchDir
beforeAll(async () => {
  folder = await openScratchDir()
})
afterAll(() => folder.remove())

const types = [1, 2, 3, 9, 13] as const
const dataOf = (seed: number, size: number): Uint8Array => (seed % 2 === 0 ? noise(seed, size) : prose(seed, size))
const open = (path: string, compress: boolean): Promise<ArenaStore> =>
  openStore(path, { compress, idleFlushMs: 1e8, maxFlushDelayMs: 1e8 })

const keyOf = (data: Uint8Array, type: number): string => `${sha1(data)}/${type}`

async function expectKey(model: Model, real: Real, key: string): Promise<void> {
  const [score, type] = key.split('/') as [string, string]
  const data = model.blocks.get(key)
  const found = await loadBlock(real.store, score, Number(type))
  if (data === undefined) expect(found).toMatch(/^no block with score/)
  else if (typeof found === 'string' || Buffer.compare(found, data) !== 0) {
    throw new Error(`${key}: ${typeof found === 'string' ? found : 'differs'}`)
  }
}

function expectSame<T>(found: T, wanted: T): void {
  expect(found).toBe(wanted)
}

type Command = fc.AsyncCommand<Model, Real>

class Write implements Command {
  readonly seed: number
  readonly size: number
  readonly type: number
  constructor(seed: number, size: number, type: number) {
    this.seed = seed
    this.size = size
    this.type = type
  }
  check = (): boolean => true
  async run(model: Model, real: Real): Promise<void> {
    const data = dataOf(this.seed, this.size)
    const key = keyOf(data, this.type)
    const reply = real.store.write(this.type, data)
    if (typeof reply === 'string') {
      // A known block is never refused.
      expectSame(`${reply} ${model.blocks.has(key)}`, 'no space left in arenas false')
      expectSame(real.store.stats().freeBytes, 0)
    } else {
      expectSame(Buffer.from(reply).toString('hex'), sha1(data) as string)
      if (!model.blocks.has(key)) model.unsynced.add(key)
      model.blocks.set(key, data)
    }
  }
  toString = (): string => `write(${this.seed}, ${this.size}, ${this.type})`
}

/** Enough at once that a few of these fill an arena. */
class Fill implements Command {
  readonly seed: number
  constructor(seed: number) {
    this.seed = seed
  }
  check = (): boolean => true
  async run(model: Model, real: Real): Promise<void> {
    for (let i = 0; i < 12; i++) await new Write(1000 + 2 * this.seed + 24 * i, 40_000 + i, 13).run(model, real)
  }
  toString = (): string => `fill(${this.seed})`
}

class Read implements Command {
  readonly seed: number
  readonly size: number
  readonly type: number
  constructor(seed: number, size: number, type: number) {
    this.seed = seed
    this.size = size
    this.type = type
  }
  check = (): boolean => true
  async run(model: Model, real: Real): Promise<void> {
    const data = dataOf(this.seed, this.size)
    await expectKey(model, real, keyOf(data, this.type))
    const probe = await loadBlock(real.store, sha1(data), this.type, 0)
    expectSame(String(probe).startsWith('read too small 1'), model.blocks.has(keyOf(data, this.type)))
  }
  toString = (): string => `read(${this.seed}, ${this.size}, ${this.type})`
}

class Sync implements Command {
  check = (): boolean => true
  async run(model: Model, real: Real): Promise<void> {
    await real.store.sync()
    model.unsynced = new Set()
  }
  toString = (): string => 'sync'
}

class Reopen implements Command {
  check = (): boolean => true
  async run(model: Model, real: Real): Promise<void> {
    await real.store.close()
    model.unsynced = new Set()
    real.store = await open(real.path, real.compress)
    for (const key of model.blocks.keys()) await expectKey(model, real, key)
    expectSame(real.store.stats().blocks, model.blocks.size)
  }
  toString = (): string => 'reopen'
}

/** The file as it is on disk at this moment, served by another process. */
class Crash implements Command {
  check = (): boolean => true
  async run(model: Model, real: Real): Promise<void> {
    await copyFile(real.path, `${real.path}-crashed`)
    await real.store.close()
    await copyFile(`${real.path}-crashed`, real.path)
    real.store = await open(real.path, real.compress)
    for (const key of model.unsynced) {
      const [score, type] = key.split('/') as [string, string]
      const found = await loadBlock(real.store, score, Number(type))
      // Kept or lost, but never something else.
      if (typeof found === 'string') model.blocks.delete(key)
    }
    model.unsynced = new Set()
    for (const key of model.blocks.keys()) await expectKey(model, real, key)
    expectSame(real.store.stats().blocks, model.blocks.size)
  }
  toString = (): string => 'crash'
}

const block = fc.tuple(fc.nat(40), fc.constantFrom(4, 300, 8192, 57344), fc.constantFrom(...types))
const commands = fc.commands(
  [
    block.map(([seed, size, type]) => new Write(seed, size, type)),
    block.map(([seed, size, type]) => new Write(seed, size, type)),
    block.map(([seed, size, type]) => new Write(seed, size, type)),
    block.map(([seed, size, type]) => new Read(seed, size, type)),
    fc.nat(5).map((seed) => new Fill(seed)),
    fc.constant(new Sync()),
    fc.constant(new Reopen()),
    fc.constant(new Crash()),
  ],
  { maxCommands: 60, size: 'max' },
)

test('a store is a Map that survives', { timeout: 480_000 }, async () => {
  let run = 0
  let full = 0
  const empty = join(folder.path, 'empty')
  await createStore(empty, { ...smallSizes, sizeBytes: 3 * 2 ** 20 })
  await fc.assert(
    fc.asyncProperty(commands, fc.boolean(), async (sequence, compress) => {
      const path = join(folder.path, `store${run++}`)
      await copyFile(empty, path)
      const real: Real = { store: await open(path, compress), path, compress }
      try {
        await fc.asyncModelRun(() => ({ model: emptyModel(), real }), sequence)
      } finally {
        if (real.store.stats().fullArenas > 0) full++
        await real.store.close()
        await Promise.all([rm(path), rm(`${path}-crashed`, { force: true })])
      }
    }),
    { numRuns: 300 },
  )
  // Sequences that fill an arena were among them.
  expect(full).toBeGreaterThan(10)
})
