// R3 Kill-safe. After kill -9 or power loss at any instant the next sync ends with the same blocks on the target as an
// uninterrupted one, and repeats at most one checkpoint's worth of work.
//
// The real program is killed with SIGKILL again and again in the middle of copies: at random instants, and right at the
// requests between which a wrong order would lose blocks; its target is killed and restarted too, and every time the saved
// cursors are held against what the target has (R2). Every kill is a round; the next run resumes.

import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { sha1 } from '../../electron/engine/hash/sha1.ts'
import { decodeMirror } from '../../electron/engine/state/mirror-file.ts'
import { connectVenti } from '../../electron/engine/venti/client/client.ts'
import { parseDial } from '../../electron/engine/venti/client/dial.ts'
import { startServer } from '../../electron/engine/venti/server/server.ts'
import type { MirrorState } from '../../shared/model/mirror.ts'
import type { SyncResult } from '../../shared/model/run.ts'
import { buildCli, freePort, startCli, startServe, type CliProcess } from '../helpers/cli-process.ts'
import { expectedBlocks } from '../helpers/fixtures.ts'
import { scratchDir } from '../helpers/scratch.ts'
import {
  blocksOf,
  clumpLog,
  cursorsIn,
  dialOf,
  imageIn,
  keyOf,
  promisedBy,
  stateDirIn,
  syncIn,
  type LoggedClump,
} from '../helpers/sync-runs.ts'
import { startWatchedVenti } from '../helpers/watched-store.ts'

/** Sent a second: a copy takes about a second and a half, so that kills land in it. */
const limit = 4_000_000
const checkpointSeconds = 0.05
/** After so many kills a copy may finish; then it is compared, and the next one begins. */
const killsPerCopy = 8

const log = clumpLog('seq-day3')
const endOfLog = new Map(log.map((clump) => [clump.arena, clump.next]))

const random = (from: number, to: number): number => from + Math.random() * (to - from)
const oneOf = <T>(choices: readonly T[]): T => choices[Math.floor(Math.random() * choices.length)] as T

async function stateOf(folder: string): Promise<MirrorState | null> {
  const path = join(stateDirIn(folder), 'mirrors', 'source.json')
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return null
  const decoded = decodeMirror(text)
  if (typeof decoded === 'string') throw new Error(`killed in the middle of a save, the state is not whole: ${decoded}`)
  return decoded
}

function syncCommand(folder: string, dial: string): CliProcess {
  const place = ['sync', join(folder, 'source.img'), '--to', dial, '--state', stateDirIn(folder)]
  return startCli([
    ...place,
    '--limit',
    String(limit),
    '--checkpoint',
    String(checkpointSeconds),
    '--timeout',
    '10',
    '--json',
  ])
}

/** Whether a kill found the copy begun and not complete. */
function isMidCopy(promised: readonly LoggedClump[]): boolean {
  return promised.length > 0 && promised.length < log.length
}

beforeAll(buildCli, 120_000)

describe('R3, at chosen requests', () => {
  // From the first request on, every so many: the same places in every run of this test.
  const places = Array.from({ length: 20 }, (_, i) => 1 + i * 53)

  test.each(places)('the target loses its power at request %i and forgets what no sync covered', async (place) => {
    const folder = await scratchDir()
    const { venti, store } = await startWatchedVenti()
    onTestFinished(() => venti.close())
    const cuts: Promise<void>[] = []
    let lost = 0
    let known = 0
    store.onRequest = () => {
      if (cuts.length > 0 || store.requests < place) return
      const cut = async (): Promise<void> => {
        await venti.crash()
        lost = store.counters.newBlocks - store.blocks.size
        const state = await stateOf(folder)
        const promised = state === null ? [] : promisedBy(log, cursorsIn(state, venti))
        expect(promised.filter((clump) => !store.durable.has(keyOf(clump)))).toEqual([])
        known = store.blocks.size - promised.length
        await venti.restart()
      }
      cuts.push(cut())
    }
    const source = await imageIn(folder, 'seq-day3')
    const { exit } = await syncIn(folder, source, [venti], { checkpointMs: 5, retryPauseMs: 5 })
    await Promise.all(cuts)
    expect({ exit, cuts: cuts.length }).toEqual({ exit: 0, cuts: 1 })
    expect(blocksOf(venti)).toEqual(expectedBlocks('seq-day3'))
    // Sent again: what was lost, and at most what a sync had covered and no cursor yet. Nothing else.
    expect(store.counters.writes).toBeLessThanOrEqual(log.length + lost + known)
  })
})

