// venti-mirror sync --verify: which root is checked, on which targets, and what comes of one that is not whole.

import { renameSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { verifiedLines } from '../../../electron/cli/sync-summary.ts'
import { verifyLogName, verifyLogPath } from '../../../electron/engine/state/verify-log.ts'
import { exitStatusOf, verifiedStatusOf, type VerifiedSync } from '../../../shared/model/run.ts'
import { jsonHere, runHere } from '../../helpers/cli-here.ts'
import { diskIn } from '../../helpers/disk-syncs.ts'
import { startFakeVenti, type FakeVenti } from '../../helpers/fake-venti.ts'
import { healthyPartition } from '../../helpers/fixtures.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { imageIn, stateDirIn } from '../../helpers/sync-runs.ts'
import { newestRoot, partsOf } from '../../helpers/verify-runs.ts'
import { startWatchedVenti } from '../../helpers/watched-store.ts'

let folder: string

beforeEach(async () => {
  folder = await scratchDir()
})

async function target(): Promise<FakeVenti> {
  const venti = await startFakeVenti()
  onTestFinished(() => venti.close())
  return venti
}

const sync = (source: string, targets: readonly FakeVenti[], ...more: string[]): string[] => [
  'sync',
  source,
  ...targets.flatMap((one) => ['--to', one.dial.text]),
  '--state',
  stateDirIn(folder),
  '--verify',
  ...more,
]

const masked = (score: string): string => `vac:${score.slice(4, 8)}…${score.slice(-4)}`

async function synced(args: readonly string[]): Promise<{ status: number; result: VerifiedSync }> {
  const { status, document } = await jsonHere(args)
  return { status, result: document as VerifiedSync }
}

describe('the root that matters', () => {
  test('in arenas the newest, on every target; the record is kept, masked', async () => {
    const targets = [await target(), await target()]
    const { score, blocks } = newestRoot('seq-day2')
    const { status, result } = await synced(sync(await imageIn(folder, 'seq-day2'), targets))
    expect(status).toBe(0)
    const found = { root: masked(score), ok: true, blocks, missing: 0, corrupt: 0, problem: null }
    expect(result.verified).toMatchObject(targets.map((one) => ({ dial: one.dial.text, ...found })))
    for (const { dial } of targets) {
      const state = stateDirIn(folder)
      const log = await readFile(verifyLogPath(state, await verifyLogName(state, dial.text, null)), 'utf8')
      expect(log).toContain(masked(score))
      expect(log).not.toContain(score.slice(4))
    }
  })

  test('with --fossil its last archive, with --9fat alone the newest line of rootscor', async () => {
    const venti = await target()
    const disk = await diskIn(folder, 'disk-mbr', venti)
    const [, last] = healthyPartition('fossil-venti').roots
    const root = masked(last!.score)
    const whole = { root, ok: true, blocks: last!.reachableBlocks }
    const withFossil = await synced(sync(disk.arenas, [venti], '--9fat', disk.ninefat, '--fossil', disk.fossil))
    expect(withFossil.result.verified).toMatchObject([{ ...whole, from: `the last archive of ${disk.fossil}` }])
    const { result } = await synced(sync(disk.arenas, [venti], '--9fat', disk.ninefat))
    const from = `the newest line of rootscor on ${disk.ninefat}`
    expect(result.verified).toMatchObject([{ ...whole, from }])
  })
})

describe('--wait', () => {
  test('the root comes meanwhile: the sync runs again, and says so', async () => {
    const { venti, store } = await startWatchedVenti()
    onTestFinished(() => venti.close())
    const disk = await diskIn(folder, 'disk-mbr', venti)
    const source = await imageIn(folder, 'fossil-venti-day1')
    const next = await imageIn(folder, 'fossil-venti', 'next.img')
    // The check after the first sync asks for the root, and just then the source's venti writes it to its disk.
    store.onRequest = (kind) => {
      if (kind !== 'read') return
      store.onRequest = () => undefined
      renameSync(next, source)
    }
    const wait = ['--9fat', disk.ninefat, '--fossil', disk.fossil, '--wait', '0.01']
    const { status, stdout } = await runHere(sync(source, [venti], ...wait))
    expect(status).toBe(0)
    expect(stdout).toMatch(/\nWaited \d.* for blocks on their way; the sync ran 2 times\n.*, is whole: \d+ blocks\n$/)
    expect(stdout.match(/with two lines in rootscor/g)).toHaveLength(1)
    // Nothing to wait for: not a word of it.
    const again = await runHere(sync(source, [venti], ...wait))
    expect([again.status, again.stdout.includes('Waited')]).toEqual([0, false])
  })
})

describe('not whole', () => {
  test('a block was lost on one target: exit 3, which target and where', async () => {
    const [good, bad] = [await target(), await target()]
    const image = await imageIn(folder, 'seq-day1')
    expect((await synced(sync(image, [good, bad]))).status).toBe(0)
    const { data } = partsOf('seq-day1', bad)
    bad.blocks.delete(data.key)
    const { status, stdout } = await runHere(sync(image, [good, bad]))
    expect(status).toBe(3)
    expect(stdout).toMatch(new RegExp(`${good.dial.text}: vac:\\S+, the newest root in .*, is whole`))
    expect(stdout).toContain(`is NOT whole (missing 1, damaged 0): /${data.path}: lost-on-target`)
    expect(stdout).not.toContain(newestRoot('seq-day1').score.slice(4))
  })

  test('the root is not on the disk of the source: said so, exit 3', async () => {
    const venti = await target()
    const disk = await diskIn(folder, 'disk-mbr', venti)
    const day1 = await imageIn(folder, 'fossil-venti-day1')
    const { status, result } = await synced(sync(day1, [venti], '--9fat', disk.ninefat, '--fossil', disk.fossil))
    expect(status).toBe(3)
    expect(result.verified).toMatchObject([{ ok: false, missing: 1, blocks: 1 }])
    expect(result.verified[0]?.problem).toContain(
      'in no arena of the source; if it is new, it is not on disk there yet',
    )
  })

  test('only targets that are up to date are checked; with none of them the status stays 1', async () => {
    const [good, gone] = [await target(), await startFakeVenti()]
    await gone.close()
    const image = await imageIn(folder, 'seq-day1')
    const some = await synced(sync(image, [good, gone]))
    expect([some.status, some.result.verified.map(({ dial }) => dial)]).toEqual([3, [good.dial.text]])
    const none = await synced(sync(image, [gone]))
    expect([none.status, none.result.verified]).toEqual([1, []])
    expect(verifiedLines([])).toEqual(['No target is up to date, so nothing was verified'])
  })

  test('the status: what is not whole turns 0 into 3 and leaves 1 and 3', async () => {
    const { result } = await synced(sync(await imageIn(folder, 'seq-day1'), [await target()]))
    const bad = result.verified.map((one) => ({ ...one, ok: false }))
    expect([exitStatusOf(result), verifiedStatusOf(result)]).toEqual([0, 0])
    expect(verifiedStatusOf({ ...result, verified: bad })).toBe(3)
    expect(verifiedStatusOf({ ...result, verified: bad, cancelled: true })).toBe(1)
  })
})
