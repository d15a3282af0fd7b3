// R8 Honest result. Success means: all blocks of the source's log are on that target. Zero blocks checked is not a pass. Exit
// status: 0 success; 1 failed; 2 wrong usage; 3 finished, but damaged blocks were left out or a target is behind.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { readHistory } from '../../electron/engine/state/history.ts'
import type { BookkeepingResult } from '../../shared/model/bookkeeping.ts'
import { exitStatusOf, type SyncPlan, type SyncResult, type TargetResult } from '../../shared/model/run.ts'
import { buildCli, runCli, startCli, type Ended } from '../helpers/cli-process.ts'
import { rejection } from '../helpers/client-calls.ts'
import type { NotARequest, Reply, Request } from '../../electron/engine/venti/wire/message.ts'
import { FakeStore } from '../helpers/fake-store.ts'
import { FakeVenti, startFakeVenti, type FakeBehaviour, type Fault } from '../helpers/fake-venti.ts'
import { expectedBlocks, healthyPartition } from '../helpers/fixtures.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { blocksOf, clumpLog, dialOf, imageIn, keyOf, onlyMirror, stateDirIn, syncIn } from '../helpers/sync-runs.ts'

async function fake(behaviour: Partial<FakeBehaviour> = {}): Promise<FakeVenti> {
  const venti = await startFakeVenti(behaviour)
  onTestFinished(() => venti.close())
  return venti
}

describe('R8: the exit status', () => {
  const target = (ok: boolean): TargetResult => ({
    dial: 'd',
    ok,
    error: ok ? null : 'why',
    errorCode: null,
    arenas: [],
    blocks: 0,
    sent: 0,
    present: 0,
    bytesSent: 0,
  })

  const result = (oks: readonly boolean[], damaged: boolean, cancelled: boolean): SyncResult => ({
    mirror: 'm',
    source: 's',
    targets: oks.map(target),
    unfinished: [],
    rollovers: [],
    bookkeeping: null,
    sourceServer: null,
    warnings: [],
    cancelled,
    bytesRead: 0,
    durationMs: 0,
    damage: damaged
      ? [
          {
            kind: 'score-mismatch',
            arena: 'a',
            offset: 0,
            clumpOffset: 0,
            partitionOffset: 0,
            nextOffset: 1,
            index: 0,
            score: null,
            type: null,
            detail: '',
          },
        ]
      : [],
  })

  test('is 0 only when everything is everywhere, 1 when nothing came of it, else 3', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 4 }), fc.boolean(), fc.boolean(), (oks, damaged, cancelled) => {
        const status = exitStatusOf(result(oks, damaged, cancelled))
        const none = !oks.includes(true)
        expect(status).toBe(cancelled || none ? 1 : oks.includes(false) || damaged ? 3 : 0)
      }),
    )
  })

  test('is 3 when wrcmd could not follow, and never better than without it', () => {
    const bookkeeping: BookkeepingResult = {
      path: 'd.img:9fat',
      dial: null,
      before: null,
      after: null,
      written: false,
      claim: null,
      rootRecorded: null,
      note: null,
      proposal: null,
      error: null,
      errorCode: null,
    }
    const failed = { ...bookkeeping, error: 'no room', errorCode: 'full-9fat' }
    for (const oks of [[true], [true, false], [false]]) {
      const plain = result(oks, false, false)
      expect(exitStatusOf({ ...plain, bookkeeping })).toBe(exitStatusOf(plain))
      expect(exitStatusOf({ ...plain, bookkeeping: failed })).toBe(oks.includes(true) ? 3 : 1)
    }
  })

  test('of no target at all is no success', () => {
    expect(exitStatusOf(result([], false, false))).toBe(1)
  })
})

