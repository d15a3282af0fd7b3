// The advance rule of cursors (R2), first alone and pure, then as the target writer applies it over a connection whose
// replies come late, out of order or never: whatever happens, a cursor that was handed out to be saved stands behind blocks
// that are on the target's disk, and nowhere else.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sha1 } from '../../../../electron/engine/hash/sha1.ts'
import {
  advance,
  cursorOf,
  logStart,
  positionOf,
  startTrack,
  type ArenaAtScan,
  type Position,
} from '../../../../electron/engine/sync/cursor.ts'
import { SendModeChooser, type ModePolicy } from '../../../../electron/engine/sync/send-mode.ts'
import { emptyTally, TargetWriter, type WriterArena } from '../../../../electron/engine/sync/target-writer.ts'
import type { ClumpItem } from '../../../../electron/engine/venti/arena/clump-scanner.ts'
import { openVenti } from '../../../../electron/engine/venti/client/client.ts'
import type { Cursor } from '../../../../shared/model/mirror.ts'
import type { Score } from '../../../../shared/model/score.ts'
import { blockOf, settle } from '../../../helpers/client-calls.ts'
import { FakeStore } from '../../../helpers/fake-store.ts'
import { connectInMemory } from '../../../helpers/fake-venti-session.ts'

const score = 'ab'.repeat(20) as Score

const arenaWith = (countedUsed: number, name = 'arenas0'): ArenaAtScan => ({
  name,
  start: 794624,
  version: 5,
  clumpMagic: 0x8e772715,
  countedUsed,
})

const at = (offset: number): Position => ({
  offset,
  clumps: offset / 100,
  uncompressed: offset,
  last: { offset: offset - 100, score },
})

describe('advance', () => {
  test('moves with what was acknowledged, up to what the tail counted', () => {
    const track = startTrack(arenaWith(300), logStart, 0)
    const seen = [100, 200, 300, 400].map((offset) => {
      advance(track, at(offset), false)
      return [track.cursor.offset, track.seenTo]
    })
    expect(seen).toEqual([
      [100, 100],
      [200, 200],
      [300, 300],
      [300, 400],
    ])
  })

  test('stays before a last clump that may still be completed, for the rest of the scan', () => {
    const track = startTrack(arenaWith(300), at(100), 0)
    advance(track, at(200), false)
    advance(track, at(200), true)
    advance(track, at(300), false)
    expect([track.cursor.offset, track.seenTo, track.held]).toEqual([200, 300, true])
  })

  test('never goes back', () => {
    const track = startTrack(arenaWith(1000), at(500), 700)
    for (const offset of [100, 400, 500]) advance(track, at(offset), false)
    expect([track.cursor.offset, track.seenTo]).toEqual([500, 700])
  })

  test('moves nothing without a usable tail', () => {
    const track = startTrack(arenaWith(0), logStart, 0)
    advance(track, at(100), false)
    expect(cursorOf(track)).toEqual({
      start: 794624,
      version: 5,
      clumpMagic: 0x8e772715,
      offset: 0,
      clumps: 0,
      uncompressed: 0,
      last: null,
      seenTo: 100,
    })
  })

  test('holds for any sequence: never beyond the counted end or a held place, never back, never skipping', () => {
    const steps = fc.array(fc.record({ to: fc.integer({ min: 1, max: 40 }), holds: fc.boolean() }), { maxLength: 40 })
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 40 }), (moves, counted) => {
        const track = startTrack(arenaWith(counted * 100), logStart, 0)
        let reached = 0
        let heldAt = Infinity
        for (const { to, holds } of moves) {
          const before = track.cursor.offset
          // A held step passes nothing: the position before the clump is named again.
          const position = holds ? reached : Math.max(reached, to)
          if (holds) heldAt = Math.min(heldAt, reached)
          advance(track, at(position * 100), holds)
          reached = position
          expect(track.cursor.offset).toBeGreaterThanOrEqual(before)
          expect(track.cursor.offset).toBeLessThanOrEqual(Math.min(counted, heldAt, reached) * 100)
          expect(track.seenTo).toBeGreaterThanOrEqual(track.cursor.offset)
        }
      }),
    )
  })
})

