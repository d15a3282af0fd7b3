// What a sync promises (R2, R3): the order of writes and flushes, shared flushes, disks that fail, and power cuts at any
// point that keep any part of what was not flushed yet.

import fc from 'fast-check'
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openStore } from '../../../../../electron/engine/venti/server/arena-store.ts'
import { createStore } from '../../../../../electron/engine/venti/server/create-store.ts'
import type { OpenHandle, StoreHandle } from '../../../../../electron/engine/venti/server/store-file.ts'
import { rejection } from '../../../../helpers/client-calls.ts'
import { scratchDir } from '../../../../helpers/scratch.ts'
import {
  fileBytes,
  loadBlock,
  newStore,
  noise,
  openQuiet,
  prose,
  smallSizes,
  storeBlock,
} from '../../../../helpers/store-calls.ts'

type Step =
  | { readonly kind: 'write'; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: 'flush' }
  /** Everything stored before `blocks` was acknowledged by a sync. */
  | { readonly kind: 'acknowledged'; readonly blocks: number }

type Disk = {
  readonly open: OpenHandle
  readonly steps: Step[]
  /** Asked before each operation; what it returns is thrown. */
  fail: (kind: 'write' | 'flush') => Error | null
  /** Holds every flush until it resolves. */
  gate: Promise<void>
}

/** A real file whose writes are recorded and can be made to fail. */
function recordingDisk(): Disk {
  const disk: Disk = {
    steps: [],
    fail: () => null,
    gate: Promise.resolve(),
    open: async (path) => {
      const real = await open(path, 'r+')
      const check = (kind: 'write' | 'flush'): void => {
        const error = disk.fail(kind)
        if (error !== null) throw error
      }
      const handle: Record<keyof StoreHandle, unknown> = {
        read: real.read.bind(real),
        stat: real.stat.bind(real),
        close: real.close.bind(real),
        write: async (bytes: Uint8Array, from: number, length: number, offset: number) => {
          check('write')
          const result = await real.write(bytes, from, length, offset)
          disk.steps.push({ kind: 'write', offset, bytes: Buffer.from(bytes.subarray(from, from + length)) })
          return result
        },
        datasync: async () => {
          await disk.gate
          check('flush')
          disk.steps.push({ kind: 'flush' })
        },
      }
      return handle as StoreHandle
    },
  }
  return disk
}

const failure = (code: string): Error => Object.assign(new Error(code), { code })
const tailOffset = 794624 + 1024 * 1024 - 8192

/** Steps as words: which part of the first arena each write went to. */
function story(steps: readonly Step[]): string[] {
  return steps.map((step) => {
    if (step.kind !== 'write') return step.kind
    if (step.offset >= tailOffset) return 'tail'
    return step.offset >= tailOffset - 8192 ? 'directory' : 'clumps'
  })
}

describe('a sync', () => {
  test('writes clumps, directory and tail in this order with a flush behind each', async () => {
    const disk = recordingDisk()
    const opened = await newStore(await scratchDir(), { openHandle: disk.open })
    storeBlock(opened, noise(1, 100))
    storeBlock(opened, prose(2, 9000))
    expect(disk.steps).toEqual([])
    await opened.sync()
    expect(story(disk.steps)).toEqual(['clumps', 'flush', 'directory', 'flush', 'tail', 'flush'])
    await opened.sync()
    expect(disk.steps).toHaveLength(6)
  })

  test('writes large pieces: a megabyte or more, but for the last', async () => {
    const disk = recordingDisk()
    const path = join(await scratchDir(), 'store')
    await createStore(path, { sizeBytes: 16 * 2 ** 20, arenaBytes: 8 * 2 ** 20 })
    const opened = await openQuiet(path, { openHandle: disk.open, compress: false })
    for (let i = 0; i < 600; i++) storeBlock(opened, noise(i, 8192))
    await opened.sync()
    const sizes = disk.steps.flatMap((step) => (step.kind === 'write' && step.offset < 8e6 ? [step.bytes.length] : []))
    expect(sizes).toHaveLength(5)
    for (const size of sizes.slice(0, -1)) expect(size).toBeGreaterThanOrEqual(2 ** 20)
  })

  test('shares a flush with others that came before it began, and not with one that was under way', async () => {
    const disk = recordingDisk()
    const opened = await newStore(await scratchDir(), { openHandle: disk.open })
    let release: () => void = () => undefined
    disk.gate = new Promise((resolve) => (release = resolve))
    storeBlock(opened, noise(1, 100))
    const first = opened.sync()
    storeBlock(opened, noise(2, 100))
    const others = [opened.sync(), opened.sync(), opened.sync()]
    storeBlock(opened, noise(3, 100))
    others.push(opened.sync())
    release()
    await Promise.all([first, ...others])
    expect(disk.steps.filter(({ kind }) => kind === 'flush')).toHaveLength(6)
    expect(opened.stats().syncs).toBe(5)
  })
})

