// Every spelling of a server's address that is in use in the field, and a clear refusal of the others.

import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { AppError } from '../../../../../shared/errors.ts'
import { parseDial, parseListenDial } from '../../../../../electron/engine/venti/client/dial.ts'
import { expandIPv4, isIPv6 } from '../../../../../electron/engine/venti/client/ip-address.ts'

function refusal(text: string, env = {}, parse = parseDial): string {
  try {
    parse(text, env)
  } catch (error) {
    if (error instanceof AppError && error.code === 'dial-string') return error.message
    throw error
  }
  throw new Error(`${text} was accepted`)
}

describe('parseDial', () => {
  test.each([
    ['tcp!192.168.1.123!17034', 'tcp!192.168.1.123!17034'],
    ['tcp!127.1!17034', 'tcp!127.0.0.1!17034'],
    ['/net.alt/tcp!127.1!17034', 'tcp!127.0.0.1!17034'],
    ['/net/tcp!host', 'tcp!host!17034'],
    ['net!venti.example.org!venti', 'tcp!venti.example.org!17034'],
    ['net!host!5000', 'tcp!host!5000'],
    ['host', 'tcp!host!17034'],
    ['Host', 'tcp!host!17034'],
    ['host!5000', 'tcp!host!5000'],
    ['host!venti', 'tcp!host!17034'],
    ['host!0x428a', 'tcp!host!17034'],
    ['tcp!host', 'tcp!host!17034'],
    ['net!host', 'tcp!host!17034'],
    ['host:17035', 'tcp!host!17035'],
    ['host:venti', 'tcp!host!17034'],
    ['127.1:17034', 'tcp!127.0.0.1!17034'],
    ['10.5', 'tcp!10.0.0.5!17034'],
    ['172.16.5', 'tcp!172.16.0.5!17034'],
    ['[::1]:17034', 'tcp!::1!17034'],
    ['[::1]', 'tcp!::1!17034'],
    ['::1', 'tcp!::1!17034'],
    ['tcp!::1!17034', 'tcp!::1!17034'],
    ['tcp![FE80::1%eth0]!17034', 'tcp!fe80::1%eth0!17034'],
    ['::ffff:10.0.0.1', 'tcp!::ffff:10.0.0.1!17034'],
    ['  host\n', 'tcp!host!17034'],
    ['bücher.example', 'tcp!bücher.example!17034'],
    ['unix!/tmp/venti', 'unix!/tmp/venti'],
    ['unix!odd!name', 'unix!odd!name'],
    ['/tmp/ns.me/venti', 'unix!/tmp/ns.me/venti'],
    ['$venti', 'tcp!backup!17034'],
  ])('%s is %s', (text, canonical) => {
    const dial = parseDial(text, { venti: 'net!backup' })
    expect(dial.text).toBe(canonical)
    expect(parseDial(dial.text)).toEqual(dial)
  })

  test('the parts', () => {
    expect(parseDial('tcp!127.1!17035')).toEqual({
      kind: 'tcp',
      host: '127.0.0.1',
      port: 17035,
      text: 'tcp!127.0.0.1!17035',
    })
    expect(parseDial('unix!/a b')).toEqual({ kind: 'unix', path: '/a b', text: 'unix!/a b' })
  })

  test.each([
    ['', 'nothing is there'],
    ['  ', 'nothing is there'],
    ['udp!host!venti', 'not over udp'],
    ['il!host!venti', 'not over il'],
    ['/net/il!host', 'not over il'],
    ['tcp!*!venti', 'for listening only'],
    ['*', 'for listening only'],
    ['tcp!host!0', 'port 0'],
    ['tcp!host!65536', 'above 65535'],
    ['tcp!host!http', '"http"'],
    ['tcp!host!', '""'],
    ['tcp!!17034', 'host is missing'],
    [':17034', 'host is missing'],
    ['tcp!host!17034!x', '4 parts'],
    ['carrier!host!17034', '"carrier"'],
    ['/net.alt/carrier!host', '"/net.alt/carrier"'],
    ['17034', 'looks like a port'],
    ['tcp!17034', 'looks like a port'],
    ['1.2.3.4.5', 'four numbers'],
    ['1.2.3.', 'four numbers'],
    ['1.2.3.256', 'above 255'],
    ['127.0.0.01', 'leading zeros'],
    ['10.1.2', 'all four numbers'],
    ['192.1', 'all four numbers'],
    ['a:b:c', 'more than one colon'],
    ['::1:17034:x', 'more than one colon'],
    ['[::1', 'more than one colon'],
    ['[host]:17034', 'not an IPv6 address'],
    ['tcp!::g!17034', 'not an IPv6 address'],
    ['ho st', 'not a host name'],
    ['-host', 'not a host name'],
    ['unix!', 'no path'],
    ['tcp!ho\0st!17034', 'control character'],
    ['$venti', 'is not set'],
    ['$other', 'only the variable $venti'],
  ])('%j is refused: %s', (text, reason) => {
    const message = refusal(text)
    expect(message).toContain(reason)
    expect(message).toContain('expected for example tcp!')
  })

  test('$venti that refers to a variable is refused, not followed', () => {
    expect(refusal('$venti', { venti: '$venti' })).toContain('set to "$venti"')
  })

  test('any text gives a dial or a dial-string error, and canonical text is stable', () => {
    const piece = fc.constantFrom(
      'tcp',
      'net',
      '!',
      ':',
      '[',
      ']',
      '127.1',
      '::1',
      'host',
      '17034',
      'venti',
      '*',
      '/',
      '$venti',
      '%',
      '0x',
    )
    const text = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.array(piece, { maxLength: 7 }).map((all) => all.join('')),
    )
    fc.assert(
      fc.property(text, fc.boolean(), (given, listening) => {
        const parse = listening ? parseListenDial : parseDial
        try {
          const dial = parse(given, { venti: 'host' })
          expect(parse(dial.text)).toEqual(dial)
        } catch (error) {
          if (!(error instanceof AppError) || error.code !== 'dial-string') throw error
        }
      }),
      { numRuns: 3000 },
    )
  })
})

