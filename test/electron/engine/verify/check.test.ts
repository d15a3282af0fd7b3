// The walk on a target: each block once, many at a time, and nothing passes that should not.

import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { VerifySnapshot } from '../../../../shared/model/verify.ts'
import { startFakeVenti } from '../../../helpers/fake-venti.ts'
import { treeManifest } from '../../../helpers/fixtures.ts'
import { scratchDir } from '../../../helpers/scratch.ts'
import { checkOn, filledFake, newestRoot, partsOf } from '../../../helpers/verify-runs.ts'

let folder: string

beforeEach(async () => {
  folder = await scratchDir()
})

const fine = { ok: true, faults: [], problems: [], unlisted: 0, unwalked: 0, warnings: [], cancelled: false }

describe('what is asked of the server', () => {
  test('each block once: leaves by a probe, the others read', async () => {
    const { venti } = await filledFake(folder, 'seq-day3')
    const { score, blocks, files, dirs } = newestRoot('seq-day3')
    const before = { ...venti.counters }
    const found = await checkOn(venti, score)
    expect(found).toMatchObject({ ...fine, blocks, files, directories: dirs })
    const { probes, reads } = venti.counters
    // Two probes calibrate the connection.
    expect(probes - before.probes - 2 + reads - before.reads).toBe(blocks)
    expect(probes - before.probes).toBeGreaterThan(blocks / 2)
  })

  test('depth full reads every block once', async () => {
    const { venti } = await filledFake(folder, 'seq-day3')
    const { score, blocks } = newestRoot('seq-day3')
    const before = { ...venti.counters }
    expect(await checkOn(venti, score, { depth: 'full' })).toMatchObject({ ...fine, blocks })
    expect([venti.counters.probes - before.probes, venti.counters.reads - before.reads]).toEqual([0, blocks])
  })

  test.each(['devnull', 'empty', 'data'] as const)(
    'a server whose probes are of the kind %s: all is read',
    async (kind) => {
      const { venti } = await filledFake(folder, 'seq-day1', { probes: kind })
      const { score, blocks } = newestRoot('seq-day1')
      expect(await checkOn(venti, score)).toMatchObject({ ...fine, blocks })
      const { data } = partsOf('seq-day1', venti)
      venti.blocks.delete(data.key)
      if (kind !== 'devnull') {
        const { faults } = await checkOn(venti, score)
        expect(faults).toMatchObject([{ score: data.clump.score, kind: 'missing' }])
      }
    },
  )

  test('many requests are in flight, whatever the order of the answers', async () => {
    const { venti } = await filledFake(folder, 'seq-day3')
    const { score, blocks } = newestRoot('seq-day3')
    for (const shuffleSeed of [1, 2, 3]) {
      venti.behaviour.shuffleSeed = shuffleSeed
      for (const concurrency of [1, 7, 255]) {
        const found = await checkOn(venti, score, { concurrency })
        expect([found.ok, found.blocks, found.good]).toEqual([true, blocks, blocks])
      }
    }
  })

  test('a connection that is lost in the middle is made again, and the result is the same', async () => {
    const { venti } = await filledFake(folder, 'seq-day3')
    const { score, blocks } = newestRoot('seq-day3')
    venti.behaviour.resetAfterRequests = 100
    const before = venti.counters.connections
    expect(await checkOn(venti, score, { concurrency: 8 })).toMatchObject({ ...fine, blocks, good: blocks })
    expect(venti.counters.connections - before).toBeGreaterThan(5)
  })

  test('a server that never answers again ends it with its error', async () => {
    const { venti } = await filledFake(folder, 'seq-day1')
    venti.behaviour.resetAfterRequests = 0
    await expect(checkOn(venti, newestRoot('seq-day1').score)).rejects.toMatchObject({ code: 'connection-lost' })
  })
})