describe('a disk that fails', () => {
  test.each([
    ['write', 'ENOSPC', 'the disk is full (ENOSPC)'],
    ['write', 'EIO', 'the disk reports an input/output error (EIO)'],
    ['flush', 'EIO', 'the disk reports an input/output error (EIO)'],
  ] as const)(
    'at a %s with %s: the sync says so, later writes are refused, blocks can still be read',
    async (kind, code, words) => {
      const disk = recordingDisk()
      const folder = await scratchDir()
      const opened = await newStore(folder, { openHandle: disk.open })
      const kept = storeBlock(opened, noise(1, 100))
      await opened.sync()
      const lost = storeBlock(opened, noise(2, 100))
      disk.fail = (at) => (at === kind ? failure(code) : null)
      const error = await rejection(opened.sync())
      expect(error.code).toBe('store-write')
      expect(error.message).toContain(words)
      disk.fail = () => null
      const refusal = `storing failed, nothing more is taken: ${words}`
      expect(opened.write(13, noise(3, 100))).toBe(refusal)
      expect(opened.write(13, noise(2, 100))).toBe(refusal)
      expect((await rejection(opened.sync())).code).toBe('store-write')
      expect(await loadBlock(opened, kept)).toEqual(noise(1, 100))
      expect(await loadBlock(opened, lost)).toEqual(noise(2, 100))
      expect((await rejection(opened.close())).code).toBe('store-write')
      // Nothing is lost that was acknowledged, and the lock is gone.
      const again = await openQuiet(join(folder, 'store'))
      expect(await loadBlock(again, kept)).toEqual(noise(1, 100))
      expect(typeof again.write(13, noise(3, 100))).toBe('object')
    },
  )

  test('while a piece is written in the background: noticed by the next write, without any sync', async () => {
    const disk = recordingDisk()
    const path = join(await scratchDir(), 'store')
    await createStore(path, { sizeBytes: 64 * 2 ** 20, arenaBytes: 32 * 2 ** 20 })
    const opened = await openQuiet(path, { openHandle: disk.open, compress: false })
    disk.fail = () => failure('ENOSPC')
    let reply: Uint8Array | string = ''
    for (let i = 0; typeof reply !== 'string' || i < 30; i++) {
      reply = opened.write(13, noise(i, 50_000))
      await new Promise((resolve) => setImmediate(resolve))
      if (typeof reply === 'string') break
    }
    expect(reply).toMatch(/^storing failed.*the disk is full/)
    expect(opened.backlogged).toBe(false)
  })

  test('at opening, while repairing: reported, and repaired by the next opening', async () => {
    const folder = await scratchDir()
    const first = await newStore(folder)
    const score = storeBlock(first, noise(1, 100))
    await first.sync()
    const path = join(folder, 'store')
    const before = await fileBytes(path)
    const second = storeBlock(first, noise(2, 100))
    await first.close()
    const after = await fileBytes(path)
    before.copy(after, tailOffset - 8192, tailOffset - 8192, tailOffset + 8192)
    await writeFile(path, after)
    const disk = recordingDisk()
    disk.fail = (kind) => (kind === 'flush' ? failure('EIO') : null)
    expect((await rejection(openStore(path, { openHandle: disk.open }))).code).toBe('store-write')
    const again = await openQuiet(path)
    expect(await loadBlock(again, score)).toEqual(noise(1, 100))
    expect(await loadBlock(again, second)).toEqual(noise(2, 100))
  })
})

