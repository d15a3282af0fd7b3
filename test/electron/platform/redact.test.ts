// What must not stand in a log, a report or a notification (R10), and that the rest of a line stays.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { redacted } from '../../../electron/platform/redact.ts'

const score = '0123456789abcdef0123456789abcdef01234567'
const token = 'abcdefghijklmnopqrst-_'

test.each([
  [`root ${score} found`, 'root vac:0123…4567 found'],
  [`vac:${score.toUpperCase()}`, 'vac:0123…4567'],
  ['password=hunter2 user=x', 'password=… user=x'],
  ['sshPassword: two words', 'sshPassword: …'],
  ['{"password":"a \\" b","user":"x"}', '{"password":…,"user":"x"}'],
  ['passphrase: correct horse', 'passphrase: …'],
  ['"passphrase": "two words"', '"passphrase": …'],
  ['Authorization: Bearer abc.def', 'Authorization: …'],
  [`{"authorization":"Basic dXNlcg==","host":"attic"}`, '{"authorization":…,"host":"attic"}'],
  ['sent Bearer abcdefgh.ijkl and went on', 'sent Bearer … and went on'],
  ['https://attic/x?token=abc&day=1', 'https://attic/x?token=…&day=1'],
  ['ssh://glenda:secret@host/dev', 'ssh://…@host/dev'],
  ['ssh://glenda:se@cret@host/dev', 'ssh://…@host/dev'],
  [`http://127.0.0.1:7654/#${token}`, 'http://127.0.0.1:7654/#…'],
  ['-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\nnext', '(a private key)\nnext'],
  ['password: x\nnext line', 'password: …\nnext line'],
  // Nothing of it is secret.
  ['issue #12 of arenas0, block 0123456789abcdef, me@host', 'issue #12 of arenas0, block 0123456789abcdef, me@host'],
  ['the passphrase of the key is wrong', 'the passphrase of the key is wrong'],
])('%s', (text, expected) => {
  expect(redacted(text)).toBe(expected)
})

test('whatever stands around it, no score and no token comes through, and masking twice changes nothing more', () => {
  const hex = fc.stringMatching(/^[0-9a-fA-F]{40}$/)
  const around = fc.string({ maxLength: 20 })
  fc.assert(
    fc.property(around, hex, around, (before, digits, after) => {
      const text = redacted(`${before}${digits}${after}#${token}`)
      return !text.includes(digits) && !text.includes(token) && redacted(text) === text
    }),
  )
})