describe('R8: a target is called ok', () => {
  test('only when it holds every block of the log, whatever happened on the way', async () => {
    const trouble = fc.oneof<fc.Arbitrary<Partial<FakeBehaviour>>[]>(
      fc.constant({}),
      fc.record({ refuseAfterNewBlocks: fc.constantFrom(0, 50, 274, 275) }),
      fc.record({ endAfterRequests: fc.constantFrom(0, 1, 5, 100, 290) }),
      fc.record({ resetAfterRequests: fc.constantFrom(2, 30, 276) }),
      fc.record({
        fault: fc.record({
          atRequest: fc.integer({ min: 1, max: 300 }),
          kind: fc.constantFrom<Fault>('wrong-score', 'unknown-tag', 'wrong-type', 'long-frame'),
        }),
      }),
    )
    const habits = fc.record({
      shuffleSeed: fc.option(fc.nat()),
      probes: fc.constantFrom<FakeBehaviour['probes']>('index', 'index', 'cache', 'empty', 'devnull', 'data'),
    })
    const behaviour = fc.tuple(trouble, habits).map(([one, other]) => ({ ...one, ...other }))
    const folder = await scratchDir()
    const source = await imageIn(folder, 'seq-day1')
    const expected = expectedBlocks('seq-day1')
    const seen = { ok: 0, failed: 0 }
    let round = 0
    await fc.assert(
      fc.asyncProperty(behaviour, fc.integer({ min: 0, max: 275 }), async (given, had) => {
        const here = join(folder, String(round++))
        await mkdir(here)
        const venti = await startFakeVenti(given)
        try {
          for (const { score, type, size } of clumpLog('seq-day1').slice(0, had)) {
            // Only its key counts for what it holds; its length is what a probe tells.
            venti.blocks.set(`${score}/${type}`, new Uint8Array(size))
          }
          const { target, exit } = await syncIn(here, source, [venti], { retryPauseMs: 1, checkpointMs: 10 })
          seen[target.ok ? 'ok' : 'failed']++
          expect(exit).toBe(target.ok ? 0 : 1)
          if (target.ok) expect(blocksOf(venti)).toEqual(expected)
          else expect(target.error).toContain(dialOf(venti))
          expect(target.error === null).toBe(target.ok)
        } finally {
          await venti.close()
        }
      }),
      { numRuns: 60 },
    )
    expect(Math.min(seen.ok, seen.failed)).toBeGreaterThan(5)
  }, 60_000)

  test('only after a sync of it was acknowledged in this very run, also when nothing was new', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    const source = await imageIn(folder, 'seq-day1')
    await syncIn(folder, source, [venti])
    const before = venti.counters.syncs
    const { exit } = await syncIn(folder, source, [venti])
    expect({ exit, syncs: venti.counters.syncs - before }).toEqual({ exit: 0, syncs: 1 })
    // The server is there, but does not answer the sync.
    venti.behaviour.hangAfterRequests = 1
    const options = { replyTimeoutMs: 300, connectTimeoutMs: 300 }
    const cancel = new AbortController()
    setTimeout(() => cancel.abort(), 600)
    const hung = await syncIn(folder, source, [venti], { ...options, signal: cancel.signal })
    expect({ exit: hung.exit, ok: hung.target.ok }).toEqual({ exit: 1, ok: false })
  })

  test('not by the word of a server that claims to have everything', async () => {
    const folder = await scratchDir()
    const store = new BoastfulStore()
    const venti = new FakeVenti(store)
    await venti.restart()
    onTestFinished(() => venti.close())
    const { target, exit } = await syncIn(folder, await imageIn(folder, 'seq-day1'), [venti])
    expect({ exit, sent: target.sent, held: store.blocks.size }).toEqual({ exit: 0, sent: 275, held: 275 })
  })
})

/** Knows every score it is asked for, also those nobody has ever made. */
class BoastfulStore extends FakeStore {
  override answer(request: Request | NotARequest): Reply | null {
    if (request.kind !== 'read' || request.count > 0) return super.answer(request)
    return { kind: 'error', tag: request.tag, text: 'read too small: asked for 0 need at least 8192' }
  }
}

