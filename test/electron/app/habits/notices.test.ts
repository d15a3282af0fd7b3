// What is told, once each, with its words: failures, lateness, and success to those who wish it.

import { expect, test } from 'vitest'
import { Notices, type Notice } from '../../../../electron/app/habits/notices.ts'
import { usualSettings } from '../../../../electron/service/settings.ts'
import type { JobView, MachineQuestion, MirrorView } from '../../../../shared/model/window.ts'

const score = '0123456789abcdef0123456789abcdef01234567'
const target = { dial: 'tcp!a!1', name: 'attic', phase: 'done', blocksDone: 5, present: 2, error: null }
const sync = {
  id: 'a',
  kind: 'sync',
  mirror: 'home',
  state: 'ended',
  targets: [target],
  notes: [],
  problem: null,
  result: null,
}
const problem = {
  code: 'connect-failed',
  happened: 'attic does not answer',
  safe: '',
  next: 'Check that venti runs there',
}
const failed = { result: 'failed', problem }
const wishing = { ...usualSettings, notifySuccess: true }
const quiet = { ...usualSettings, notifyFailures: false }

function tell(notices: Notices, change: object, settings = usualSettings): Notice | null {
  return notices.of({ event: 'job.view', value: { ...sync, ...change } as unknown as JobView }, settings)
}

const failure = (title: string, body: string, command: Notice['command'] = 'overview'): Notice => ({
  title,
  body,
  command,
  mirror: 'home',
  isFailure: true,
})

test('a failure is told once, when it has ended, to those who want it', () => {
  const notices = new Notices()
  const told = failure('The sync of home did not come through', 'attic does not answer. Check that venti runs there.')
  expect([
    tell(notices, { state: 'running' }),
    tell(notices, failed),
    tell(notices, failed),
    tell(notices, { id: 'b', ...failed }, quiet),
    tell(notices, { id: 'b', ...failed }),
    tell(notices, { id: 'c', result: 'cancelled' }, wishing),
    tell(notices, { id: 'd', result: 'failed', problem: { ...problem, code: 'cancelled' } }),
  ]).toEqual([null, told, null, null, null, null, null])
})

test('a sync that goes on after it had ended is told again when it fails again', () => {
  const notices = new Notices()
  const titles = [failed, { state: 'running' }, failed].map((change) => tell(notices, change)?.title ?? null)
  expect(titles).toEqual(['The sync of home did not come through', null, 'The sync of home did not come through'])
})

const open = 'Open the window to see what to do.'

test.each<readonly [string, object, Notice]>([
  [
    'a target left behind',
    { result: 'attention', targets: [target, { ...target, name: 'basement', error: 'it is full' }] },
    failure('The sync of home needs your attention', `basement was left behind: it is full. ${open}`),
  ],
  [
    'a check that found something',
    { kind: 'check', result: { ok: false, cancelled: false, missing: [{}], corrupt: [{}] } },
    failure('The check of home needs your attention', `2 blocks are missing or damaged. ${open}`, 'verify'),
  ],
  [
    'a check that could not be made',
    { kind: 'check', result: null, problem },
    failure('The check of home did not come through', 'attic does not answer. Check that venti runs there.', 'verify'),
  ],
  [
    'files that were not restored',
    { kind: 'extract', result: 'attention', failed: [{}] },
    failure('The restore of home needs your attention', `1 file was not restored. ${open}`, 'verify'),
  ],
  [
    'what nobody should read over a shoulder',
    { ...failed, problem: { ...problem, happened: `vac:${score} is\nnot at ssh://me:pw@attic`, next: 'Look there.' } },
    failure('The sync of home did not come through', 'vac:0123…4567 is not at ssh://…@attic. Look there.'),
  ],
])('%s', (_name, change, expected) => {
  expect(tell(new Notices(), change)).toEqual(expected)
})

test('however long the words, a notice is short and says what to do', () => {
  const long = { ...problem, happened: 'a 😀'.repeat(300), next: 'do this '.repeat(300) }
  // Half a character cannot be encoded.
  const { title = '', body = '' } = tell(new Notices(), { mirror: 'm'.repeat(300), ...failed, problem: long }) ?? {}
  expect([title.length <= 80, body.length < 200, body.includes('do this'), encodeURIComponent(body) !== '']).toEqual([
    true,
    true,
    true,
    true,
  ])
})

test('success is told to those who wish it, where something was sent or the daily time asked', () => {
  const notices = new Notices()
  const nothing = { result: 'ok', targets: [{ ...target, blocksDone: 2 }] }
  const found = [
    tell(notices, { result: 'ok' }),
    tell(notices, { id: 'b', result: 'ok' }, wishing),
    tell(notices, { id: 'c', ...nothing }, wishing),
  ]
  notices.dailyBegins('home')
  found.push(tell(notices, { id: 'd', mirror: 'work', ...nothing }, wishing))
  found.push(tell(notices, { id: 'e', ...nothing }, wishing), tell(notices, { id: 'f', ...nothing }, wishing))
  const success = { title: 'home is in step', command: 'overview', mirror: 'home', isFailure: false }
  expect(found).toEqual([
    null,
    { ...success, body: '3 blocks sent to attic. There is nothing to do.' },
    null,
    null,
    { ...success, body: 'Nothing new for attic. There is nothing to do.' },
    null,
  ])
})

test('a target that grows late is told once each time, also when it is late at the first look', () => {
  const notices = new Notices()
  const look = (attic: boolean, basement: boolean, settings = usualSettings): string | null => {
    const mirror = {
      name: 'home',
      isLate: attic || basement,
      lateAfterHours: 36,
      targets: [
        { dial: 'tcp!a!1', name: 'attic', isLate: attic },
        { dial: 'tcp!b!1', name: 'basement', isLate: basement },
      ],
    } as unknown as MirrorView
    return notices.ofMirror(mirror, settings)?.body ?? null
  }
  const told = (names: string): string =>
    `${names}: the last sync or check is more than 36 hours ago. Sync it now, or see why it was not.`
  expect([
    look(true, false),
    look(true, false),
    look(true, true),
    look(false, true),
    look(true, true),
    look(false, false),
    look(true, true, quiet),
    look(true, true),
    look(false, false),
    look(true, true),
  ]).toEqual([
    told('attic'),
    null,
    told('basement'),
    null,
    told('attic'),
    null,
    null,
    null,
    null,
    told('attic, basement'),
  ])
})

test('a question that work waits for is told once, without the words of the machine', () => {
  const notices = new Notices()
  const asked = (change: object, settings = usualSettings): Notice | null => {
    const question = { id: 'q', kind: 'host-key', machine: 'cellar', ...change } as unknown as MachineQuestion
    return notices.of({ event: 'machine.question', value: { sequence: 1, question, waiting: 0 } }, settings)
  }
  expect(asked({})).toEqual({
    title: 'A question has to be answered',
    body: 'It has to be said whether the key of cellar is right. Open the window: what needs the answer waits for it.',
    command: 'overview',
    mirror: null,
    isFailure: true,
  })
  expect(asked({})).toBeNull()
  const code = asked({ id: 'r', kind: 'answer', machine: 'glenda@cellar', what: 'Code 123' })
  expect(code?.body).toBe('glenda@cellar asks. Open the window: what needs the answer waits for it.')
  expect(asked({ id: 's' }, quiet)).toBeNull()
})
