import { describe, expect, test } from 'vitest'
import {
  agesOf,
  explanation,
  forecastWords,
  headline,
  lateWords,
  listed,
  plain,
  rolloverWords,
  sampleDayWords,
  shortAge,
  span,
} from '../../renderer/text/overview-words.ts'
import { aMirror, aTarget, hoursAgo, now } from './fake-mirror.ts'

const nb = '\u202f'
const away = {
  state: 'unreachable',
  isLate: true,
  lastSync: hoursAgo(72),
  behindBlocks: 5315,
  behindBytes: 41.2e6,
} as const

describe('the answer', () => {
  test('new blocks, as many as the targets within reach lack', () => {
    const mirror = aMirror({ targets: [aTarget('basement', { behindBlocks: 1284 }), aTarget('attic', away)] })
    expect(headline(mirror, now)).toBe(`1${nb}284 new blocks to send`)
    expect(lateWords(mirror, now)).toBe('attic is 3 days behind')
  })

  test('one block is one block', () => {
    expect(headline(aMirror({ targets: [aTarget('basement', { behindBlocks: 1 })] }), now)).toBe('1 new block to send')
  })

  test('everything is there', () => {
    expect(headline(aMirror(), now)).toBe('Everything is on basement and attic')
    expect(lateWords(aMirror(), now)).toBeNull()
    expect(plain(explanation(aMirror()))).toBe('Nothing new was written since.')
  })

  test('a target that is away is the answer when the others have everything, and is not said twice', () => {
    const mirror = aMirror({ targets: [aTarget('basement'), aTarget('attic', away)] })
    expect(headline(mirror, now)).toBe('attic has been away for 3 days')
    expect(lateWords(mirror, now)).toBeNull()
  })

  test('nobody within reach', () => {
    const mirror = aMirror({ targets: [aTarget('basement', away), aTarget('attic', away)] })
    expect(headline(mirror, now)).toBe('basement and attic cannot be reached')
  })

  test('never reached, and never synced', () => {
    const mirror = aMirror({ targets: [aTarget('attic', { ...away, lastSync: null })] })
    expect(headline(mirror, now)).toBe('attic was never reached')
    const first = aMirror({ targets: [aTarget('attic', { behindBlocks: 7, lastSync: null })] })
    expect(headline(first, now)).toBe('7 blocks to send for the first time')
  })

  test('a source that cannot be read comes before all else', () => {
    const problem = { code: 'x', happened: '', safe: '', next: '' }
    const mirror = aMirror({ source: { path: '/x', problem, totals: null } })
    expect(headline(mirror, now)).toBe('The source cannot be read')
  })

  test('a name from a server cannot turn the sentence around', () => {
    expect(headline(aMirror({ targets: [aTarget('\u202Eevil')] }), now)).toBe('Everything is on \\u202eevil')
  })

  test('only a check is overdue, of a target that is up to date', () => {
    const mirror = aMirror({ isLate: true, targets: [aTarget('basement', { isLate: true, lastSync: hoursAgo(2) })] })
    expect(lateWords(mirror, now)).toBe('never checked')
    expect(agesOf(mirror, now)[1].late).toBeNull()
  })
})

describe('the explanation', () => {
  const toSend = { blocks: 5315, bytes: 41.2e6, arenas: ['arenas2', 'arenas3'] }

  test('each target with what it lacks, the one away told', () => {
    const targets = [aTarget('basement', { behindBlocks: 1284, behindBytes: 9.8e6 }), aTarget('attic', away)]
    expect(plain(explanation(aMirror({ targets, toSend })))).toBe(
      `basement lacks 1${nb}284 blocks (9.8 MB), attic 5${nb}315 (41.2 MB) in arenas2 and arenas3. attic cannot be reached and will catch up from where it stands.`,
    )
  })

  test('one lacks, the other has everything', () => {
    const targets = [aTarget('basement'), aTarget('attic', { behindBlocks: 12, behindBytes: 98_000 })]
    expect(plain(explanation(aMirror({ targets, toSend })))).toBe(
      '98.0 kB in arenas2 and arenas3. Everything is on basement; attic lacks 12 blocks.',
    )
  })

  test('all lack the same, in many arenas', () => {
    const lack = { behindBlocks: 12, behindBytes: 98_000 }
    const arenas = ['arenas2', 'arenas3', 'arenas4', 'arenas5']
    const mirror = aMirror({
      targets: [aTarget('basement', lack), aTarget('attic', lack)],
      toSend: { ...toSend, arenas },
    })
    expect(plain(explanation(mirror))).toBe(
      '98.0 kB in 4 arenas, arenas2 to arenas5. basement and attic lack just these.',
    )
  })
})

