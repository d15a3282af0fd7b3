// What the taskbar, the title and the tray say of the jobs there are.

import { expect, test } from 'vitest'
import { progressOf, type Progress } from '../../../../electron/app/habits/progress.ts'
import type { JobView } from '../../../../shared/model/window.ts'

const target = { dial: 'tcp!a!1', name: 'attic', phase: 'copying', bytesDone: 25, bytesTotal: 100, error: null }
const job = (change: object): JobView =>
  ({
    id: 'a',
    kind: 'sync',
    stage: 'sync',
    mirror: 'home',
    state: 'running',
    targets: [target],
    ...change,
  }) as unknown as JobView
const check = { kind: 'check', mirror: 'work', checked: 3, known: 4 }
const failed = { ...target, phase: 'failed', bytesDone: 0, error: 'no' }
const done = { ...target, phase: 'done', bytesDone: 100 }

const idle: Progress = {
  fraction: null,
  mode: 'none',
  title: 'Venti Mirror',
  tooltip: 'Venti Mirror: nothing is running',
}
const says = (fraction: number | null, mode: Progress['mode'], title: string, tooltip: string): Progress => ({
  fraction,
  mode,
  title: `${title} – Venti Mirror`,
  tooltip,
})

test.each<readonly [string, readonly JobView[], Progress]>([
  ['nothing to do', [], idle],
  ['ended', [job({ state: 'ended', result: 'failed', targets: [failed] })], idle],
  ['a copy', [job({})], says(0.25, 'normal', '25 % · home', 'home: copying, 25 %')],
  [
    'a copy to two, by bytes over both',
    [job({ targets: [target, { ...target, bytesDone: 75 }] })],
    says(0.5, 'normal', '50 % · home', 'home: copying, 50 %'),
  ],
  [
    'one target left behind does not hold the bar',
    [job({ targets: [target, failed] })],
    says(0.25, 'error', '25 % · home', 'home: copying, 25 %, a target was left behind'),
  ],
  [
    'all sent, not all confirmed',
    [job({ targets: [{ ...done, phase: 'syncing' }] })],
    says(1, 'normal', '99 % · home', 'home: copying, 99 %'),
  ],
  [
    'a paused one, whose targets were ended by the pause',
    [job({ state: 'paused', targets: [{ ...failed, bytesDone: 25 }] })],
    says(0.25, 'paused', '25 %, paused · home', 'home: paused, 25 %'),
  ],
  [
    'paused before anything is known',
    [job({ state: 'paused', targets: [] })],
    says(null, 'paused', 'Paused · home', 'home: paused'),
  ],
  ['one at its start', [job({ targets: [] })], says(null, 'indeterminate', 'home', 'home: copying')],
  [
    'the check behind a copy',
    [job({ stage: 'verify', targets: [done], checking: { known: 10, checked: 1, faults: 0 } })],
    says(0.1, 'normal', '10 % · home', 'home: checking, 10 %'),
  ],
  [
    'a copy and a check',
    [job({}), job({ ...check, id: 'b' })],
    says(0.5, 'normal', '50 % · home, work', 'home: copying, 25 %\nwork: checking, 75 %'),
  ],
  [
    'a copy and a restore, which knows no end',
    [job({}), job({ id: 'c', kind: 'extract', mirror: 'home' })],
    says(0.25, 'normal', '25 % · home', 'home: copying, 25 %\nhome: restoring'),
  ],
  [
    'a paused one beside a running one',
    [job({ state: 'paused' }), job({ ...check, id: 'b', state: 'cancelling' })],
    says(0.5, 'normal', '50 % · home, work', 'home: paused, 25 %\nwork: stopping, 75 %'),
  ],
])('%s', (_name, jobs, expected) => {
  expect(progressOf(jobs)).toEqual(expected)
})

test('the tooltip is as long as Windows shows it, at most', () => {
  const jobs = Array.from({ length: 9 }, (_, number) => job({ id: String(number), mirror: `a mirror ${number}` }))
  expect(progressOf(jobs).tooltip).toMatch(/^a mirror 0: copying, 25 %\n[^]{100}…$/)
})
