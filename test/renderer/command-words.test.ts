// The command lines that the window shows before anything was begun are those that the service gives its jobs.

import { describe, expect, test } from 'vitest'
import { parseDial } from '../../electron/engine/venti/client/dial.ts'
import { hereDial } from '../../electron/engine/verify/recover-commands.ts'
import type { ServiceContext } from '../../electron/service/context.ts'
import { shellWord as shellWordOfService } from '../../electron/service/commands.ts'
import * as service from '../../electron/service/verify-commands.ts'
import {
  checkCommand,
  dialWord,
  extractCommand,
  listCommand,
  printCommand,
  rootsCommands,
  shellWord,
} from '../../renderer/text/command-words.ts'
import { maskScore, type RootScore } from '../../shared/model/score.ts'

const root = 'e37c0b1d5a66c1f02be80a9f6d1e7c3344d921a8' as string as RootScore
const score = maskScore(root)
const dials = [
  'tcp!192.168.0.99!17034',
  'basement',
  'tcp!fe80::1!17035',
  'unix!/tmp/venti',
  'unix!/tmp/my venti',
  'ssh://glenda@attic:2222!127.0.0.1!17034',
]
const context = (stateDir: string) =>
  ({
    stateDir,
    environment: { XDG_STATE_HOME: '/home/glenda/state' },
    home: '/home/glenda',
  }) as unknown as ServiceContext

test.each(dials)('dial string %s', (text) => {
  const dial = parseDial(text)
  expect(dialWord(dial.text)).toBe(hereDial(dial))
})

describe.each(['/somewhere/else', "/with a 'quote"])('state folder %s', (stateDir) => {
  test.each([
    ['present', '/dev/sdE0/arenas'],
    ['full', 'disk image.img:arenas'],
  ] as const)('a check, %s', (depth, source) => {
    const dial = parseDial('basement')
    const asked = { root, dial, depth, source, repair: false }
    const mirror = {
      command: `venti-mirror sync cirno --state ${shellWordOfService(stateDir)}`,
      source: { path: source, problem: null, totals: null },
    }
    const made = checkCommand({ mirror, score, dial: dial.text, depth })
    expect(made).toBe(service.checkCommand(asked, context(stateDir)))
  })
})

test('a mirror in the usual state folder needs no word for it', () => {
  const mirror = { command: 'venti-mirror sync cirno --verify', source: { path: '/a', problem: null, totals: null } }
  expect(checkCommand({ mirror, score, dial: 'tcp!basement!17034', depth: 'present' })).toBe(
    'venti-mirror verify vac:e37c…21a8 --at basement:17034 --source /a',
  )
})

test.each([
  ['/', '/home/glenda/restored'],
  ["/active/it's here", '/a b'],
])('an extract of %s', (path, folder) => {
  const dial = parseDial('basement')
  expect(extractCommand({ score, dial: dial.text, path, folder })).toBe(
    service.extractCommand({ root, dial, path, folder }),
  )
})

test('a folder that is still to be named, a listing, a file', () => {
  const place = { score, dial: 'tcp!basement!17034', path: '/active/a b' }
  expect(extractCommand({ ...place, folder: '' })).toBe(
    "venti-mirror extract 'vac:e37c…21a8/active/a b' FOLDER --at basement:17034",
  )
  expect(listCommand({ ...place, path: '/' })).toBe('venti-mirror ls vac:e37c…21a8 --at basement:17034 --long')
  expect(printCommand(place)).toBe("venti-mirror cat 'vac:e37c…21a8/active/a b' --at basement:17034")
})

test('roots come from every place that the mirror knows', () => {
  const source = { path: '/dev/sdE0/arenas', problem: null, totals: null }
  expect(rootsCommands({ ninefat: null, fossil: null, source })).toEqual(['venti-mirror roots /dev/sdE0/arenas'])
  expect(rootsCommands({ ninefat: 'd:9fat', fossil: "d'e", source })).toEqual([
    'venti-mirror roots d:9fat',
    "venti-mirror roots 'd'\\''e'",
    'venti-mirror roots /dev/sdE0/arenas',
  ])
  expect(shellWord('plain-word')).toBe('plain-word')
})
