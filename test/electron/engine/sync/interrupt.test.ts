// Ctrl-C: the run ends within two seconds whatever the targets are doing, and everything they confirmed is kept, so that the
// next run sends only the rest.

import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { readHistory } from '../../../../electron/engine/state/history.ts'
import { planSync } from '../../../../electron/engine/sync/plan-sync.ts'
import { allowedMs, buildCli, startCli, type CliProcess, type Ended } from '../../../helpers/cli-process.ts'
import type { FakeBehaviour } from '../../../helpers/fake-store.ts'
import { startFakeVenti, type FakeVenti } from '../../../helpers/fake-venti.ts'
import { expectedBlocks } from '../../../helpers/fixtures.ts'
import { scratchDir } from '../../../helpers/scratch.ts'
import {
  blocksOf,
  clumpLog,
  cursorsIn,
  dialOf,
  imageIn,
  keyOf,
  onlyMirror,
  promisedBy,
  stateDirIn,
  stateFiles,
  syncIn,
  type AnyTarget,
} from '../../../helpers/sync-runs.ts'
import { startWatchedVenti } from '../../../helpers/watched-store.ts'

async function fake(behaviour: Partial<FakeBehaviour> = {}): Promise<FakeVenti> {
  const venti = await startFakeVenti(behaviour)
  onTestFinished(() => venti.close())
  return venti
}

/** Until something has happened at a server; there is no event a test could wait for. */
async function until(holds: () => boolean, process?: CliProcess): Promise<void> {
  while (!holds()) {
    if (process?.isOver === true) throw new Error(`it ended before it could be interrupted:\n${process.output}`)
    await pause(5)
  }
}

type Interrupted = Ended & { readonly ms: number; readonly inTime: boolean }

/** `inTime`: it ended within the two seconds that are promised, or what they are on a machine as loaded as this one. */
async function interrupt(run: CliProcess, signal: NodeJS.Signals = 'SIGINT'): Promise<Interrupted> {
  const began = performance.now()
  run.signal(signal)
  const ended = await run.ended
  const ms = performance.now() - began
  return { ...ended, ms, inTime: ms < (await allowedMs(2000)) }
}

const log = clumpLog('seq-day3')

/**
 * Not one block is known to the target and not to the cursor, unless the replies on their way took longer than a cancelled
 * run waits for them. Half a second in all says that they did not.
 */
function expectKept(promised: number, known: number, ms: number): void {
  if (ms < 500) expect(promised).toBe(known)
  else expect(promised).toBeLessThanOrEqual(known)
}