describe('parseListenDial', () => {
  test.each([
    ['tcp!*!venti', 'tcp!*!17034'],
    ['*:17034', 'tcp!*!17034'],
    [':17034', 'tcp!*!17034'],
    ['*', 'tcp!*!17034'],
    ['127.0.0.1:0', 'tcp!127.0.0.1!0'],
    ['localhost:17034', 'tcp!localhost!17034'],
    ['tcp!127.1!17034', 'tcp!127.0.0.1!17034'],
    ['[::]:17034', 'tcp!::!17034'],
    ['unix!/tmp/v', 'unix!/tmp/v'],
  ])('%s is %s', (text, canonical) => {
    expect(parseListenDial(text).text).toBe(canonical)
  })

  test('refuses with an example of its own', () => {
    expect(refusal('17034', {}, parseListenDial)).toContain('127.0.0.1:17034')
    expect(refusal('udp!*!venti', {}, parseListenDial)).toContain('not over udp')
  })
})

describe('addresses', () => {
  test.each(['::', '::1', '1::', 'fe80::1%en0', '1:2:3:4:5:6:7:8', '1::8', '::1.2.3.4', '1:2:3:4:5:6:1.2.3.4'])(
    '%s is IPv6',
    (text) => expect(isIPv6(text)).toBe(true),
  )

  test.each([
    '',
    ':',
    ':::',
    '1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '12345::',
    '1.2.3.4',
    '1.2.3.4::',
    '::1.2.3',
    '1:',
  ])('%s is not', (text) => expect(isIPv6(text)).toBe(false))

  test('four numbers stay as they are', () => {
    expect(expandIPv4('192.168.1.5').address).toBe('192.168.1.5')
    expect(expandIPv4('0.0.0.0').address).toBe('0.0.0.0')
  })
})
