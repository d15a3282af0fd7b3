// Texts that known_hosts and ~/.ssh/config could hold, random and damaged: each is read without an error, or with one in words,
// and a revoked key stays revoked whatever stands around it (R9).

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matchesPattern } from '../../electron/engine/ssh/host-pattern.ts'
import { keyTypeOf } from '../../electron/engine/ssh/key-blob.ts'
import { decodeKnownHosts, judgeKey, knownTypesOf } from '../../electron/engine/ssh/known-hosts.ts'
import { splitConfigLine } from '../../electron/engine/ssh/ssh-config-line.ts'
import { settingsFor } from '../../electron/engine/ssh/ssh-config.ts'
import { AppError } from '../../shared/errors.ts'
import { blobOf, ed25519Key, hashedName, otherEd25519Key, rsaKey, textOf } from '../helpers/host-keys.ts'

const key = blobOf(ed25519Key)
const randomText = fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes).toString('latin1'))

/** Text out of such pieces, cut and mixed with anything. */
function textOfPieces(pieces: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom(...pieces, ' ', ' ', '\n', '\n', '\t', '\r', '#', '"', '=', ',', '*', '!'),
    },
    { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
    { weight: 1, arbitrary: fc.constantFrom(...pieces).map((text) => text.slice(0, Math.ceil(text.length / 2))) },
  )
  return fc.oneof(
    randomText,
    fc.array(piece, { maxLength: 60 }).map((parts) => parts.join('')),
  )
}

const keyText = [ed25519Key, otherEd25519Key, rsaKey].map(textOf)
const knownHostsText = textOfPieces([
  ...keyText,
  hashedName,
  'box',
  '[box]:2222',
  '@revoked',
  '@cert-authority',
  '|1|',
  'ssh-rsa',
  ed25519Key.base64,
])
const configText = textOfPieces([
  'Host',
  'Match all',
  'HostName',
  'User',
  'Port',
  '22',
  'IdentityFile',
  'ProxyJump',
  'ProxyCommand',
  'none',
  'yes',
  'IdentityAgent',
  'UserKnownHostsFile',
  'ConnectTimeout',
  '1m',
  '%h',
  '%',
  '${A}',
  '~/',
  'box',
  '[::1]:1',
  '\\',
  "'",
])

test('known_hosts: any text is decoded, and any verdict on it is a verdict', () => {
  fc.assert(
    fc.property(knownHostsText, fc.constantFrom(22, 2222), (text, port) => {
      const { entries, badLines } = decodeKnownHosts(text, 'known_hosts')
      expect(entries.length + badLines.length).toBeLessThanOrEqual(text.split('\n').length)
      expect(entries.every((entry) => keyTypeOf(entry.key) === entry.type)).toBe(true)
      knownTypesOf(entries, 'box', port)
      const { kind } = judgeKey(entries, 'box', port, key, 'ssh-ed25519')
      expect(['known', 'unknown', 'changed', 'revoked']).toContain(kind)
      const revoked = decodeKnownHosts(`${text}\n@revoked box,[box]:* ${textOf(ed25519Key)}\n${text}`, 'known_hosts')
      expect(judgeKey(revoked.entries, 'box', port, key, 'ssh-ed25519').kind).toBe('revoked')
      // What is new in a file only ever adds to what is known, never to what is trusted of another key.
      if (kind === 'changed') {
        const more = decodeKnownHosts(`${text}\nbox,[box]:* ${textOf(rsaKey)}`, 'known_hosts')
        expect(judgeKey(more.entries, 'box', port, key, 'ssh-ed25519').kind).toBe('changed')
      }
    }),
    { numRuns: 600 },
  )
})

test('a key blob: any bytes are a whole key or none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(keyTypeOf(bytes) ?? '').toMatch(/^[!-~]*$/)
    }),
    { numRuns: 500 },
  )
})

test('ssh_config: any text gives settings or an error in words', () => {
  fc.assert(
    fc.property(configText, (text) => {
      const block = text.split('\n').flatMap((raw, index) => {
        const split = splitConfigLine(raw)
        return split === null ? [] : [{ ...split, file: 'config', line: index + 1 }]
      })
      try {
        const address = { host: 'box', user: null, port: null }
        const found = settingsFor([block], address, { home: '/home/glenda', user: 'glenda', environment: { A: 'b' } })
        expect(found.port).toBeGreaterThan(0)
        expect(found.hostName).toMatch(/^[^-\s][^\s]*$/)
      } catch (error) {
        expect(error).toBeInstanceOf(AppError)
        expect((error as AppError).code).toBe('ssh-login')
      }
    }),
    { numRuns: 600 },
  )
})

test('patterns match as the same regular expression does', () => {
  const letters = fc.constantFrom('a', 'b', '.', '*', '?')
  const text = fc.array(fc.constantFrom('a', 'b', '.'), { maxLength: 8 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(text, fc.array(letters, { maxLength: 7 }), (given, parts) => {
      const same = parts.map((part) => (part === '*' ? '.*' : part === '?' ? '.' : `[${part}]`)).join('')
      expect(matchesPattern(given, parts.join(''))).toBe(new RegExp(`^${same}$`, 's').test(given))
    }),
    { numRuns: 1000 },
  )
})