/** The disk after a cut behind `at`: all that was flushed, and of the rest what `keep` says, sector by sector. */
function afterCut(base: Buffer, steps: readonly Step[], at: number, keep: (sector: number) => boolean): Buffer {
  const image = Buffer.from(base)
  const flushedUpTo = steps.slice(0, at).findLastIndex(({ kind }) => kind === 'flush')
  let sector = 0
  for (const [i, step] of steps.slice(0, at).entries()) {
    if (step.kind !== 'write') continue
    for (let from = 0; from < step.bytes.length;) {
      const length = Math.min(512 - ((step.offset + from) % 512), step.bytes.length - from)
      if (i < flushedUpTo || keep(sector++)) step.bytes.copy(image, step.offset + from, from, from + length)
      from += length
    }
  }
  return image
}

describe('power cuts', () => {
  test('never cost a block that a sync acknowledged, and leave a file that opens', { timeout: 120_000 }, async () => {
    const folder = await scratchDir()
    const path = join(folder, 'store')
    await createStore(path, { ...smallSizes, sizeBytes: 3 * 2 ** 20 })
    const base = await fileBytes(path)
    const disk = recordingDisk()
    const opened = await openQuiet(path, { openHandle: disk.open })
    const blocks: { data: Uint8Array; score: string }[] = []
    // Two arenas, a rollover and a seal are in it.
    for (let round = 0; round < 24; round++) {
      for (let i = 0; i < 3; i++) {
        const seed = blocks.length
        const data = seed % 2 === 0 ? noise(seed, 500 + seed * 760) : prose(seed, 1000 + seed * 700)
        blocks.push({ data, score: storeBlock(opened, data) })
      }
      await opened.sync()
      disk.steps.push({ kind: 'acknowledged', blocks: blocks.length })
    }
    await opened.close()
    expect(opened.stats()).toMatchObject({ fullArenas: 1 })
    const crashed = join(folder, 'crashed')
    await fc.assert(
      fc.asyncProperty(
        fc.nat(disk.steps.length),
        fc.constantFrom(0, 0.3, 0.7, 0.97, 1),
        fc.nat(1e6),
        async (at, share, seed) => {
          let state = seed * 2 + 1
          const keep = (): boolean => {
            state = (Math.imul(state, 1103515245) + 12345) >>> 0
            return (state >>> 8) % 1000 < share * 1000
          }
          await writeFile(crashed, afterCut(base, disk.steps, at, keep))
          const promised = disk.steps.slice(0, at).findLast((step) => step.kind === 'acknowledged')?.blocks ?? 0
          const again = await openStore(crashed, { idleFlushMs: 1e8, maxFlushDelayMs: 1e8 })
          try {
            for (const { data, score } of blocks.slice(0, promised)) {
              const found = await loadBlock(again, score)
              if (typeof found === 'string' || Buffer.compare(found, data) !== 0)
                throw new Error(`${score}: ${String(found)}`)
            }
            // It goes on where it was: everything can be written once more and is there after an orderly close.
            for (const { data } of blocks) storeBlock(again, data)
          } finally {
            await again.close()
          }
          const last = await openStore(crashed)
          try {
            for (const { data, score } of blocks) {
              if (Buffer.compare((await loadBlock(last, score)) as Uint8Array, data) !== 0)
                throw new Error(`${score} is lost`)
            }
          } finally {
            await last.close()
          }
        },
      ),
      { numRuns: 150 },
    )
  })
})
