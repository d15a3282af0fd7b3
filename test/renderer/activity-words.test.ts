// Lines of the activity as a person reads them: the days, the sentences, and names in the place of dial strings.

import { expect, test } from 'vitest'
import { activityDays, activityWords } from '../../renderer/text/activity-words.ts'
import type { ActivityLine, RunTarget } from '../../shared/model/window.ts'
import { now } from './fake-mirror.ts'

const nameOf = (dial: string): string => (dial === 'tcp!basement!17034' ? 'basement' : dial)
const target = (name: string, change: Partial<RunTarget> = {}): RunTarget => ({
  dial: `tcp!${name}!17034`,
  name,
  ok: true,
  error: null,
  blocks: 0,
  sent: 0,
  present: 0,
  bytesSent: 0,
  ...change,
})
type Run = Extract<ActivityLine, { kind: 'run' }>
const run = (change: Partial<Run>): Run => ({
  id: '1',
  mirror: 'cirno',
  at: '2026-11-20T05:00:00Z',
  kind: 'run',
  result: 'ok',
  durationMs: 1900,
  targets: [target('basement')],
  damage: 0,
  rollovers: 0,
  ...change,
})
const common = { id: '2', mirror: 'cirno', at: '2026-11-20T05:00:00Z', dial: 'tcp!basement!17034' }
const words = (line: ActivityLine) => activityWords(line, nameOf)

test('a sync that sent something, and one that had nothing to send', () => {
  const sent = words(run({ targets: [target('basement', { sent: 1284, bytesSent: 9.8e6, present: 12 })] }))
  expect(sent).toEqual({
    tone: 'ok',
    label: 'synced',
    headline: 'Synced: 1\u202f284 new blocks',
    details: ['basement: 1\u202f284 blocks sent (9.8 MB), 12 were there already.'],
    code: [],
    took: '1.9 s',
  })
  expect(words(run({})).headline).toBe('Synced: nothing was new')
})

test('a target that was down is named, with its error and what is safe', () => {
  const targets = [target('basement', { sent: 1 }), target('attic', { ok: false, error: 'refused\x1b[31m' })]
  const { tone, headline, details } = words(run({ result: 'attention', targets, damage: 2 }))
  expect([tone, headline]).toEqual(['late', 'Synced, but not to attic'])
  expect(details[1]).toBe('attic: refused\\x1b[31m. Its position is kept; the next sync goes on from there.')
  expect(details.at(-1)).toBe('2 damaged places in the source; what is good was sent.')
  expect(words(run({ result: 'attention', damage: 1 })).headline).toBe('Synced, with 1 damaged place')
})

test.each([
  ['failed', 'bad', 'failed'],
  ['cancelled', 'plain', 'stopped'],
] as const)('a sync that was %s', (result, tone, label) => {
  expect(words(run({ result }))).toMatchObject({ tone, label })
})

test('a check says how deep it looked and what it found', () => {
  const check: ActivityLine = {
    ...common,
    kind: 'check',
    result: 'failed',
    root: 'vac:e37c…21a8',
    name: 'basement',
    depth: 'present',
    blocks: 41_210,
    missing: 3,
    corrupt: 0,
    repaired: 0,
    drill: null,
    durationMs: 900,
  }
  expect(words(check)).toMatchObject({
    tone: 'bad',
    headline: 'vac:e37c…21a8 is not whole on basement',
    details: ['41\u202f210 blocks, each one asked for.', '3 missing.'],
    took: '0.9 s',
  })
  const whole = words({ ...check, result: 'ok', depth: 'full', missing: 0, repaired: 3, drill: 20 })
  expect(whole.details).toEqual([
    '41\u202f210 blocks, every block was read back.',
    '3 sent again.',
    'Restore drill: 20 files read whole.',
  ])
})

test('a rollover shows wrcmd before and after, where one follows', () => {
  const rollover = {
    ...common,
    kind: 'rollover',
    fromArena: 'arenas2',
    fromOffset: 0x1ff2a004,
    toArena: 'arenas3',
    toArenaOffset: 1_611_407_360,
    wrcmdBefore: 'venti/wrarena -o 1',
    wrcmdAfter: 'venti/wrarena -o 2',
  } as const
  expect(words(rollover)).toMatchObject({
    headline: 'arenas2 is complete on basement, arenas3 took over',
    code: [
      { what: 'wrcmd was', text: 'venti/wrarena -o 1' },
      { what: 'wrcmd is', text: 'venti/wrarena -o 2' },
    ],
  })
  expect(words({ ...rollover, wrcmdBefore: null, wrcmdAfter: null }).code).toEqual([])
})

test('damage says what it costs, and whom', () => {
  const damage = {
    arena: 'arenas0',
    kind: 'score-mismatch',
    partitionOffset: 1_617_000,
    nextOffset: null,
    index: null,
    type: null,
    detail: 'sha1 differs',
    offset: 0xc8ed8,
    clumpOffset: 0xc8ed8,
    score: null,
  } as const
  const line: ActivityLine = {
    ...common,
    kind: 'damage',
    damage,
    words: 'arenas0: bad',
    owedTo: ['tcp!basement!17034', 'tcp!x!1'],
  }
  expect(words(line)).toMatchObject({
    headline: 'arenas0 is damaged at 0xc8ed8',
    details: ['arenas0: bad.', 'Left out on basement and tcp!x!1; sent as soon as a good copy is seen.'],
  })
  const ofTable = words({ ...line, damage: { ...damage, arena: '' }, words: 'byte 1: bad', owedTo: [] })
  expect(ofTable.headline).toBe('The partition is damaged at 0xc8ed8')
  expect(ofTable.details).toEqual(['Byte 1: bad.', 'No target lacks a block because of it.'])
})

test('lines stand under their days, in their order', () => {
  const at = (daysAgo: number, hour: number): string => {
    const date = new Date(now)
    date.setDate(date.getDate() - daysAgo)
    date.setHours(hour, 0, 0, 0)
    return date.toISOString()
  }
  const lines = [at(0, 2), at(0, 1), at(1, 5), at(9, 5), at(9, 4)].map((one, index) => run({ at: one, id: `${index}` }))
  expect(activityDays(lines, now).map(({ title, lines: some }) => [title, some.map(({ id }) => id)])).toEqual([
    ['Today', ['0', '1']],
    ['Yesterday', ['2']],
    ['11 November', ['3', '4']],
  ])
})
