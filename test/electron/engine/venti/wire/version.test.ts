// The version line: limits measured on real servers (venti-protocol.md §1.1), any split, and the choice of a version.

import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { AppError } from '../../../../../shared/errors.ts'
import {
  acceptVersion,
  chooseVersion,
  encodeVersionLine,
  maxVersionLineBytes,
  VersionLineReader,
} from '../../../../../electron/engine/venti/wire/version.ts'

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))

function readLine(text: string): { text: string; rest: string } | undefined {
  const read = new VersionLineReader().push(bytes(text))
  return read && { text: read.line.text, rest: Buffer.from(read.rest).toString('latin1') }
}

function lineOf(text: string) {
  return new VersionLineReader().push(bytes(`${text}\n`))!.line
}

function thrown(action: () => unknown): AppError {
  try {
    action()
  } catch (error) {
    expect(error).toBeInstanceOf(AppError)
    return error as AppError
  }
  throw new Error('nothing was thrown')
}

describe('encodeVersionLine', () => {
  test('is what libventi sends, and ours', () => {
    expect(Buffer.from(encodeVersionLine(['04', '02'], 'libventi')).toString()).toBe('venti-04:02-libventi\n')
    expect(Buffer.from(encodeVersionLine(['04'])).toString()).toBe('venti-04-ventimirror\n')
  })

  test('refuses what no peer would accept', () => {
    expect(thrown(() => encodeVersionLine([])).code).toBe('bug')
    expect(thrown(() => encodeVersionLine(['04'], 'x'.repeat(1023))).code).toBe('bug')
    expect(thrown(() => encodeVersionLine(['04'], 'a\nb')).code).toBe('bug')
  })
})

describe('VersionLineReader', () => {
  test('waits for the newline and keeps what follows it', () => {
    expect(readLine('venti-04:02-libventi')).toBeUndefined()
    expect(readLine('venti-04:02-libventi\n\x00\x00\x00\x02')).toEqual({
      text: 'venti-04:02-libventi',
      rest: '\x00\x00\x00\x02',
    })
  })

  test('1022 bytes and a newline are accepted, 1023 and a newline are not', () => {
    const longest = `venti-04-${'x'.repeat(maxVersionLineBytes - 1 - 9)}`
    expect(readLine(`${longest}\n`)?.text.length).toBe(1022)
    const error = thrown(() => readLine(`${longest}x\n`))
    expect(error.code).toBe('handshake')
    expect(error.message).toContain('no newline within 1023 bytes')
  })

  test.each(['\t', '\r', '\x00', '\x80', '\xff', '\x1f'])('byte %j ends it at once', (byte) => {
    const error = thrown(() => readLine(`venti-04${byte}`))
    expect(error.code).toBe('handshake')
    expect(error.message).toContain(`0x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`)
  })

  test('0x20 and 0x7f are legal', () => {
    expect(readLine('venti-04 \x7f-x\n')?.text).toBe('venti-04 \x7f-x')
  })

  test('shows how another service greeted', () => {
    const error = thrown(() => readLine('220 mail.example.org ESMTP\n'))
    expect(error.code).toBe('handshake')
    expect(error.message).toContain('"220 mail.example.org ESMTP"')
  })

  test('any split gives the same result', () => {
    const tail = fc.uint8Array({ maxLength: 20 })
    const body = fc.oneof(
      fc.string({ unit: 'binary-ascii', maxLength: 60 }),
      fc.string({ unit: 'binary-ascii', maxLength: 60 }).map((text) => `venti-${text}`),
      fc.integer({ min: 1000, max: 1040 }).map((length) => `venti-${'y'.repeat(length)}`),
    )
    fc.assert(
      fc.property(body, tail, fc.array(fc.nat(1100), { maxLength: 6 }), (text, after, cuts) => {
        const whole = new Uint8Array([...bytes(`${text}\n`), ...after])
        const result = (chunks: Uint8Array[]): unknown => {
          const reader = new VersionLineReader()
          try {
            for (const [index, chunk] of chunks.entries()) {
              const read = reader.push(chunk)
              if (read) return [read.line, ...read.rest, ...chunks.slice(index + 1).flatMap((c) => [...c])]
            }
          } catch (error) {
            return (error as AppError).message
          }
          return undefined
        }
        const at = [0, ...cuts.toSorted((a, b) => a - b), whole.length]
        const split = at.slice(1).map((end, i) => whole.subarray(at[i], Math.max(at[i]!, end)))
        expect(result(split)).toEqual(result([whole]))
      }),
    )
  })
})

describe('choosing a version', () => {
  test.each([
    ['venti-04:02-libventi', '04'],
    ['venti-02:04-libventi', '04'],
    ['venti-02-libventi', '02'],
    ['venti-02', '02'],
    ['venti-02-release-04', '02'],
    ['venti-99-04', '04'],
    ['venti-99:98-libventi', null],
    ['venti-', null],
    ['venti-4-libventi', null],
  ])('a client answers %s with %s', (line, version) => {
    expect(chooseVersion(lineOf(line))).toBe(version)
  })

  test('a server takes the first version of the client that it knows', () => {
    expect(acceptVersion(lineOf('venti-04:02-x'), ['04', '02'])).toBe('04')
    expect(acceptVersion(lineOf('venti-02:04-x'), ['04', '02'])).toBe('02')
    expect(acceptVersion(lineOf('venti-04:02-x'), ['02'])).toBe('02')
    expect(acceptVersion(lineOf('venti-04-x'), ['02'])).toBeNull()
  })

  test('both ends agree whatever a server lists', () => {
    const versions = fc.uniqueArray(fc.constantFrom('02' as const, '04' as const), { minLength: 1 })
    fc.assert(
      fc.property(versions, (offered) => {
        const server = new VersionLineReader().push(encodeVersionLine(offered, 'libventi'))!.line
        const chosen = chooseVersion(server)!
        const client = new VersionLineReader().push(encodeVersionLine([chosen]))!.line
        expect(acceptVersion(client, offered)).toBe(chosen)
      }),
    )
  })
})