describe('R8: what went wrong is said', () => {
  test('all targets failed: 1, each with its own reason, and the state says so', async () => {
    const folder = await scratchDir()
    const [full, readOnly] = [await fake({ refuseAfterNewBlocks: 10 }), await fake({ readOnly: true })]
    const { exit, result } = await syncIn(folder, await imageIn(folder, 'seq-day1'), [full, readOnly])
    expect(exit).toBe(1)
    expect(new Map(result.targets.map(({ dial, errorCode }) => [dial, errorCode]))).toEqual(
      new Map([
        [dialOf(full), 'target-full'],
        [dialOf(readOnly), 'target-read-only'],
      ]),
    )
    const mirror = await onlyMirror(folder)
    for (const target of result.targets) {
      expect(mirror.targets.find(({ dial }) => dial === target.dial)!.lastError).toBe(target.error)
    }
    const history = await readHistory(stateDirIn(folder), mirror.name)
    expect(history.map((line) => line.kind === 'run' && line.targets.map(({ ok }) => ok))).toEqual([[false, false]])
  })

  test('a success clears the error of the run before', async () => {
    const folder = await scratchDir()
    const venti = await fake({ refuseAfterNewBlocks: 10 })
    const source = await imageIn(folder, 'seq-day1')
    await syncIn(folder, source, [venti])
    venti.behaviour.refuseAfterNewBlocks = Infinity
    await syncIn(folder, source, [venti])
    const [target] = (await onlyMirror(folder)).targets
    expect({ error: target!.lastError, synced: target!.lastSync !== null }).toEqual({ error: null, synced: true })
  })

  test('a retry that succeeded is no failure, and blocks are counted once', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    let dropped = false
    const { exit, target } = await syncIn(folder, await imageIn(folder, 'seq-day3'), [venti], {
      checkpointMs: 20,
      limitBytesPerSecond: 8_000_000,
      onProgress: ({ targets }) => {
        if (dropped || (targets[0]?.blocksDone ?? 0) < 200) return
        dropped = true
        venti.dropConnections()
      },
    })
    expect({ exit, dropped, error: target.error, blocks: target.blocks }).toEqual({
      exit: 0,
      dropped: true,
      error: null,
      blocks: 951,
    })
    // What was sent twice is traffic, and is said; only blocks whose reply was lost with the connection are not.
    const once = healthyPartition('seq-day3').arenas.reduce((sum, { uncompressed }) => sum + uncompressed, 0)
    expect(target.bytesSent).toBeGreaterThan(once / 2)
    expect(target.bytesSent).toBeLessThanOrEqual(venti.counters.bytes)
  })

  test('a state folder that cannot be written is the failure of the run, not of a target', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    const source = await imageIn(folder, 'seq-day1')
    await writeFile(join(folder, 'state'), 'a file where the folder belongs')
    expect((await rejection(syncIn(folder, source, [venti]))).code).toMatch(/^state-(write|missing)$/)
    expect(venti.counters.writes).toBe(0)
  })

  test('a state that cannot be saved in mid-run: no cursor, no success', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    const source = await imageIn(folder, 'seq-day3')
    const spoilt: Promise<void>[] = []
    // A folder in the place of the file cannot be replaced, by any user. The run may put its file there in between.
    const path = join(stateDirIn(folder), 'mirrors', 'source.json')
    const spoil = async (): Promise<void> => {
      for (let done = false; !done;) {
        await rm(path, { recursive: true, force: true })
        done = await mkdir(join(path, 'occupied'), { recursive: true }).then(
          () => true,
          () => false,
        )
      }
    }
    const run = syncIn(folder, source, [venti], {
      checkpointMs: 20,
      limitBytesPerSecond: 8_000_000,
      onProgress: () => {
        if (spoilt.length === 0) spoilt.push(spoil())
      },
    })
    expect((await rejection(run)).code).toBe('state-write')
    await Promise.all(spoilt)
  })
})