describe('the three ages', () => {
  test('newest of each, late ones by name', () => {
    const lastVerified = { at: hoursAgo(144), depth: 'full', blocks: 128_328 } as const
    const [root, sync, check] = agesOf(
      aMirror({
        targets: [aTarget('basement', { lastVerified }), aTarget('attic', away)],
        newestRoot: { id: 'r' as never, score: 'vac:e37c…21a8', at: hoursAgo(9), from: 'fossil' },
      }),
      now,
    )
    expect(root.value).toBe('9 hours ago')
    expect(sync).toMatchObject({ value: '26 hours ago', late: 'attic late' })
    expect(sync.details).toEqual([
      { text: 'basement 26 h', isLate: false },
      { text: 'attic 3 d', isLate: true },
    ])
    expect(check).toMatchObject({ value: '6 days ago', late: 'late' })
    expect(check.details).toEqual([
      { text: `every block read back, 128${nb}328 blocks`, isLate: false },
      { text: 'basement 6 d', isLate: true },
      { text: 'attic never', isLate: true },
    ])
  })

  test('a check within the time is not late, and none before the first sync either', () => {
    const lastVerified = { at: hoursAgo(2), depth: 'present', blocks: 5 } as const
    expect(agesOf(aMirror({ targets: [aTarget('basement', { lastVerified })] }), now)[2].late).toBeNull()
    expect(agesOf(aMirror({ targets: [aTarget('basement', { lastSync: null })] }), now)[2].late).toBeNull()
    expect(agesOf(aMirror(), now)[2].late).toBe('never checked')
  })
})

test('the forecast says only what is known', () => {
  const forecast = { bytesPerDay: 1, activeArena: 'arenas3', activeFullDays: 19.2, partitionFullDays: 760 }
  expect(forecastWords(forecast)).toBe('arenas3 full in about 19 days; the partition in about 2 years')
  expect(forecastWords({ ...forecast, partitionFullDays: null })).toBe('arenas3 full in about 19 days')
  expect(forecastWords({ ...forecast, activeFullDays: null })).toBe('the partition full in about 2 years')
  expect(forecastWords({ ...forecast, activeFullDays: null, partitionFullDays: null })).toBeNull()
  expect(forecastWords({ ...forecast, activeFullDays: 0.3, partitionFullDays: null })).toBe(
    'arenas3 full in less than a day',
  )
})

test('spans and short ages', () => {
  expect([0.5, 1, 59, 61, 699, 760].map(span)).toEqual([
    'less than a day',
    '1 day',
    '59 days',
    '2 months',
    '23 months',
    '2 years',
  ])
  expect([null, hoursAgo(0), hoursAgo(0.5), hoursAgo(47), hoursAgo(72)].map((at) => shortAge(at, now))).toEqual([
    'never',
    'now',
    '30 min',
    '47 h',
    '3 d',
  ])
})

test('lists', () => {
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listed)).toEqual(['', 'a', 'a and b', 'a, b and c'])
})

describe('the last rollover', () => {
  const lastRollover = {
    id: '1',
    mirror: 'cirno',
    at: hoursAgo(288),
    kind: 'rollover',
    dial: 'tcp!basement!17034',
    fromArena: 'arenas2',
    fromOffset: 5,
    toArena: 'arenas3',
    toArenaOffset: 7,
    wrcmdBefore: 'old',
    wrcmdAfter: 'new',
  } as const

  test('with the line before and after', () => {
    expect(rolloverWords(aMirror({ lastRollover, wrcmd: 'new' }), now)).toEqual({
      title: 'Rolled over 12 days ago on basement: arenas2 filled, arenas3 took over.',
      lines: { before: 'old', after: 'new' },
      standing: null,
    })
  })

  test('of a target that wrcmd does not speak for', () => {
    const alone = { ...lastRollover, wrcmdBefore: null, wrcmdAfter: null }
    const words = rolloverWords(aMirror({ lastRollover: alone, wrcmd: 'line', targets: [aTarget('basement')] }), now)
    expect(words).toEqual({
      title: 'Rolled over 12 days ago: arenas2 filled, arenas3 took over.',
      lines: null,
      standing: 'line',
    })
  })

  test('none yet', () => {
    expect(rolloverWords(aMirror(), now)).toBeNull()
  })
})

test('the sample goes on a day at a time, once the day before is on the targets', () => {
  const none = { blocks: 0, bytes: 0, arenas: [] }
  const some = { blocks: 86, bytes: 289_400, arenas: ['arenas0'] }
  const at = (day: number, toSend: typeof some) => sampleDayWords({ sample: { day, days: 3 }, toSend })
  expect(at(1, none)).toMatchObject({ title: 'Sample data, day 1 of 3', canGoOn: true })
  expect(at(2, some)).toMatchObject({ canGoOn: false, text: expect.stringMatching(/^Sync first/) })
  expect(at(3, some)).toMatchObject({ canGoOn: false, text: expect.stringMatching(/^This is the last day/) })
  expect(at(3, none)).toMatchObject({ canGoOn: false, text: expect.stringMatching(/^That was the last day/) })
})
