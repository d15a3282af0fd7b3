// Which names may stand in a folder, by the rules of each system, wherever this runs.

import { expect, test } from 'vitest'
import {
  fileNameProblem,
  isUnfinishedName,
  nameKey,
  unfinishedName,
  unfinishedOwner,
} from '../../../../electron/engine/extract/file-name.ts'

const never = [
  'x'.repeat(256),
  '',
  '.',
  '..',
  '/',
  'a/b',
  '../x',
  '/etc',
  'a\0',
  '\0',
  unfinishedName(1, '0123456789abcdef'),
]

test.each(never)('%j is restored nowhere', (name) => {
  expect(fileNameProblem(name, 'posix')).not.toBeNull()
  expect(fileNameProblem(name, 'win32')).not.toBeNull()
})

const notOnWindows = [
  'a\\b',
  '..\\x',
  'C:',
  'C:\\x',
  'file:stream',
  'a*',
  'a?',
  'a<b',
  'a>b',
  'a|b',
  'a"b',
  'a\u0001',
  'a\n',
  'a\u001f',
  'dot.',
  'blank ',
  '...',
  ' ',
  'CON',
  'con',
  'con.txt',
  'CON .txt',
  'Aux.tar.gz',
  'NUL',
  'prn',
  'COM1',
  'com9.log',
  'LPT0',
  'COM\u00b9',
  'CONIN$',
  'conout$',
]

test.each(notOnWindows)('%j stays off Windows only', (name) => {
  expect(fileNameProblem(name, 'posix')).toBeNull()
  expect(fileNameProblem(name, 'win32')).not.toBeNull()
})

const everywhere = ['a', '.a', '..a', 'a..b', ' a', 'CONSOLE', 'CO', 'COM', 'COM10', 'nullify', 'xCON', '名前', 'a b']

test.each([...everywhere, 'x'.repeat(255)])('%j is a name everywhere', (name) => {
  expect([fileNameProblem(name, 'posix'), fileNameProblem(name, 'win32')]).toEqual([null, null])
})

test('the name of an unfinished file tells whose it is, also in other letters', () => {
  const name = unfinishedName(4711, '0123456789abcdef')
  expect([unfinishedOwner(name), isUnfinishedName(name.toUpperCase())]).toEqual([4711, true])
  expect(['.venti-mirror-x-0123456789abcdef.part', `${name}x`, `x${name}`].map(unfinishedOwner)).toEqual([
    null,
    null,
    null,
  ])
})

test('names are the same where only case or the composition of accents differs, if the folder ignores that', () => {
  const pairs: readonly [string, string][] = [
    ['A', 'a'],
    ['Straße', 'STRASSE'],
    ['\u00e9', 'e\u0301'],
  ]
  for (const [a, b] of pairs) {
    expect(nameKey(a, 'ignores-case')).toBe(nameKey(b, 'ignores-case'))
    expect(nameKey(a, 'exact')).not.toBe(nameKey(b, 'exact'))
  }
  expect(nameKey('a', 'ignores-case')).not.toBe(nameKey('b', 'ignores-case'))
})
