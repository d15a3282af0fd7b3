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

async function savedText(folder: string): Promise<string | null> {
  return await readFile(join(stateDirIn(folder), 'mirrors', 'source.json'), 'utf8').catch(() => null)
}

async function stateOf(folder: string): Promise<MirrorState | null> {
  const text = await savedText(folder)
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
    // A loaded machine may take its time; a reconnect nobody caused would blur what follows from what.
    '--timeout',
    '60',
    '--json',
  ])
}

/**
 * Resolves with null at a random instant of a run: any, its start-up included, or, every other time, soon after it has saved
 * a cursor, because on a loaded machine half a second is no more than a start-up.
 */
async function someInstant(sync: CliProcess, folder: string): Promise<null> {
  if (Math.random() < 0.5) return await pause(random(60, 500), null)
  const before = await savedText(folder)
  while (!sync.isOver && (await savedText(folder)) === before) await pause(5)
  return await pause(random(0, 150), null)
}

/** Whether a kill found the copy begun and not complete. */
function isMidCopy(promised: readonly LoggedClump[]): boolean {
  return promised.length > 0 && promised.length < log.length
}

/**
 * What the cursors must cover when a run is killed, in log order: what they covered when it began, and what it had confirmed
 * by its last sync but `lag`. When a sync arrives, the cursors that the one before brought are saved, and they cover what
 * was answered when that was asked for. That is everything that came before the one before it (a lag of two), or, where
 * replies may overtake each other, before the one before that: no sync leaves with older requests unanswered. What an
 * earlier run left on the target does not count before this one has found or sent it.
 */
function certainIn(
  atStart: readonly LoggedClump[],
  atSyncs: readonly ReadonlySet<string>[],
  lag: number,
): readonly LoggedClump[] {
  const covered = new Set([...atStart.map(keyOf), ...(atSyncs.at(-1 - lag) ?? [])])
  const end = log.findIndex((clump) => !covered.has(keyOf(clump)))
  return end === -1 ? log : log.slice(0, end)
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
    const stats = { kills: 0, midCopy: 0, copies: 0, bound: 0, repeated: 0, mostRepeated: 0 }
    // On a loaded machine a copy has few checkpoints, so that few kills find progress that had to be saved.
    const wantsMore = (): boolean => stats.kills < rounds || (stats.bound <= rounds / 8 && stats.kills < 3 * rounds)
    while (wantsMore()) {
      const folder = await scratchDir()
      await imageIn(folder, 'seq-day3')
      const shuffleSeed = oneOf([null, 1, 2])
      const { venti, store } = await startWatchedVenti({ shuffleSeed })
      onTestFinished(() => venti.close())
      let promised: readonly LoggedClump[] = []
      for (let kills = 0; ;) {
        /** What the present run had confirmed when each of its syncs arrived. */
        const atSyncs: Set<string>[] = []
        store.confirmed.clear()
        const before = { ...store.counters, promised, left: store.blocks.size - promised.length }
        const sync = syncCommand(folder, dialOf(venti))
        let durable: ReadonlySet<string> | null = null
        const kill = (): void => {
          sync.signal('SIGKILL')
          // As if the target's power failed at that instant too: a sync that is on its way saves nothing.
          durable = new Set(store.durable)
        }
        const timers: NodeJS.Timeout[] = []
        const trigger =
          kills < killsPerCopy && wantsMore()
            ? oneOf(['time', 'time in copy', 'write', 'sync', 'sync', 'behind sync'] as const)
            : 'none'
        // On a loaded machine a start takes a second, so not every instant counts from there.
        if (trigger === 'time') timers.push(setTimeout(kill, random(80, 600)))
        let countdown = Math.ceil(random(0, trigger === 'write' ? 300 : 8))
        store.onRequest = (kind) => {
          if (kind === 'sync') atSyncs.push(new Set(store.confirmed))
          if (trigger === 'time in copy' && timers.length === 0) timers.push(setTimeout(kill, random(0, 500)))
          if (kind !== (trigger === 'write' ? 'write' : 'sync') || --countdown !== 0) return
          // Before the reply can leave, or just when the cursor is being saved.
          if (trigger === 'behind sync') timers.push(setTimeout(kill, random(0, 12)))
          else if (trigger === 'write' || trigger === 'sync') kill()
        }
        const ended = await sync.ended
        // What the dead had sent is still on its way; it must not be taken for the next run's.
        while (venti.connections > 0) await pause(1)
        for (const timer of timers) clearTimeout(timer)
        store.onRequest = () => undefined

        const state = await stateOf(folder)
        promised = state === null ? [] : promisedBy(log, cursorsIn(state, venti))
        const certain = certainIn(before.promised, atSyncs, shuffleSeed === null ? 2 : 3)
        const done = new Set(promised.map(keyOf))
        const safe = durable ?? store.durable
        expect({
          lost: promised.filter((clump) => !safe.has(keyOf(clump))),
          late: certain.filter((clump) => !done.has(keyOf(clump))),
          again: before.promised.filter((clump) => store.confirmed.has(keyOf(clump))),
        }).toEqual({ lost: [], late: [], again: [] })
        // What this run sent for nothing the one before it had left behind its last cursor.
        const { writes, newBlocks } = store.counters
        expect(writes - before.writes - (newBlocks - before.newBlocks)).toBeLessThanOrEqual(before.left)

        if (ended.signal === null) {
          expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: '' })
          break
        }
        kills++
        stats.kills++
        if (isMidCopy(promised)) stats.midCopy++
        if (certain.length > before.promised.length) stats.bound++
        const beyond = [...store.blocks].filter(([key]) => !done.has(key))
        const repeated = beyond.reduce((sum, [, data]) => sum + data.length, 0)
        stats.repeated += repeated
        stats.mostRepeated = Math.max(stats.mostRepeated, repeated)
      }
      expect(blocksOf(venti)).toEqual(expectedBlocks('seq-day3'))
      const left = await readdir(join(stateDirIn(folder), 'mirrors'))
      expect(left).toEqual(['source.json'])
      stats.copies++
      await venti.close()
    }
    const average = Math.round(stats.repeated / stats.kills)
    process.stderr.write(
      `R3: ${stats.kills} kills of sync in ${stats.copies} copies, ${stats.midCopy} of them mid-copy, ${stats.bound} with progress that had to be saved; repeated ${average} bytes on average, ${stats.mostRepeated} at most\n`,
    )
    // How many bytes that is tells of the machine; that it is never more than the checkpoints allow was held above.
    expect(stats.midCopy).toBeGreaterThan(rounds / 4)
    expect(stats.bound).toBeGreaterThan(rounds / 8)
  }, 600_000)

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
        const ended = await Promise.race([sync.ended, mayKill ? someInstant(sync, folder) : sync.ended])
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
  }, 600_000)
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
