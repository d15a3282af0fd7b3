// Versions: in the order of semver.org, and out of a text only where it is one.

import { expect, test } from 'vitest'
import { isNewer, versionIn } from '../../../../electron/app/habits/versions.ts'

/** Rising, as semver.org lists them. */
const rising = [
  '0.9.0',
  '1.0.0-0',
  '1.0.0-2',
  '1.0.0-11',
  '1.0.0-99999999999999999999',
  '1.0.0-alpha',
  '1.0.0-alpha.1',
  '1.0.0-alpha.beta',
  '1.0.0-beta',
  '1.0.0-beta.2',
  '1.0.0-beta.11',
  '1.0.0-rc.1',
  '1.0.0',
  '1.0.1',
  '1.2.0',
  '1.10.0',
  '2.0.0-rc.1',
  '2.0.0',
  '90071992547409930.0.0',
  '90071992547409931.0.0',
]

test('each is newer than those before it, and none than itself', () => {
  for (const [index, version] of rising.entries()) {
    const older = rising.filter((other) => isNewer(version, other))
    expect([version, older]).toEqual([version, rising.slice(0, index)])
  }
  expect([isNewer('1.0.0+2', '1.0.0+1'), isNewer('1.0.0+1', '1.0.0')]).toEqual([false, false])
})

const none = [
  '',
  '1',
  '1.2',
  '1.2.3.4',
  'v1.2.3',
  '01.2.3',
  '1.2.3-',
  '1.2.3-01',
  '1.2.3+',
  '1.2.3 ',
  '-1.2.3',
  '1.2.x',
]
const markup = [
  '<b>1.2.3</b>',
  '1.2.3-<img>',
  '1.2.3\u0000',
  '1.2.3\n',
  '../../x',
  '1.2.3-../x',
  `1.2.3-${'a'.repeat(60)}`,
]

test.each([...none, ...markup])('%j is no version, and newer than nothing', (text) => {
  expect([isNewer(text, '0.0.1'), isNewer('9.0.0', text), versionIn(`version: ${text}`)]).toEqual([
    false,
    false,
    text === '1.2.3 ' || text === '1.2.3\n' ? '1.2.3' : null,
  ])
})

const file = `version: 0.2.0
files:
  - url: venti-mirror-0.2.0-linux-x86_64.AppImage
    sha512: abc==
path: venti-mirror-0.2.0-linux-x86_64.AppImage
releaseDate: '2026-11-29T02:00:00.000Z'
releaseNotes: |-
  version: 9.9.9
`

test.each<[string, string, string | null]>([
  ['a file of electron-builder', file, '0.2.0'],
  ['one with line ends of Windows', file.replaceAll('\n', '\r\n'), '0.2.0'],
  ['quotes', "version: '1.0.0-beta.1'\n", '1.0.0-beta.1'],
  ['one quote', "version: '1.0.0\n", null],
  ['two versions', `${file}version: 0.3.0\n`, null],
  ['a comment behind it', 'version: 1.0.0 # or so', null],
  ['a page', '<!doctype html><title>version: 1.0.0</title>', null],
  ['JSON', '{"version": "1.0.0"}', null],
  ['nothing', '', null],
])('%s', (_name, text, expected) => {
  expect(versionIn(text)).toBe(expected)
})