describe('nothing passes that should not', () => {
  test.each(['present', 'full'] as const)('one missing block of each kind, depth %s', async (depth) => {
    const { venti } = await filledFake(folder, 'seq-day1')
    const { score, blocks, tree } = newestRoot('seq-day1')
    const { entries } = treeManifest(tree!)
    const parts = partsOf('seq-day1', venti)
    for (const [kind, { key, clump, path }] of Object.entries(parts)) {
      const block = venti.blocks.get(key)!
      venti.blocks.delete(key)
      const found = await checkOn(venti, score, { depth })
      expect(found).toMatchObject({ ok: false, problems: [], unlisted: 0, cancelled: false })
      expect(found.faults).toMatchObject([{ score: clump.score, type: clump.type, kind: 'missing', detail: null }])
      if (path !== null) expect(found.faults[0]?.path).toBe(`/${path.replace(/^\//, '')}`)
      const at = entries[found.faults[0]!.path.slice(1)]
      if (kind === 'pointer') expect(at?.size).toBeGreaterThan(8192)
      else if (kind !== 'data' && found.faults[0]!.path !== '/') expect(at?.kind).toBe('dir')
      const isLeaf = kind === 'data'
      expect([kind, found.unwalked > 0, found.warnings.length]).toEqual([kind, !isLeaf, isLeaf ? 0 : 1])
      expect(found.blocks - found.good).toBe(1)
      if (isLeaf) expect(found.blocks).toBe(blocks)
      venti.blocks.set(key, block)
    }
    expect(await checkOn(venti, score, { depth })).toMatchObject(fine)
  })

  test('a block that is known and cannot be read: only depth full sees it in a leaf', async () => {
    const { venti } = await filledFake(folder, 'seq-day1')
    const { score } = newestRoot('seq-day1')
    const { data, meta } = partsOf('seq-day1', venti)
    venti.store.damaged.add(data.key)
    expect(await checkOn(venti, score)).toMatchObject(fine)
    const full = await checkOn(venti, score, { depth: 'full' })
    expect(full.faults).toMatchObject([
      { score: data.clump.score, kind: 'corrupt', detail: 'clump is marked corrupt', path: `/${data.path}` },
    ])
    venti.store.damaged.delete(data.key)
    venti.store.damaged.add(meta.key)
    expect((await checkOn(venti, score)).faults).toMatchObject([{ score: meta.clump.score, kind: 'corrupt' }])
  })

  test('a block with other bytes than its score says', async () => {
    const { venti } = await filledFake(folder, 'seq-day1')
    const { data, pointer } = partsOf('seq-day1', venti)
    for (const { key } of [data, pointer]) {
      const spoilt = new Uint8Array(venti.blocks.get(key)!)
      spoilt[3]! ^= 1
      venti.blocks.set(key, spoilt)
    }
    const found = await checkOn(venti, newestRoot('seq-day1').score, { depth: 'full' })
    const wrong = found.faults.map(({ score, kind }) => `${score} ${kind}`).toSorted()
    expect(wrong).toEqual([data, pointer].map(({ clump }) => `${clump.score} corrupt`).toSorted())
    expect(found).toMatchObject({ ok: false, unwalked: 1 })
  })

  test('an empty target, a wrong score', async () => {
    const venti = await startFakeVenti()
    onTestFinished(() => venti.close())
    const { score } = newestRoot('seq-day1')
    const found = await checkOn(venti, score)
    expect(found).toMatchObject({ ok: false, blocks: 1, good: 0, unwalked: 1 })
    expect(found.faults).toMatchObject([{ type: 1, kind: 'missing', path: '/' }])
    expect(await checkOn(venti, 'vac:' + '5'.repeat(40))).toMatchObject({ ok: false, good: 0 })
  })

  test('a score of another type is named as what it is', async () => {
    const { venti } = await filledFake(folder, 'seq-day1')
    const { data, pointer, directory } = partsOf('seq-day1', venti)
    for (const [part, words] of [
      [data, /as a block of data, not as the root/],
      [pointer, /as a pointer block/],
      [directory, /as a directory block/],
    ] as const) {
      const refused = checkOn(venti, part.clump.score)
      await expect(refused).rejects.toMatchObject({
        code: 'not-a-tree',
        message: expect.stringMatching(words) as string,
      })
      // R10: it may be somebody's root elsewhere.
      await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining(part.clump.score) as string })
    }
  })

  test('a root that is none', async () => {
    const venti = await startFakeVenti()
    onTestFinished(() => venti.close())
    const block = new Uint8Array(300).fill(7)
    const score = venti.store.put(block, 1)
    await expect(checkOn(venti, score)).rejects.toMatchObject({ code: 'not-a-tree' })
  })
})

describe('progress and cancelling', () => {
  test('the last snapshot is the whole', async () => {
    const { venti } = await filledFake(folder, 'seq-day1')
    const seen: VerifySnapshot[] = []
    const { score, blocks } = newestRoot('seq-day1')
    await checkOn(venti, score, { onProgress: (snapshot) => seen.push(snapshot) })
    expect(seen.at(-1)).toMatchObject({ known: blocks, checked: blocks, faults: 0 })
  })

  test('a cancelled check never passes, and ends while the server is silent', async () => {
    const { venti } = await filledFake(folder, 'seq-day1')
    venti.behaviour.hangAfterRequests = 50
    const before = venti.counters.requests
    const controller = new AbortController()
    const running = checkOn(venti, newestRoot('seq-day1').score, { signal: controller.signal })
    await expect.poll(() => venti.counters.requests - before).toBeGreaterThan(9)
    controller.abort()
    expect(await running).toMatchObject({ ok: false, cancelled: true })
  })
})
