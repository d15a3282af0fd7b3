// What the habits decide, without a window: where it stands, what the taskbar says, what is told and how often.

import { expect, test } from 'vitest'
import { Notices } from '../../../../electron/app/habits/notices.ts'
import { progressOf } from '../../../../electron/app/habits/progress.ts'
import { placeOn } from '../../../../electron/app/habits/window-place.ts'
import { usualSettings } from '../../../../electron/service/settings.ts'
import type { JobView, MirrorView } from '../../../../shared/model/window.ts'

const main = { x: 0, y: 0, width: 1920, height: 1080 }
const second = { x: 1920, y: 0, width: 1280, height: 1024 }

test.each([
  ['first start: in the middle', [main], null, { x: 400, y: 160, width: 1120, height: 760 }],
  [
    'where it stood',
    [main, second],
    { x: 2000, y: 50, width: 1000, height: 700 },
    { x: 2000, y: 50, width: 1000, height: 700 },
  ],
  [
    'the display is gone',
    [main],
    { x: 2000, y: 50, width: 1000, height: 700 },
    { x: 460, y: 190, width: 1000, height: 700 },
  ],
  [
    'its upper edge is out of reach',
    [main],
    { x: 100, y: -200, width: 1000, height: 700 },
    { x: 460, y: 190, width: 1000, height: 700 },
  ],
  ['smaller than can be used', [main], { x: 5, y: 5, width: 120, height: 20 }, { x: 5, y: 5, width: 900, height: 600 }],
  [
    'larger than the display',
    [second],
    { x: 1930, y: 5, width: 5000, height: 5000 },
    { x: 1930, y: 5, width: 1280, height: 1024 },
  ],
  ['no display', [], null, { width: 1120, height: 760 }],
] as const)('window place: %s', (_name, displays, place, expected) => {
  expect(placeOn(displays, place)).toEqual(expected)
})

const target = { dial: 'tcp!a!1', name: 'attic', bytesDone: 25, bytesTotal: 100, error: null }
const sync = (change: object): JobView =>
  ({
    id: 'a',
    kind: 'sync',
    mirror: 'home',
    state: 'running',
    targets: [target],
    notes: [],
    problem: null,
    result: null,
    ...change,
  }) as unknown as JobView

test.each([
  ['nothing to do', [], { fraction: null, mode: 'none', title: 'Venti Mirror' }],
  ['ended', [sync({ state: 'ended' })], { fraction: null, mode: 'none', title: 'Venti Mirror' }],
  ['a copy', [sync({})], { fraction: 0.25, mode: 'normal', title: '25 % · home – Venti Mirror' }],
  [
    'a paused one',
    [sync({ state: 'paused' })],
    { fraction: 0.25, mode: 'paused', title: '25 %, paused · home – Venti Mirror' },
  ],
  [
    'one at its start',
    [sync({ targets: [] })],
    { fraction: null, mode: 'indeterminate', title: 'home – Venti Mirror' },
  ],
  [
    'a copy and a check',
    [sync({}), { ...sync({}), id: 'b', kind: 'check', mirror: 'work', checked: 3, known: 4 } as unknown as JobView],
    { fraction: 0.5, mode: 'normal', title: '50 % · home, work – Venti Mirror' },
  ],
])('taskbar: %s', (_name, jobs, expected) => {
  expect(progressOf(jobs)).toEqual(expected)
})

test('what failed is told once, success to those who wish it, a cancelled one never', () => {
  const notices = new Notices()
  const tell = (change: object, settings = usualSettings): string | null =>
    notices.of({ event: 'job.view', value: sync(change) }, settings)?.title ?? null
  const happened = { code: 'connect-failed', happened: 'attic does not answer', safe: '', next: '' }
  const wishing = { ...usualSettings, notifySuccess: true }
  const quiet = { ...usualSettings, notifyFailures: false }
  expect([
    tell({}),
    tell({ state: 'ended', result: 'failed', problem: happened }),
    tell({ state: 'ended', result: 'failed', problem: happened }),
    tell({ id: 'b', state: 'ended', result: 'attention' }),
    tell({ id: 'c', state: 'ended', result: 'failed', problem: happened }, quiet),
    tell({ id: 'd', state: 'ended', result: 'ok' }),
    tell({ id: 'e', state: 'ended', result: 'ok' }, wishing),
    tell({ id: 'f', state: 'ended', result: 'cancelled' }, wishing),
  ]).toEqual([
    null,
    'The sync of home did not come through',
    null,
    'The sync of home needs your attention',
    null,
    null,
    'home is in step',
    null,
  ])
})

test('a mirror that grows late is told once each time', () => {
  const notices = new Notices()
  const tell = (isLate: boolean): string | null =>
    notices.ofMirror({ name: 'home', isLate, lateAfterHours: 36 } as MirrorView, usualSettings)?.title ?? null
  expect([tell(false), tell(true), tell(true), tell(false), tell(true)]).toEqual([
    null,
    'home has grown late',
    null,
    null,
    'home has grown late',
  ])
})
