// R4, R8 and R10 where archives are verified, repaired and restored: nothing corrupt leaves with a repair, no result is
// better than what is there, and no root score is said that nobody asked to see.

import { createHash } from 'node:crypto'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { verifyStatus } from '../../electron/cli/commands/verify.ts'
import { runHere } from '../helpers/cli-here.ts'
import { startFakeVenti, type BlockKey, type FakeVenti } from '../helpers/fake-venti.ts'
import { healthyPartition, loadFixture } from '../helpers/fixtures.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { clumpLog, imageIn, keyOf, stateDirIn } from '../helpers/sync-runs.ts'
import { filledFake, newestRoot, partsOf, verifyIn } from '../helpers/verify-runs.ts'

const id = 'seq-day1'
const { score, blocks: reachable } = newestRoot(id)
let folder: string

beforeEach(async () => {
  folder = await scratchDir()
})

async function emptyFake(): Promise<FakeVenti> {
  const venti = await startFakeVenti()
  onTestFinished(() => venti.close())
  return venti
}

const sha1 = (data: Uint8Array): string => createHash('sha1').update(data).digest('hex')

describe('R4: a repair', () => {
  test('sends what hashes to its score and nothing else, whatever is damaged in the source', async () => {
    const log = clumpLog(id)
    const { arenas } = healthyPartition(id)
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.record({ clump: fc.nat(log.length - 1), byte: fc.nat(), bit: fc.nat(7) }), {
          minLength: 1,
          maxLength: 12,
          selector: ({ clump }) => clump,
        }),
        async (damage) => {
          const image = loadFixture(id)
          for (const { clump, byte, bit } of damage) {
            const { arena, offset, size } = log[clump]!
            const base = arenas.find(({ name }) => name === arena)!.dataBase + offset
            // Behind the header: the data as it is stored, which may be shorter than the block.
            const at = base + 38 + (byte % Math.max(1, Math.min(size, 16)))
            image.writeUInt8(image[at]! ^ (1 << bit), at)
          }
          const source = join(folder, 'damaged.img')
          await writeFile(source, image)
          const venti = await emptyFake()
          const result = await verifyIn(folder, venti, score, { source, repair: true, stateDir: null })
          for (const [key, data] of venti.blocks) expect(key.slice(0, 40)).toBe(sha1(data))
          expect(result.repaired).toBe(venti.blocks.size)
          const again = await verifyIn(folder, venti, score, { depth: 'full', stateDir: null })
          expect(again.ok).toBe(result.ok)
          expect([...result.missing, ...result.corrupt].filter((one) => !one.repaired).length > 0).toBe(!result.ok)
        },
      ),
      { numRuns: 25 },
    )
  })

  test('of a block that is damaged in the source leaves the target without it, and says so: exit 3', async () => {
    const { venti } = await filledFake(folder, 'bad-flip-plain')
    const { score: root } = newestRoot('seq-day3')
    const before = new Map(venti.blocks)
    const source = join(folder, 'source.img')
    const result = await verifyIn(folder, venti, root, { source, repair: true })
    expect(result.missing).toMatchObject([{ reason: 'damaged-in-source', repaired: false }])
    expect([verifyStatus(result), venti.blocks]).toEqual([3, before])
  })
})