describe('R8: the command line says the same', () => {
  beforeAll(buildCli, 120_000)

  async function sync(folder: string, args: readonly string[]): Promise<Ended> {
    return await runCli(['sync', ...args, '--state', stateDirIn(folder), '--timeout', '10'])
  }

  test('0 for success, 3 for damage, 3 for a target behind, 1 when all failed, 2 for wrong usage', async () => {
    const folder = await scratchDir()
    const [good, full] = [await fake(), await fake({ refuseAfterNewBlocks: 5 })]
    const source = await imageIn(folder, 'seq-day3')
    const damaged = await imageIn(folder, 'bs32k-day3', 'damaged.img')
    const image = await readFile(damaged)
    image.writeUInt8(image[819200 + 32768 + 500]! ^ 1, 819200 + 32768 + 500)
    await writeFile(damaged, image)
    const to = (...targets: readonly FakeVenti[]): string[] => targets.flatMap((one) => ['--to', dialOf(one)])
    const statuses = [
      await sync(folder, [source, ...to(good)]),
      await sync(folder, [damaged, ...to(good)]),
      await sync(folder, [source, ...to(good, full)]),
      await sync(folder, [source, ...to(full)]),
      await sync(folder, [source]),
      await sync(folder, [source, ...to(good), '--rate', '5']),
      await sync(folder, [source, '--to', 'udp!host!17034']),
      await sync(folder, [join(folder, 'nothing.img'), ...to(good)]),
      await sync(folder, [source, ...to(good), '--dry-run']),
    ].map(({ status }) => status)
    // A known mirror needs no --to: it has both targets, of which one is full.
    expect(statuses).toEqual([0, 3, 3, 1, 3, 2, 2, 1, 0])
  }, 60_000)

  test('an error says what happened, what is safe and what to do next; --json has the same', async () => {
    const folder = await scratchDir()
    const full = await fake({ refuseAfterNewBlocks: 5 })
    const source = await imageIn(folder, 'seq-day1')
    const text = await sync(folder, [source, '--to', dialOf(full)])
    expect(text.stdout).toContain('BEHIND')
    expect(text.stdout).toMatch(/why: .*no space left in arenas/)
    expect(text.stdout).toMatch(/safe: .*saved position/)
    expect(text.stdout).toMatch(/next: .*arena partition/)
    const json = await sync(folder, [source, '--to', dialOf(full), '--json'])
    const result = JSON.parse(json.stdout) as SyncResult
    expect(result.targets[0]).toMatchObject({ ok: false, errorCode: 'target-full' })
    expect(result.targets[0]!.error).toContain('no space left in arenas')

    const other = await sync(folder, [await imageIn(folder, 'empty'), '--to', dialOf(full)])
    expect({ status: other.status, what: /is not the partition that mirror/.test(other.stderr) }).toEqual({
      status: 1,
      what: true,
    })
    expect(other.stderr.split('\n').filter((line) => /^ {2}(safe|next): ./.test(line))).toHaveLength(2)
    const wrong = await sync(folder, [await imageIn(folder, 'bad-table'), '--to', dialOf(full), '--limit', 'x'])
    expect(wrong.stderr.split('\n').filter((line) => /^ {2}(safe|next): ./.test(line))).toHaveLength(2)
  }, 60_000)

  test('a dry run foretells the status: 0 when it fits, 1 when nobody can be reached', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    const source = await imageIn(folder, 'seq-day3')
    const plan = await sync(folder, [source, '--to', dialOf(venti), '--dry-run', '--json'])
    expect({ status: plan.status, blocks: (JSON.parse(plan.stdout) as SyncPlan).targets[0]!.blocks }).toEqual({
      status: 0,
      blocks: 951,
    })
    await venti.close()
    expect((await sync(folder, [source, '--to', dialOf(venti), '--dry-run'])).status).toBe(1)
    expect(venti.blocks.size).toBe(0)
  }, 30_000)

  test('interrupted: 1, and the words say that what was confirmed is kept', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    const source = await imageIn(folder, 'seq-day3')
    const args = [
      'sync',
      source,
      '--to',
      dialOf(venti),
      '--state',
      stateDirIn(folder),
      '--limit',
      '1m',
      '--checkpoint',
      '0.1',
    ]
    const run = startCli(args)
    // Until blocks arrive there is nothing to interrupt.
    while (venti.blocks.size < 100) await new Promise((resolve) => setTimeout(resolve, 10))
    run.signal('SIGINT')
    const { status, stdout } = await run.ended
    expect({ status, interrupted: /interrupted/.test(stdout) }).toEqual({ status: 1, interrupted: true })
    const promised = (await onlyMirror(folder)).targets[0]!.cursors['arenas0']!.clumps!
    expect(promised).toBeGreaterThan(50)
    for (const clump of clumpLog('seq-day3').slice(0, promised)) expect(venti.durable.has(keyOf(clump))).toBe(true)
  }, 30_000)
})