describe('R3', () => {
  test('the program killed at random instants and at the requests that matter: complete in the end, little is repeated', async () => {
    const rounds = 60
    const stats = { kills: 0, midCopy: 0, copies: 0, repeated: 0, mostRepeated: 0 }
    while (stats.kills < rounds) {
      const folder = await scratchDir()
      await imageIn(folder, 'seq-day3')
      const { venti, store } = await startWatchedVenti({ shuffleSeed: oneOf([null, 1, 2]) })
      onTestFinished(() => venti.close())
      /** Blocks on the target when each of the last two syncs of the present run arrived. */
      let covered: Set<string>[] = []
      for (let kills = 0; ;) {
        covered = [new Set(store.blocks.keys())]
        const before = { writes: store.counters.writes, blocks: store.counters.newBlocks }
        const sync = syncCommand(folder, dialOf(venti))
        const kill = (): void => sync.signal('SIGKILL')
        const trigger =
          kills < killsPerCopy && stats.kills < rounds
            ? oneOf(['time', 'time', 'write', 'sync', 'behind sync'] as const)
            : 'none'
        let countdown = Math.ceil(random(0, trigger === 'write' ? 300 : 12))
        store.onRequest = (kind) => {
          if (kind === 'sync') covered = [...covered.slice(-2), new Set(store.blocks.keys())]
          if (kind !== (trigger === 'write' ? 'write' : 'sync') || trigger === 'time' || --countdown !== 0) return
          // Before the reply can leave, or just when the cursor is being saved.
          if (trigger === 'behind sync') setTimeout(kill, random(0, 12))
          else if (trigger !== 'none') kill()
        }
        const timer = trigger === 'time' ? setTimeout(kill, random(80, 600)) : null
        const ended = await sync.ended
        if (timer !== null) clearTimeout(timer)
        store.onRequest = () => undefined

        const state = await stateOf(folder)
        const promised = state === null ? [] : promisedBy(log, cursorsIn(state, venti))
        expect(promised.filter((clump) => !venti.durable.has(keyOf(clump)))).toEqual([])
        // Another run must not find more left to repeat than came since the last sync but one that this run asked for.
        const done = new Set(promised.map(keyOf))
        const beyond = [...store.blocks.keys()].filter((key) => !done.has(key))
        const certain = covered.length >= 3 ? covered[covered.length - 3]! : new Set<string>()
        if (state !== null) expect(beyond.filter((key) => certain.has(key))).toEqual([])
        const repeated = beyond.reduce((sum, key) => sum + store.blocks.get(key)!.length, 0)

        if (ended.signal === null) {
          expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: '' })
          break
        }
        kills++
        stats.kills++
        if (isMidCopy(promised)) stats.midCopy++
        stats.repeated += repeated
        stats.mostRepeated = Math.max(stats.mostRepeated, repeated)
        // What this run sent for nothing was what the one before had left.
        expect(store.counters.writes - before.writes).toBeGreaterThanOrEqual(store.counters.newBlocks - before.blocks)
      }
      expect(blocksOf(venti)).toEqual(expectedBlocks('seq-day3'))
      const left = await readdir(join(stateDirIn(folder), 'mirrors'))
      expect(left).toEqual(['source.json'])
      stats.copies++
      await venti.close()
    }
    const average = Math.round(stats.repeated / stats.kills)
    process.stderr.write(
      `R3: ${stats.kills} kills of sync in ${stats.copies} copies, ${stats.midCopy} of them mid-copy; repeated ${average} bytes on average, ${stats.mostRepeated} at most\n`,
    )
    expect(stats.midCopy).toBeGreaterThan(rounds / 4)
    // One checkpoint is 200 kB at this rate; a loaded machine makes them late, so the bound is wide.
    expect(average).toBeLessThan(1_000_000)
  }, 240_000)

  test('the program and its target killed at random instants, 100 times: no promise broken, the same blocks in the end', async () => {
    const rounds = 100
    const stats = { sync: 0, server: 0, both: 0, midCopy: 0, copies: 0, checked: 0 }
    const kills = (): number => stats.sync + stats.server + stats.both
    while (kills() < rounds) {
      const folder = await scratchDir()
      await imageIn(folder, 'seq-day3')
      const port = await freePort()
      const dial = `tcp!127.0.0.1!${port}`
      const file = join(folder, 'target')
      let server = await startServe(file, port, ['--size', '16m', '--arena-size', '2m'])
      let sync: CliProcess | null = null
      const killedHere = kills()
      for (;;) {
        sync ??= syncCommand(folder, dial)
        const mayKill = kills() < rounds && kills() - killedHere < killsPerCopy
        const ended = await Promise.race([sync.ended, mayKill ? pause(random(60, 500), null) : sync.ended])
        if (ended !== null) {
          // A run may have met too many restarts of its target; the next one goes on.
          if (ended.status === 0) break
          expect(ended.status).toBe(1)
          sync = null
          continue
        }
        const victim = oneOf(['sync', 'server', 'server', 'both'] as const)
        stats[victim]++
        if (victim !== 'sync') await server.kill()
        if (victim !== 'server') {
          await sync.kill()
          sync = null
        }
        // As it was when the target died: what was saved by then must have survived it.
        const state = await stateOf(folder)
        const promised = state === null ? [] : promisedBy(log, cursorsIn(state, dial))
        if (isMidCopy(promised)) stats.midCopy++
        if (victim === 'sync') continue
        server = await startServe(file, port)
        stats.checked += await expectReadable(dial, promised)
      }
      const last = await sync.ended
      const result = JSON.parse(last.stdout) as SyncResult
      expect(result.targets[0]).toMatchObject({ ok: true, error: null })
      for (const [arena, end] of endOfLog) expect(cursorsIn((await stateOf(folder))!, dial)[arena]!.offset).toBe(end)
      // The power goes once more, right after the success was reported.
      await server.kill()
      await expectHolds(file, expectedBlocks('seq-day3')!)
      stats.copies++
    }
    process.stderr.write(
      `R3: killed sync ${stats.sync}, server ${stats.server}, both ${stats.both} times in ${stats.copies} copies, ${stats.midCopy} mid-copy; ${stats.checked} promised blocks read back after a kill of the server\n`,
    )
    expect(kills()).toBe(rounds)
    expect(stats.midCopy).toBeGreaterThan(rounds / 4)
    expect(stats.checked).toBeGreaterThan(1000)
  }, 280_000)
})

/** Reads the blocks back from a server that has just been restarted (R2); the client checks every score. */
async function expectReadable(dial: string, clumps: readonly LoggedClump[]): Promise<number> {
  const client = await connectVenti(parseDial(dial))
  try {
    const sizes = await Promise.all(clumps.map(async ({ score, type }) => (await client.read(score, type)).length))
    expect(sizes).toEqual(clumps.map(({ size }) => size))
  } finally {
    await client.close()
  }
  return clumps.length
}

/** The store in the file has these blocks and no others. */
async function expectHolds(file: string, lines: readonly string[]): Promise<void> {
  const server = await startServer({ path: file, listen: { port: 0 } })
  try {
    const client = await connectVenti(parseDial(server.dial))
    const found = await Promise.all(
      log.map(async ({ score, type }) => {
        const data = await client.read(score, type)
        return `${sha1(data)}/${type}/${data.length}`
      }),
    )
    await client.close()
    expect(found.toSorted()).toEqual(lines)
    expect(server.stats().blocks).toBe(lines.length)
  } finally {
    await server.close()
  }
}
