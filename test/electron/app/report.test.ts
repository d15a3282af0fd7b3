// The report for somebody who is to help: enough to help with, nothing that is nobody's business.

import { expect, test } from 'vitest'
import { namesOf, replacePlaces } from '../../../electron/app/report-names.ts'
import { reportText } from '../../../electron/app/report.ts'
import { usualSettings } from '../../../electron/service/settings.ts'
import type { AppView } from '../../../shared/model/window.ts'

const score = '0123456789abcdef0123456789abcdef01234567'
const problem = (code: string, happened: string): object => ({ code, happened, safe: '', next: '' })
const target = { store: null, state: 'reachable', isLate: false, behindBlocks: 0, lastSync: null, problem: null }
const attic = {
  ...target,
  dial: 'tcp!attic.example.org!17034',
  name: 'attic.example',
  state: 'unreachable',
  isLate: true,
  behindBlocks: 7,
  lastSync: '2026-11-01T00:00:00.000Z',
  problem: problem('connect-failed', 'attic.example.org does not answer'),
}
const store = { folder: '/home/glenda/copy', dial: 'tcp!127.0.0.1!4000', isServed: true, sizeBytes: 1 }

const view = {
  settings: usualSettings,
  mirrors: [
    {
      name: 'home',
      source: {
        path: '/dev/disk/fossil',
        problem: problem('source-open', '/dev/disk/fossil cannot be opened'),
        totals: null,
      },
      targets: [attic, { ...target, dial: store.dial, name: 'Basement', store }],
      ninefat: '/dev/disk/9fat',
      isLate: true,
      damage: 2,
      lastRun: { at: '2026-11-01T00:00:00.000Z', result: 'failed' },
    },
    {
      name: 'work',
      source: { path: '/dev/disk', problem: null },
      targets: [attic],
      ninefat: null,
      isLate: false,
      damage: 0,
      lastRun: null,
    },
  ],
  jobs: [
    {
      kind: 'sync',
      mirror: 'home',
      state: 'ended',
      startedAt: '2026-11-28T11:00:00.000Z',
      result: 'failed',
      targets: [{ dial: 'tcp!192.168.1.20!17034' }],
      problem: problem('connect-failed', 'no answer from ATTIC.example.org'),
    },
  ],
  problems: ['/home/glenda/state/mirrors/x.json cannot be read'],
} as unknown as AppView

const facts = { version: '0.1.0', platform: 'linux x64', home: '/home/glenda', view, log: [] }

test('places, addresses and scores are replaced, everywhere by the same name', () => {
  const log = [
    `Z info sync: vac:${score} to tcp!attic.example.org!17034 (attic.example.org:17034)`,
    'Z info sync: 192.168.1.20 and 192.168.1.201, tcp!127.0.0.1!4000, http://127.0.0.1:7654/',
    'Z info main: opens /home/glenda/copy/arenas, /home/glenda/x and /home/glendas, password=hunter2',
    'Z info main: /dev/disk/9fat of /dev/disk, atticus',
  ]
  const desktop = { tray: true, startAtLogin: false, dailyAt: '03:30', weeklyLook: false }
  expect(reportText({ ...facts, desktop, log }).split('\n')).toEqual([
    'Venti Mirror 0.1.0 on linux x64',
    'Left out: addresses and names of targets (target-1 …), paths of sources (source-1 …), of 9fats and of local stores, the',
    'home folder (~), passwords, and all of a score but its ends. Names of mirrors stand in it. Read it before you send it.',
    '',
    'Desktop: tray yes, start at login no, daily sync 03:30',
    'Settings: theme system, late after 36 h, tells failures yes, tells success no',
    'Mirror 1, "home": 2 targets, late, damaged places: 2, last run 2026-11-01T00:00:00.000Z failed',
    '  source: source-open: source-1 cannot be opened',
    '  target-1: unreachable, late, behind by 7 blocks, last sync 2026-11-01T00:00:00.000Z, connect-failed: target-1 does not answer',
    '  target-2: reachable, store on this computer, behind by 0 blocks, last sync never',
    'Mirror 2, "work": 1 target, damaged places: 0, never run',
    '  target-1: unreachable, late, behind by 7 blocks, last sync 2026-11-01T00:00:00.000Z, connect-failed: target-1 does not answer',
    'Job: sync of "home", ended, failed, begun 2026-11-28T11:00:00.000Z, connect-failed: no answer from target-1',
    'Problem: ~/state/mirrors/x.json cannot be read',
    '',
    'Log, its last lines:',
    'Z info sync: vac:0123…4567 to target-1 (target-1:17034)',
    'Z info sync: target-3 and 192.168.1.201, target-2, http://127.0.0.1:7654/',
    'Z info main: opens folder-of-target-2/arenas, ~/x and /home/glendas, password=…',
    'Z info main: 9fat-1 of source-2, atticus',
  ])
})

test('where the service does not answer, the rest is there', () => {
  const text = reportText({ ...facts, home: '/', view: null, log: ['Z info engine: ended'] })
  expect(text.split('\n').slice(3)).toEqual([
    '',
    'The service did not answer.',
    '',
    'Log, its last lines:',
    'Z info engine: ended',
  ])
})

test('machines on the way and machines that a source is on are no more named than targets are', () => {
  const far = { ...target, dial: 'ssh://glenda@hop.example:2222!inner.example!17034', name: 'far' }
  const source = { path: 'ssh://glenda@disks.example/dev/sdb:arenas', problem: null, totals: null }
  const mirror = { name: 'home', source, targets: [far], ninefat: 'ssh://[fe80::7]/dev/sdb:9fat' }
  const names = namesOf({ mirrors: [mirror], jobs: [] } as unknown as AppView)
  const line = (text: string): string => replacePlaces(text, names, '')
  expect(line(`${far.dial}: inner.example behind hop.example:2222`)).toBe('target-1: target-1 behind target-1:2222')
  expect(line(`${source.path}: glenda@disks.example ended it`)).toBe('source-1: glenda@machine-of-source-1 ended it')
  expect(line(`${mirror.ninefat} of [fe80::7]:22`)).toBe('9fat-1 of machine-of-9fat-1:22')
})
