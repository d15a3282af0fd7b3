// ssh:// addresses: what is understood, what is refused in which words, and that no password survives in a message.

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  besideSshPath,
  isSshText,
  parseSshAuthority,
  parseSshPath,
  sshAddressText,
} from '../../../../electron/engine/ssh/address.ts'
import { parseDial, parseListenDial } from '../../../../electron/engine/venti/client/dial.ts'
import { thrown } from '../../../helpers/client-calls.ts'

test.each([
  ['ssh://attic/dev/sdb', null, 'attic', null, '/dev/sdb'],
  ['ssh://glenda@Attic.Example/dev/sdb:arenas', 'glenda', 'attic.example', null, '/dev/sdb:arenas'],
  ['ssh://glenda@10.0.0.5:2222/srv/a b.img', 'glenda', '10.0.0.5', 2222, '/srv/a b.img'],
  ['SSH://[FE80::1]:22/x', null, 'fe80::1', 22, '/x'],
  ['ssh://host/~/arenas.img', null, 'host', null, '/~/arenas.img'],
  ['ssh://back-up_1@host/x@y', 'back-up_1', 'host', null, '/x@y'],
])('%s', (text, user, host, port, path) => {
  expect(parseSshPath(text)).toEqual({ address: { user, host, port }, path })
})

test.each(['/dev/sdb', 'C:\\disk', 'host:/path', 'sshx://host/x', ''])('%j is no such address', (text) => {
  expect([isSshText(text), parseSshPath(text)]).toEqual([false, null])
})

test.each([
  ['ssh://host', 'the path on that machine is missing'],
  ['ssh://host/', 'the path on that machine is missing'],
  ['ssh:///dev/sdb', 'the host is missing'],
  ['ssh://@host/x', '"" is not a user name'],
  ['ssh://host:0/x', '0 is not a port'],
  ['ssh://host:70000/x', '70000 is not a port'],
  ['ssh://host:x/x', 'is not HOST or HOST:PORT'],
  ['ssh://::1/x', 'is not HOST or HOST:PORT'],
  ['ssh://[nope]/x', 'is not an IPv6 address'],
  ['ssh://ho st/x', 'is not a host name'],
  ['ssh://-oProxyCommand=x/x', 'is not a host name'],
])('%s is refused', (text, why) => {
  const error = thrown(() => parseSshPath(text))
  expect([error.code, error.message.includes(why), error.message]).toEqual(['ssh-address', true, error.message])
})

test('a password in an address is refused and not repeated', () => {
  for (const parse of [
    () => parseSshPath('ssh://glenda:hunter2@host/x'),
    () => parseDial('ssh://glenda:hunter2@host!v'),
  ]) {
    const error = thrown(parse)
    expect(error.code).toBe('ssh-address')
    expect(JSON.stringify([error.message, error.data])).not.toContain('hunter2')
    expect(error.message).toContain('a password does not belong into an address')
  }
})

test('an address is written as it is read', () => {
  const address = fc.record({
    user: fc.option(fc.stringMatching(/^[a-z][a-z0-9_-]{0,20}$/)),
    host: fc.oneof(fc.stringMatching(/^[a-z][a-z0-9.-]{0,30}$/), fc.constant('::1'), fc.ipV4()),
    port: fc.option(fc.integer({ min: 1, max: 65_535 })),
  })
  fc.assert(
    fc.property(address, (one) => {
      const text = sshAddressText(one)
      expect(parseSshPath(`${text}/x`)?.address).toEqual(one)
      expect(parseSshAuthority(text.slice('ssh://'.length), text)).toEqual(one)
    }),
  )
})

test('no text makes it throw anything but ssh-address', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((rest) => `ssh://${rest}`),
      ),
      (text) => {
        try {
          parseSshPath(text)
        } catch (error) {
          expect((error as { code: string }).code).toBe('ssh-address')
        }
      },
    ),
  )
})

test('what a configuration on that machine names is on that machine', () => {
  const config = parseSshPath('ssh://glenda@attic:2222/usr/venti/venti.conf')!
  expect(besideSshPath(config, '/dev/sdb1')).toBe('ssh://glenda@attic:2222/dev/sdb1')
  expect(besideSshPath(config, 'arenas0')).toBe('ssh://glenda@attic:2222/usr/venti/arenas0')
})

describe('a venti behind a machine', () => {
  test.each([
    ['ssh://attic!venti.lan!17034', 'ssh://attic!venti.lan!17034'],
    ['ssh://glenda@attic:2222!127.0.0.1', 'ssh://glenda@attic:2222!127.0.0.1!17034'],
    ['ssh://glenda@attic!localhost!venti', 'ssh://glenda@attic!localhost!17034'],
    ['ssh://[::1]:22!::1!0x4289', 'ssh://[::1]:22!::1!17033'],
  ])('%s', (given, text) => {
    const dial = parseDial(given)
    expect([dial.kind, dial.text]).toEqual(['ssh', text])
    expect(parseDial(dial.text)).toEqual(dial)
  })

  test.each([
    ['ssh://attic', 'expected ssh://user@host!HOST!SERVICE'],
    ['ssh://attic/dev/sdb!x', 'a path is for sources'],
    ['ssh://attic!a!b!c', 'expected ssh://user@host!HOST!SERVICE'],
    ['ssh://attic!!17034', 'the host is missing'],
    ['ssh://attic!*!17034', 'host * is for listening only'],
  ])('%s is refused', (given, why) => {
    const error = thrown(() => parseDial(given))
    expect([error.code, error.message]).toEqual(['dial-string', expect.stringContaining(why)])
  })

  test('nobody listens there', () => {
    expect(thrown(() => parseListenDial('ssh://attic!*!17034')).code).toBe('dial-string')
  })
})