describe('where a scan begins', () => {
  const cursor: Cursor = {
    start: 794624,
    version: 5,
    clumpMagic: 1,
    offset: 500,
    clumps: 5,
    uncompressed: 500,
    last: { offset: 400, score },
    seenTo: 500,
  }

  test('is the cursor', () => {
    expect(positionOf(cursor)).toEqual({ offset: 500, clumps: 5, uncompressed: 500, last: cursor.last })
    expect(positionOf(undefined)).toEqual(logStart)
  })

  test('is the last good clump where the cursor stands right behind damage', () => {
    expect(positionOf({ ...cursor, clumps: null }).offset).toBe(400)
    expect(positionOf({ ...cursor, clumps: null, last: null })).toEqual(logStart)
  })
})

// The writer, as a state machine driven by commands. The model knows which block lies where; the store of the fake venti
// knows which of them a power cut would leave.

type Model = { offered: number; readonly offsets: Map<string, { readonly end: number; readonly key: string | null }[]> }

type Real = {
  readonly store: FakeStore
  readonly writer: TargetWriter
  readonly arenas: readonly WriterArena[]
  readonly close: () => void
  /** Cursors handed out by checkpoints, and the ends of held places. */
  readonly saved: Map<string, Cursor>
  readonly heldAt: Map<string, number>
  readonly checkpoints: Promise<void>[]
  nextBlock: number
}

const countedEnd = 2000

function check(model: Model, real: Real): void {
  for (const [name, cursor] of real.saved) {
    expect(cursor.offset).toBeLessThanOrEqual(countedEnd)
    expect(cursor.offset).toBeLessThanOrEqual(real.heldAt.get(name) ?? Infinity)
    for (const { end, key } of model.offsets.get(name) ?? []) {
      if (end > cursor.offset || key === null) continue
      expect(
        real.store.durable.has(key as `${string}/${number}`),
        `${name}: block that ends at ${end}, cursor ${cursor.offset}`,
      ).toBe(true)
    }
  }
}

abstract class Step implements fc.AsyncCommand<Model, Real> {
  check(): boolean {
    return true
  }

  async run(model: Model, real: Real): Promise<void> {
    this.act(model, real)
    await settle(2)
    check(model, real)
  }

  abstract act(model: Model, real: Real): void
  abstract toString(): string
}

class Offer extends Step {
  readonly #arena: number
  readonly #twoTypes: boolean
  readonly #known: boolean

  constructor(arena: number, twoTypes: boolean, known: boolean) {
    super()
    this.#arena = arena
    this.#twoTypes = twoTypes
    this.#known = known
  }

