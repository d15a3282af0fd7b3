// mirrors/NAME.json is read as if a stranger had written it: a cursor that is not true loses blocks in silence, so whatever
// does not fit is refused whole. What decodes must be fit for use, field by field.

import fc from 'fast-check'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  decodeMirror,
  listMirrors,
  lockMirror,
  mirrorNameFor,
  mirrorPath,
  writeMirror,
} from '../../../../electron/engine/state/mirror-file.ts'
import { damageKinds, type DamageKind } from '../../../../shared/model/damage.ts'
import type { Cursor, DamageRecord, MirrorState } from '../../../../shared/model/mirror.ts'
import type { Score } from '../../../../shared/model/score.ts'
import { rejection } from '../../../helpers/client-calls.ts'
import { scratchDir } from '../../../helpers/scratch.ts'

const count = fc.nat({ max: 2 ** 40 })
const score = fc.stringMatching(/^[0-9a-f]{40}$/).map((text) => text as Score)
const text = fc.string({ maxLength: 20 })

const cursor: fc.Arbitrary<Cursor> = fc
  .record({
    start: count,
    version: fc.constantFrom(4 as const, 5 as const),
    clumpMagic: fc.nat({ max: 2 ** 32 - 1 }),
    offset: fc.integer({ min: 1, max: 2 ** 40 }),
    clumps: fc.option(count),
    uncompressed: fc.option(count),
    score: fc.option(score),
    ahead: fc.nat({ max: 1000 }),
  })
  .map(({ score: last, ahead, ...rest }) => ({
    ...rest,
    last: last === null ? null : { offset: rest.offset - 1, score: last },
    seenTo: rest.offset + ahead,
  }))

const record: fc.Arbitrary<DamageRecord> = fc.record({
  damage: fc.record({
    kind: fc.constantFrom(...(Object.keys(damageKinds) as DamageKind[])),
    arena: text,
    clumpOffset: fc.option(count),
    partitionOffset: count,
    nextOffset: fc.option(count),
    index: fc.option(count),
    score: fc.option(score),
    type: fc.option(fc.nat({ max: 255 })),
    detail: text,
  }),
  owedTo: fc.array(text, { maxLength: 3 }),
  firstSeen: text,
})

const plainMirror: fc.Arbitrary<MirrorState> = fc.record({
  schema: fc.constant(1 as const),
  name: fc.constant('home'),
  source: fc.record({ spec: text, path: text, blockSize: count, arenas: count }),
  targets: fc.array(
    fc.record({
      dial: text,
      cursors: fc.dictionary(fc.stringMatching(/^arenas[0-9]{1,3}$/), cursor, { maxKeys: 4 }),
      lastSync: fc.option(text),
      lastError: fc.option(text),
    }),
    { maxLength: 3 },
  ),
  damage: fc.array(record, { maxLength: 3 }),
})

/** Older versions knew nothing of a 9fat, and left the field out. */
const mirror: fc.Arbitrary<MirrorState> = fc.oneof(
  plainMirror,
  plainMirror.map((state) => ({ ...state, bookkeeping: null })),
  fc
    .tuple(plainMirror, fc.record({ ninefat: text, doubted: fc.option(text) }))
    .map(([state, bookkeeping]) => ({ ...state, bookkeeping })),
)