describe('the program, interrupted', () => {
  beforeAll(buildCli, 120_000)

  async function started(
    targets: readonly AnyTarget[],
    more: readonly string[] = [],
  ): Promise<{ folder: string; run: CliProcess }> {
    const folder = await scratchDir()
    const source = await imageIn(folder, 'seq-day3')
    const to = targets.flatMap((target) => ['--to', dialOf(target)])
    const run = startCli(['sync', source, ...to, '--state', stateDirIn(folder), ...more])
    onTestFinished(async () => void (await run.kill()))
    return { folder, run }
  }

  test.each<NodeJS.Signals>(['SIGINT', 'SIGTERM', 'SIGHUP'])(
    'by %s in mid-copy: everything confirmed is kept, nothing is sent twice',
    async (signal) => {
      const venti = await fake()
      const { folder, run } = await started([venti], ['--limit', '1m'])
      await until(() => venti.blocks.size > 250, run)
      const { status, ms, inTime } = await interrupt(run, signal)
      expect({ status, inTime }).toEqual({ status: 1, inTime: true })
      const promised = promisedBy(log, cursorsIn(await onlyMirror(folder), venti))
      const known = venti.blocks.size
      expectKept(promised.length, known, ms)
      const history = await readHistory(stateDirIn(folder), 'source')
      expect(history.map((line) => line.kind === 'run' && line.cancelled)).toEqual([true])
      const { exit, target } = await syncIn(folder, join(folder, 'source.img'), [venti])
      expect({ exit, blocks: target.blocks }).toEqual({ exit: 0, blocks: 951 - promised.length })
      expect(venti.counters.writes).toBeLessThanOrEqual(951 + known - promised.length)
      expect(blocksOf(venti)).toEqual(expectedBlocks('seq-day3'))
    },
  )

  test.each<[string, Partial<FakeBehaviour>, (venti: FakeVenti) => boolean]>([
    ['is silent before its greeting', { greeting: null }, ({ counters }) => counters.connections > 0],
    ['greets and does not answer', { hangAfterRequests: 0 }, ({ counters }) => counters.connections > 0],
    ['hangs in mid-copy', { hangAfterRequests: 300 }, ({ counters }) => counters.requests >= 300],
    ['answers a second late', { delayMs: 1000 }, ({ counters }) => counters.requests > 20],
  ])('while a target %s', async (_what, behaviour, ready) => {
    const venti = await fake(behaviour)
    const { folder, run } = await started([venti], ['--checkpoint', '0.1'])
    await until(() => ready(venti), run)
    const { status, inTime } = await interrupt(run)
    expect({ status, inTime }).toEqual({ status: 1, inTime: true })
    for (const clump of promisedBy(log, cursorsIn(await onlyMirror(folder), venti))) {
      expect(venti.durable.has(keyOf(clump))).toBe(true)
    }
  })

  test('while a target does not answer the sync', async () => {
    const { venti, store } = await startWatchedVenti()
    onTestFinished(() => venti.close())
    store.onRequest = (kind) => (store.behaviour.hold = kind === 'sync')
    const { folder, run } = await started([venti], ['--limit', '2m', '--checkpoint', '0.2'])
    await until(() => store.held.length > 0, run)
    const { status, inTime } = await interrupt(run)
    expect({ status, inTime }).toEqual({ status: 1, inTime: true })
    expect(cursorsIn(await onlyMirror(folder), venti)).toEqual({})
  })

  test('while a target is waited for that is not there', async () => {
    const venti = await fake()
    await venti.close()
    const { run } = await started([venti], ['--progress'])
    await run.says(/trying again/)
    const { status, inTime } = await interrupt(run)
    expect({ status, inTime }).toEqual({ status: 1, inTime: true })
  })

  test('with one target hung and one in mid-copy: what the second confirmed is kept', async () => {
    const [hung, good] = [await fake({ hangAfterRequests: 0 }), await fake()]
    const { folder, run } = await started([hung, good], ['--limit', '1m', '--checkpoint', '60'])
    await until(() => good.blocks.size > 200, run)
    const { status, ms, inTime } = await interrupt(run)
    expect({ status, inTime }).toEqual({ status: 1, inTime: true })
    const mirror = await onlyMirror(folder)
    expectKept(promisedBy(log, cursorsIn(mirror, good)).length, good.blocks.size, ms)
    expect(cursorsIn(mirror, hung)).toEqual({})
  })

  test('while the source’s own server is asked to flush and says nothing', async () => {
    const [silent, venti] = [await fake({ hangAfterRequests: 0 }), await fake()]
    const { run } = await started([venti], ['--source-venti', dialOf(silent)])
    await until(() => silent.connections > 0, run)
    await pause(50)
    const { status, inTime } = await interrupt(run)
    expect({ status, inTime }).toEqual({ status: 1, inTime: true })
    expect(venti.counters.writes).toBe(0)
  })

  test('while a dry run waits for a target', async () => {
    const venti = await fake({ greeting: null })
    const { folder, run } = await started([venti], ['--dry-run'])
    await until(() => venti.connections > 0, run)
    const { status, inTime } = await interrupt(run)
    expect({ status, inTime }).toEqual({ status: 1, inTime: true })
    expect(await stateFiles(folder)).toEqual([])
  })

  test('twice: ends at once, with the status of the signal', async () => {
    const { venti, store } = await startWatchedVenti()
    onTestFinished(() => venti.close())
    let syncs = 0
    store.onRequest = (kind) => {
      store.behaviour.hold = kind === 'sync'
      if (kind === 'sync') syncs++
    }
    const { run } = await started([venti], ['--limit', '1m', '--checkpoint', '60'])
    await until(() => venti.blocks.size > 50, run)
    run.signal('SIGINT')
    // The first one was taken: the run asks for a last sync, gets no answer, and would wait for it. Without that, two
    // signals could count as one.
    await until(() => syncs > 0, run)
    const { status, inTime } = await interrupt(run)
    expect({ status, inTime }).toEqual({ status: 130, inTime: true })
  })

  test('the lock is gone afterwards', async () => {
    const venti = await fake()
    const { folder, run } = await started([venti], ['--limit', '1m'])
    await until(() => venti.blocks.size > 50, run)
    await interrupt(run)
    expect((await syncIn(folder, join(folder, 'source.img'), [venti])).exit).toBe(0)
  })
})

describe('a run, cancelled by its signal', () => {
  test('before it began: nothing is sent, nobody is called', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    const signal = AbortSignal.abort()
    const { exit, result } = await syncIn(folder, await imageIn(folder, 'seq-day1'), [venti], { signal })
    expect({ exit, cancelled: result.cancelled, connections: venti.counters.connections }).toEqual({
      exit: 1,
      cancelled: true,
      connections: 0,
    })
  })

  test('at any request: nothing is promised that is not there, and the next run completes the copy', async () => {
    const folder = await scratchDir()
    let round = 0
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1000 }), fc.constantFrom(1, 20, 5000), async (at, checkpointMs) => {
        const here = join(folder, String(round++))
        const { venti, store } = await startWatchedVenti()
        try {
          const cancel = new AbortController()
          store.onRequest = () => {
            if (store.requests === at) cancel.abort()
          }
          const source = await imageIn(folder, 'seq-day3')
          const { result } = await syncIn(here, source, [venti], { signal: cancel.signal, checkpointMs })
          expect(result.cancelled).toBe(cancel.signal.aborted)
          const promised = promisedBy(log, cursorsIn(await onlyMirror(here), venti))
          expect(promised.filter((clump) => !store.durable.has(keyOf(clump)))).toEqual([])
          const { exit } = await syncIn(here, source, [venti])
          expect(exit).toBe(0)
          expect(blocksOf(venti)).toEqual(expectedBlocks('seq-day3'))
          expect(store.counters.writes).toBe(951)
        } finally {
          await venti.close()
        }
      }),
      { numRuns: 25 },
    )
  }, 60_000)

  test('of a plan: rejects at once', async () => {
    const folder = await scratchDir()
    const venti = await fake({ greeting: null })
    const cancel = new AbortController()
    const options = { targets: [dialOf(venti)], stateDir: stateDirIn(folder), environment: {}, signal: cancel.signal }
    const plan = planSync({ source: await imageIn(folder, 'seq-day1'), ...options })
    await until(() => venti.connections > 0)
    const began = performance.now()
    cancel.abort()
    expect((await plan).targets[0]!.error).toContain('cancelled')
    // It would wait ten seconds for the greeting.
    expect(performance.now() - began).toBeLessThan(5000)
  })
})