  act(model: Model, real: Real): void {
    const arena = real.arenas[this.#arena]!
    const { name } = arena.track.arena
    const data = blockOf(++real.nextBlock)
    if (this.#known) real.store.put(data)
    const entries = model.offsets.get(name)!
    const offset = entries.at(-1)?.end ?? 0
    const nextOffset = offset + 100
    const item: ClumpItem = {
      kind: 'clump',
      arena: name,
      offset,
      nextOffset,
      index: null,
      type: 13,
      alsoType: this.#twoTypes ? 2 : null,
      score: sha1(data),
      data,
      storedSize: 62,
    }
    entries.push({ end: nextOffset, key: `${item.score}/13` })
    if (this.#twoTypes) entries.push({ end: nextOffset, key: `${item.score}/2` })
    real.writer.offer(arena, item, {
      offset: nextOffset,
      clumps: null,
      uncompressed: null,
      last: { offset, score: item.score },
    })
  }

  override toString(): string {
    return `offer(${this.#arena}${this.#twoTypes ? ', two types' : ''}${this.#known ? ', known' : ''})`
  }
}

class PassDamage extends Step {
  readonly #arena: number
  readonly #holds: boolean

  constructor(arena: number, holds: boolean) {
    super()
    this.#arena = arena
    this.#holds = holds
  }

  act(model: Model, real: Real): void {
    const arena = real.arenas[this.#arena]!
    const { name } = arena.track.arena
    const entries = model.offsets.get(name)!
    const offset = entries.at(-1)?.end ?? 0
    if (this.#holds) real.heldAt.set(name, Math.min(real.heldAt.get(name) ?? Infinity, offset))
    const end = this.#holds ? offset : offset + 100
    entries.push({ end: offset + 100, key: null })
    real.writer.pass(arena, { offset: end, clumps: null, uncompressed: null, last: null }, this.#holds)
  }

  override toString(): string {
    return `damage(${this.#arena}${this.#holds ? ', held' : ''})`
  }
}

class Answer extends Step {
  readonly #picks: readonly number[]

  constructor(picks: readonly number[]) {
    super()
    this.#picks = picks
  }

  act(_model: Model, real: Real): void {
    const { held } = real.store
    // The protocol allows any order of replies.
    for (const pick of this.#picks) if (held.length > 0) held.splice(pick % held.length, 1)[0]!()
  }

  override toString(): string {
    return `answer(${this.#picks.join(' ')})`
  }
}

class Checkpoint extends Step {
  act(_model: Model, real: Real): void {
    const done = real.writer.checkpoint().then(
      (tracks) => {
        for (const track of tracks) real.saved.set(track.arena.name, cursorOf(track))
      },
      () => undefined,
    )
    real.checkpoints.push(done)
  }

  override toString(): string {
    return 'checkpoint'
  }
}

class LoseConnection extends Step {
  act(_model: Model, real: Real): void {
    real.close()
    real.store.forgetUnsynced()
  }

  override toString(): string {
    return 'power cut'
  }
}

class Refuse extends Step {
  act(_model: Model, real: Real): void {
    real.store.behaviour.refuseAfterNewBlocks = 0
  }

  override toString(): string {
    return 'full'
  }
}

const arena = fc.nat({ max: 1 })
const some = fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 8 })
const most = fc.array(fc.nat({ max: 30 }), { minLength: 30, maxLength: 60 })
const offer = fc.record({ number: arena, twoTypes: fc.boolean(), known: fc.boolean() })
const steps = fc.commands<Model, Real, boolean>(
  [
    fc.oneof(
      { weight: 32, arbitrary: offer.map(({ number, twoTypes, known }): Step => new Offer(number, twoTypes, known)) },
      { weight: 16, arbitrary: some.map((picks): Step => new Answer(picks)) },
      { weight: 12, arbitrary: most.map((picks): Step => new Answer(picks)) },
      { weight: 20, arbitrary: fc.constant<Step>(new Checkpoint()) },
      { weight: 4, arbitrary: fc.tuple(arena, fc.boolean()).map(([to, holds]): Step => new PassDamage(to, holds)) },
      { weight: 1, arbitrary: fc.constant<Step>(new LoseConnection()) },
      { weight: 1, arbitrary: fc.constant<Step>(new Refuse()) },
    ),
  ],
  { maxCommands: 60, size: 'max' },
)

describe('a target writer', () => {
  test.each<ModePolicy>(['write', 'probe', 'ask-first', 'send-first'])(
    'in mode %s hands out no cursor behind which a block could still be lost (R2)',
    async (policy) => {
      let handedOut = 0
      await fc.assert(
        fc.asyncProperty(steps, fc.boolean(), async (commands, probesBelow) => {
          const setup = async (): Promise<{ model: Model; real: Real }> => {
            const store = new FakeStore()
            const { transport, peer } = connectInMemory(store)
            const client = await openVenti(transport, 'memory', { replyTimeoutMs: 1e8, syncTimeoutMs: 1e8 })
            store.behaviour.hold = true
            const writer = new TargetWriter({
              client,
              mode: new SendModeChooser(policy),
              limit: null,
              onChange: () => undefined,
              now: () => 0,
            })
            const arenas = ['arenas0', 'arenas1'].map((name): WriterArena => ({
              track: startTrack(arenaWith(countedEnd, name), logStart, 0),
              tally: emptyTally(),
              settled: emptyTally(),
              probeBelow: probesBelow ? 500 : 0,
            }))
            const offsets = new Map(['arenas0', 'arenas1'].map((name) => [name, []]))
            const close = (): void => peer.close()
            const real: Real = {
              store,
              writer,
              arenas,
              close,
              saved: new Map(),
              heldAt: new Map(),
              checkpoints: [],
              nextBlock: 0,
            }
            return { model: { offered: 0, offsets }, real }
          }
          let last: { model: Model; real: Real } | null = null
          await fc.asyncModelRun(async () => (last = await setup()), commands)
          const { model, real } = last as unknown as { model: Model; real: Real }
          // Whatever is still on its way arrives, and the power goes: what was handed out must survive it.
          real.store.behaviour.hold = false
          real.store.release()
          await settle(4)
          real.close()
          real.store.forgetUnsynced()
          await Promise.all(real.checkpoints)
          check(model, real)
          handedOut += [...real.saved.values()].filter(({ offset }) => offset > 0).length
        }),
        { numRuns: 250 },
      )
      // The property must not pass because nothing ever moves.
      expect(handedOut).toBeGreaterThan(100)
    },
    30_000,
  )

  test('counts a block under two types only when both were acknowledged', async () => {
    const store = new FakeStore()
    const { transport } = connectInMemory(store)
    const client = await openVenti(transport, 'memory', { replyTimeoutMs: 1e8 })
    store.behaviour.hold = true
    const mode = new SendModeChooser('write')
    const writer = new TargetWriter({ client, mode, limit: null, onChange: () => undefined, now: () => 0 })
    const one: WriterArena = {
      track: startTrack(arenaWith(100), logStart, 0),
      tally: emptyTally(),
      settled: emptyTally(),
      probeBelow: 0,
    }
    const data = blockOf(1)
    const item: ClumpItem = {
      kind: 'clump',
      arena: 'arenas0',
      offset: 0,
      nextOffset: 100,
      index: 0,
      type: 3,
      alsoType: 4,
      score: sha1(data),
      data,
      storedSize: 62,
    }
    writer.offer(one, item, { offset: 100, clumps: 1, uncompressed: 64, last: { offset: 0, score: item.score } })
    await settle()
    store.release(1)
    await settle()
    expect([one.track.cursor.offset, writer.isIdle]).toEqual([0, false])
    store.release(1)
    await settle()
    expect([one.track.cursor.offset, writer.isIdle]).toEqual([100, true])
    await client.close()
  })

  test('counts as settled only blocks whose earlier ones are there too: the others may be sent again', async () => {
    const store = new FakeStore()
    const { transport } = connectInMemory(store)
    const client = await openVenti(transport, 'memory', { replyTimeoutMs: 1e8 })
    store.behaviour.hold = true
    const mode = new SendModeChooser('write')
    const writer = new TargetWriter({ client, mode, limit: null, onChange: () => undefined, now: () => 0 })
    const track = startTrack(arenaWith(300), logStart, 0)
    const one: WriterArena = { track, tally: emptyTally(), settled: emptyTally(), probeBelow: 0 }
    for (const index of [0, 1, 2]) {
      const data = blockOf(index + 1)
      const offset = index * 100
      const place = { arena: 'arenas0', offset, nextOffset: offset + 100, index, type: 13, alsoType: null }
      const last = { offset, score: sha1(data) }
      writer.offer(
        one,
        { kind: 'clump', ...place, score: last.score, data, storedSize: 62 },
        { offset: offset + 100, clumps: index + 1, uncompressed: 64, last },
      )
    }
    await settle()
    store.held.pop()!()
    await settle()
    expect([one.tally, one.settled, track.cursor.offset]).toMatchObject([{ sent: 1 }, { blocks: 0, sent: 0 }, 0])
    store.release()
    await settle()
    expect([one.tally, one.settled]).toEqual([one.settled, { ...one.settled, blocks: 3, sent: 3 }])
    expect(track.cursor.offset).toBe(300)
    await client.close()
  })
})