describe('decodeMirror', () => {
  test('gives back what was written', async () => {
    const folder = await scratchDir()
    await fc.assert(
      fc.asyncProperty(mirror, async (state) => {
        await writeMirror(folder, state)
        expect(decodeMirror(await readFile(mirrorPath(folder, 'home'), 'utf8'))).toEqual(state)
      }),
      { numRuns: 40 },
    )
  })

  /** Everything a run does with a state rests on these; said here once more, in other words than the decoder's. */
  function expectUsable(state: MirrorState): void {
    const whole = (value: unknown): boolean => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    const wholeOrNull = (value: unknown): boolean => value === null || whole(value)
    const isText = (value: unknown): boolean => typeof value === 'string'
    expect(state.schema).toBe(1)
    for (const target of state.targets) {
      expect(isText(target.dial)).toBe(true)
      for (const one of Object.values(target.cursors)) {
        const { last } = one
        expect([one.start, one.clumpMagic, one.offset, one.seenTo].every(whole)).toBe(true)
        expect([one.clumps, one.uncompressed].every(wholeOrNull)).toBe(true)
        expect([4, 5]).toContain(one.version)
        expect(one.seenTo).toBeGreaterThanOrEqual(one.offset)
        if (last !== null) {
          expect(last.offset).toBeLessThan(one.offset)
          expect(last.score).toMatch(/^[0-9a-f]{40}$/)
        }
      }
    }
    if (state.bookkeeping !== undefined && state.bookkeeping !== null) {
      expect(isText(state.bookkeeping.ninefat)).toBe(true)
      const { doubted } = state.bookkeeping
      expect(doubted === undefined || doubted === null || isText(doubted)).toBe(true)
    }
    for (const { damage, owedTo, firstSeen } of state.damage) {
      expect(Object.keys(damageKinds)).toContain(damage.kind)
      expect([damage.clumpOffset, damage.nextOffset, damage.index, damage.type].every(wholeOrNull)).toBe(true)
      expect(whole(damage.partitionOffset)).toBe(true)
      expect([damage.arena, damage.detail, firstSeen, ...owedTo].every(isText)).toBe(true)
    }
  }

  test('accepts no text that is not fit for use: any value in any place', () => {
    const junk = fc.oneof(
      fc.constantFrom(null, true, '', -1, 0.5, 1e300, [], {}, 'da39', '__proto__', Number.MAX_SAFE_INTEGER + 2),
      fc.jsonValue(),
    )
    fc.assert(
      fc.property(mirror, fc.array(fc.nat(), { minLength: 1, maxLength: 8 }), junk, (state, path, value) => {
        const copy = JSON.parse(JSON.stringify(state)) as Record<string, unknown>
        // Walks down the tree as far as the path leads, and puts the junk there, or takes the field away.
        let place: Record<string, unknown> = copy
        for (const [depth, step] of path.entries()) {
          const keys = Object.keys(place)
          const key = keys[step % Math.max(1, keys.length)]
          if (key === undefined) break
          const next = place[key]
          if (depth + 1 < path.length && typeof next === 'object' && next !== null) {
            place = next as Record<string, unknown>
            continue
          }
          if (step % 7 === 0) delete place[key]
          else place[key] = value
          break
        }
        const decoded = decodeMirror(JSON.stringify(copy))
        if (typeof decoded === 'string') expect(decoded.length).toBeGreaterThan(5)
        else expectUsable(decoded)
      }),
      { numRuns: 4000 },
    )
  })

  test('accepts no damaged text that is not fit for use: cut, flipped, glued', () => {
    fc.assert(
      fc.property(mirror, fc.nat(), fc.nat(), fc.constantFrom('cut', 'flip', 'glue'), (state, at, by, how) => {
        const whole = JSON.stringify(state)
        const place = at % whole.length
        const spoilt = {
          cut: whole.slice(0, place),
          flip:
            whole.slice(0, place) +
            String.fromCharCode(whole.charCodeAt(place) ^ (1 << (by % 7))) +
            whole.slice(place + 1),
          glue: whole.slice(0, place) + whole,
        }[how]
        const decoded = decodeMirror(spoilt)
        if (how === 'cut') expect(typeof decoded).toBe('string')
        if (typeof decoded !== 'string') expectUsable(decoded)
      }),
      { numRuns: 4000 },
    )
  })

  test.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['another schema', '{"schema":2}'],
    ['no name', '{"schema":1,"source":{}}'],
  ])('says what is wrong with %s', (_what, given) => {
    expect(decodeMirror(given)).toMatch(/^(it is not|its schema is|name or source)/)
  })
})

describe('the state folder', () => {
  const empty: MirrorState = {
    schema: 1,
    name: 'home',
    targets: [],
    damage: [],
    source: {
      spec: 's',
      path: 's',
      blockSize: 8192,
      arenas: 1,
    },
  }

  test('and everything in it is for its owner alone (R10)', async () => {
    const folder = join(await scratchDir(), 'deep', 'state')
    await writeMirror(folder, empty)
    const modes = await Promise.all(
      [folder, join(folder, 'mirrors'), mirrorPath(folder, 'home')].map(
        async (path) => (await stat(path)).mode & 0o777,
      ),
    )
    expect(modes).toEqual([0o700, 0o700, 0o600])
  })

  test('that does not exist holds no mirrors', async () => {
    const listing = await listMirrors(join(await scratchDir(), 'nothing'))
    expect(listing).toEqual({ mirrors: [], problems: [], broken: [], unreadable: [] })
  })

  test('that is a file is an error that names it', async () => {
    const path = join(await scratchDir(), 'file')
    await writeFile(path, 'not a folder')
    expect((await rejection(listMirrors(path))).code).toBe('state-missing')
    expect((await rejection(lockMirror(path, 'home'))).code).toBe('state-write')
  })

  test('is cleared of what killed writers left, of this mirror only, by whoever holds the lock', async () => {
    const folder = await scratchDir()
    await writeMirror(folder, empty)
    const mirrors = join(folder, 'mirrors')
    const left = ['home.json.123-abcd.tmp', 'home.json.9-00.tmp', 'homestead.json.1-aa.tmp', 'home.json.unreadable-x']
    for (const name of left) await writeFile(join(mirrors, name), '{')
    const lock = await lockMirror(folder, 'home')
    await lock.release()
    expect((await readdir(mirrors)).toSorted()).toEqual(
      ['home.json', 'home.json.unreadable-x', 'homestead.json.1-aa.tmp'].toSorted(),
    )
  })
})

describe('a name made from a path', () => {
  test.each([
    ['/dev/sdC0/arenas', 'arenas'],
    ['/x/plan9.img', 'plan9'],
    ['/x/a.b.raw', 'a.b'],
    ['/x/....', 'mirror'],
    ['/x/日本', 'mirror'],
    ['/x/a b/c d.img', 'c-d'],
  ])('%s', (path, name) => {
    expect(mirrorNameFor(path, new Set())).toBe(name)
    expect(mirrorNameFor(path, new Set([name, `${name}-2`]))).toBe(`${name}-3`)
  })

  test('is always one that --name takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (path) => {
        expect(mirrorNameFor(path, new Set())).toMatch(/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/)
      }),
    )
  })
})