describe('R8: a check', () => {
  test('passes only when every block is there, whatever is missing and whatever is in the way', async () => {
    const { venti } = await filledFake(folder, id)
    const all = new Map(venti.blocks)
    const asked = new Set<string>()
    const whole = await verifyIn(folder, venti, score, { depth: 'full', stateDir: null })
    expect(whole).toMatchObject({ ok: true, blocks: reachable, good: reachable })
    // A block is below the root if the check fails without it: found out one by one, with no help of the walk's counts.
    for (const key of all.keys()) {
      venti.blocks.delete(key)
      if (!(await verifyIn(folder, venti, score, { stateDir: null })).ok) asked.add(key)
      venti.blocks.set(key, all.get(key)!)
    }
    expect(asked.size).toBe(reachable)
    const keys = [...all.keys()]
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(keys.length - 1), { maxLength: 5 }),
        fc.uniqueArray(fc.nat(keys.length - 1), { maxLength: 2 }),
        async (missing, damaged) => {
          venti.store.damaged.clear()
          for (const [key, data] of all) venti.blocks.set(key, data)
          for (const index of missing) venti.blocks.delete(keys[index] as BlockKey)
          for (const index of damaged) venti.store.damaged.add(keys[index] as BlockKey)
          const result = await verifyIn(folder, venti, score, { depth: 'full', stateDir: null })
          const isWhole = [...missing, ...damaged].every((index) => !asked.has(keys[index] as string))
          expect([result.ok, verifyStatus(result)]).toEqual([isWhole, isWhole ? 0 : 3])
          if (!isWhole) expect(result.missing.length + result.corrupt.length).toBeGreaterThan(0)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('of nothing is no pass: an empty target, a score nobody has, one of another kind', async () => {
    const venti = await emptyFake()
    const empty = await verifyIn(folder, venti, score)
    expect([empty.ok, empty.good, verifyStatus(empty)]).toEqual([false, 0, 3])
    const { venti: filled } = await filledFake(await scratchDir(), id)
    const none = await verifyIn(folder, filled, `vac:${'ab'.repeat(20)}`)
    expect([none.ok, none.good, verifyStatus(none)]).toEqual([false, 0, 3])
    const { data } = partsOf(id, filled)
    await expect(verifyIn(folder, filled, `vac:${data.key.slice(0, 40)}`)).rejects.toMatchObject({ code: 'not-a-tree' })
  })

  test('with only the root block there is not whole', async () => {
    const { venti } = await filledFake(folder, id)
    const root = clumpLog(id).findLast((one) => one.type === 1 && `vac:${one.score}` === score)!
    for (const key of venti.blocks.keys()) if (key !== keyOf(root)) venti.blocks.delete(key)
    expect(await verifyIn(folder, venti, score)).toMatchObject({ ok: false, good: 1 })
  })

  test('that was interrupted is not passed: exit 1', async () => {
    const { venti } = await filledFake(folder, id)
    const controller = new AbortController()
    venti.store.behaviour.delayMs = 5
    const ended = verifyIn(folder, venti, score, {
      signal: controller.signal,
      onProgress: ({ checked }) => checked > 0 && controller.abort(),
    })
    const result = await ended
    expect([result.ok, result.cancelled, verifyStatus(result)]).toEqual([false, true, 1])
  })

  test('a block that is known and cannot be given back stays damaged, whatever a repair sends', async () => {
    const { venti, image } = await filledFake(folder, id)
    venti.store.damaged.add(partsOf(id, venti).data.key)
    const result = await verifyIn(folder, venti, score, { source: image, repair: true, depth: 'full' })
    expect(result.corrupt).toMatchObject([{ reason: 'damaged-on-target', repaired: false }])
    expect([result.ok, result.repaired]).toEqual([false, 0])
  })
})

describe('R10: no root score is said', () => {
  const scores = healthyPartition('seq-day3').roots.map((root) => root.score.slice(4))

  async function filesBelow(path: string): Promise<string[]> {
    const entries = await readdir(path, { withFileTypes: true, recursive: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  }

  test.each<[string, (dial: string, out: string, image: string) => string[]]>([
    ['verify', (at, _, image) => ['verify', score, '--at', at, '--source', image, '--full', '--drill', '2']],
    [
      'verify of what is missing',
      (at, _, image) => ['verify', newestRoot('seq-day3').score, '--at', at, '--source', image],
    ],
    ['ls', (at) => ['ls', score, '--at', at, '--recursive', '--long']],
    ['ls of no such path', (at) => ['ls', `${score}/no/such`, '--at', at]],
    ['extract', (at, out) => ['extract', score, out, '--at', at]],
    ['roots', (at, _, image) => ['roots', image, '--at', at]],
    ['a venti that is gone', () => ['verify', score, '--at', 'tcp!127.0.0.1!1']],
  ])('%s, as text and as JSON', async (name, words) => {
    const { venti } = await filledFake(folder, id)
    const image = await imageIn(folder, 'seq-day3', 'later.img')
    for (const form of [[], ['--json']]) {
      const args = words(venti.dial.text, join(folder, `out${form.length}`), image)
      const state = args[0] === 'verify' ? ['--state', stateDirIn(folder)] : []
      const { stdout, stderr } = await runHere([...args, ...state, ...form])
      expect(stdout + stderr).not.toBe('')
      for (const one of scores) expect(`${name}: ${stdout}${stderr}`).not.toContain(one)
    }
    // What is left behind is its owner's, and holds no score of a root in full.
    for (const path of await filesBelow(join(stateDirIn(folder), 'verify')).catch(() => [])) {
      expect((await stat(path)).mode & 0o777).toBe(0o600)
      const bytes = await readFile(path)
      for (const one of scores) {
        expect(bytes.includes(one)).toBe(false)
        expect(bytes.includes(Buffer.from(one, 'hex'))).toBe(false)
      }
    }
  })
})
