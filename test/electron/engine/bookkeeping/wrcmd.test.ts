// wrcmd lines as people and scripts write them, what is wrong with the others, and the lines this program writes.

import { describe, expect, test } from 'vitest'
import {
  formatWrcmd,
  isUsable,
  nextWrcmd,
  parseWrcmd,
  proposeWrcmd,
} from '../../../../electron/engine/bookkeeping/wrcmd.ts'
import { AppError } from '../../../../shared/errors.ts'
import type { WrarenaCommand } from '../../../../shared/model/bookkeeping.ts'

const good = 'wrarena -h tcp!192.168.1.123!17034 -o 537665536 /dev/sdC0/arenas 0x14f55e1f'

function understood(text: string): WrarenaCommand {
  const { command } = parseWrcmd(text)
  if (command === null) throw new Error(`not understood: ${text}`)
  return command
}

const fields = (text: string): unknown => {
  const { words, ...rest } = understood(text)
  return { ...rest, words: words.length }
}

describe('forms people write', () => {
  test.each<[string, object]>([
    [
      'venti/wrarena -h tcp!192.168.0.99!17034 -o 794624 /dev/sdE0/arenas 0x0\n',
      { program: 'venti/wrarena', host: 'tcp!192.168.0.99!17034', arenaOffset: 794624, clumpOffset: 0, words: 7 },
    ],
    [
      `${good}\n`,
      { program: 'wrarena', arenaOffset: 537665536, partition: '/dev/sdC0/arenas', clumpOffset: 0x14f55e1f },
    ],
    [
      'venti/wrarena -h /net.alt/tcp!127.1!17034 -o 794624 /dev/sdF0/arenas 0x0\n',
      { host: '/net.alt/tcp!127.1!17034' },
    ],
    ['/amd64/bin/venti/wrarena -h tcp!a!1 -o 0 f 0x0', { program: '/amd64/bin/venti/wrarena', arenaOffset: 0 }],
    ['./nativewrarena -h tcp!a!1 -o 5 f 0x1', { program: './nativewrarena' }],
    [`  ${good} \t \n`, { clumpOffset: 0x14f55e1f }],
    [`\n\n${good}\n\n \n\t\n`, { clumpOffset: 0x14f55e1f, words: 7 }],
    [good.replaceAll(' ', '\t'), { clumpOffset: 0x14f55e1f, words: 7 }],
    [good.replace('-o 537665536', '-o537665536'), { arenaOffset: 537665536, words: 6 }],
    [good.replace('-h ', '-h'), { host: 'tcp!192.168.1.123!17034', words: 6 }],
    [good.replace('-o 537665536', '-vo 537665536'), { arenaOffset: 537665536 }],
    [good.replace('wrarena', 'wrarena -v'), { program: 'wrarena', words: 8 }],
    ['wrarena -h tcp!a!1 -o 5 - 0x1', { partition: '-', clumpOffset: 1 }],
    [good.replace('0x14f55e1f', '0x14F55E1F'), { clumpOffset: 0x14f55e1f }],
    [good.replace('sdC0', '\xc3\xa0'), { partition: '/dev/\xc3\xa0/arenas' }],
    [good.replace('/dev', '#S'), { partition: '#S/sdC0/arenas' }],
  ])('%j', (text, expected) => {
    expect(parseWrcmd(text).problems).toEqual([])
    expect(fields(text)).toMatchObject(expected)
  })

  test.each<[string, RegExp, object]>([
    [good.replace('-h tcp!192.168.1.123!17034 ', ''), /no -h.*\$venti/, { host: null }],
    [good.replace('!17034', ''), /three parts/, { host: 'tcp!192.168.1.123' }],
    [good.replace('tcp!192.168.1.123!17034', 'backup'), /three parts/, { host: 'backup' }],
    [good.replace('0x14f', '0X14f'), /looks for 0x.*write 0x14f55e1f/, { clumpOffset: 0x14f55e1f }],
    [`${good}\r\n`, /a CR stands behind the last word/, { clumpOffset: 0x14f55e1f, words: 7 }],
    [good.replace('wrarena', 'wrarena -fv'), /-f: damaged blocks/, { words: 8 }],
    [good.replace('wrarena', 'wrarena -M100'), /-M 100: it stops after 100 blocks/, { words: 8 }],
  ])('works with a warning: %j', (text, warning, expected) => {
    const parsed = parseWrcmd(text)
    expect(parsed.problems).toEqual([{ severity: 'warning', message: expect.stringMatching(warning) as string }])
    expect(isUsable(parsed)).toBe(true)
    expect(fields(text)).toMatchObject(expected)
  })
})

describe('wrong, but what was meant is known', () => {
  test.each<[string, RegExp, string]>([
    [good.replace('537665536', '0x200c2000'), /everything from the first 0x.*write 537665536/, good],
    [good.replace('537665536', '0537665536'), /octal; write 537665536/, good],
    [good.replace('0x14f55e1f', '351624735'), /without 0x.*write 0x14f55e1f/, good],
    [good.replace(' 0x14f55e1f', ''), /clump offset is missing/, good.replace('14f55e1f', '0')],
    [good.replace('0x14f55e1f', '0'), /without 0x.*write 0x0/, good.replace('14f55e1f', '0')],
    [good.replace(' /dev', '\n/dev'), /2 lines/, good],
    [good.replace(' -o', '\r\n-o'), /2 lines|CR/, good],
    [`${good} \r\n`, /CR characters/, good],
    [`${good}\n\r\n`, /CR characters/, good],
  ])('%j', (text, message, proposal) => {
    const parsed = parseWrcmd(text)
    expect(isUsable(parsed)).toBe(false)
    expect(parsed.problems.map((one) => one.message).join('; ')).toMatch(message)
    const { arenaOffset, clumpOffset } = understood(text)
    expect(nextWrcmd(understood(text), { arenaOffset: arenaOffset as number, clumpOffset })).toBe(`${proposal}\n`)
  })
})

describe('wrong', () => {
  test.each<[string, RegExp]>([
    ['', /empty/],
    ['\n', /empty/],
    [' \t\r\n\n', /empty/],
    [`#!/bin/rc\n${good}\n`, /wrcmd is no script/],
    [`# the new server\n${good}\n`, /wrcmd is no script/],
    ['rm -rf /n/9fat', /would run "rm"/],
    [`cd /dev; ${good}`, /would run "cd"/],
    ['vac:14463002106d01e2b60f3a990c8c648051154730 /dev/sdE0/fossil', /root score.*rootscor/],
    [`${good}\n${good}\n`, /2 lines/],
    [`${good}; rm x`, /without a shell|words stand behind/],
    [`${good} | tee log`, /without a shell/],
    [good.replace('/dev/sdC0/arenas', "'/dev/sdC0/arenas'"), /no quotes/],
    [good.replace('tcp!192.168.1.123!17034', '$venti'), /no quotes, variables/],
    [good.replace('-o', '-p'), /no option "-p"/],
    [good.replace('-o 537665536', '-- -o 537665536'), /no option "--"/],
    ['wrarena -h', /-h has no value/],
    [good.replace(' -o 537665536', ''), /-o is missing/],
    [good.replace('537665536', '512m'), /-o is "512m"/],
    [good.replace('537665536', '-1'), /-o is "-1"/],
    [good.replace('537665536', '99999999999999999999'), /-o is "9+"/],
    [good.replace('-o 537665536', '-o 537665536 -o 1'), /-o is given twice/],
    [good.replace('-o', '-h tcp!b!17034 -o'), /-h is given twice/],
    [good.replace('tcp!192.168.1.123!17034', '/dev/null'), /nothing is sent/],
    [good.replace('!17034', '!17034!x'), /4 parts/],
    [good.replace('192.168.1.123', ''), /a part of it is empty/],
    [good.replace('192.168.1.123', '0x7f000001'), /"tcp!0x7f000001!17034" has a 0x/],
    [good.replace('sdC0', 'sd0x0'), /"\/dev\/sd0x0\/arenas" has a 0x/],
    [good.replace('wrarena', '/0x/wrarena'), /has a 0x/],
    [good.replace('sdC0', 'sd!0'), /has a "!"/],
    [good.replace('sdC0', 'caf\xc3\xa90x'), /"\/dev\/caf\u00e90x\/arenas" has a 0x/],
    [good.replace('0x14f55e1f', '0x'), /last word is "0x"/],
    [good.replace('0x14f55e1f', '0x14g'), /last word is "0x14g"/],
    [good.replace('0x14f55e1f', '010'), /last word is "010"/],
    [good.replace('0x14f55e1f', '0xfffffffffffffffff'), /last word is/],
    [good.replace('/dev/sdC0/arenas ', ''), /partition is missing/],
    ['wrarena -h tcp!a!1 -o 1', /partition is missing/],
    [`${good} 0x0`, /3 words stand behind the options/],
    [good.replace('-o 537665536 /dev/sdC0/arenas', '/dev/sdC0/arenas -o 537665536'), /4 words stand|-o is missing/],
    [good.replace('wrarena', 'wrarena -M x'), /-M is "x"/],
    [good.replace('sdC0', 'sd\u00070'), /control character/],
    [good.replace('sdC0', 'sd\0'), /control character/],
    [`${good}${' '.repeat(9000)}`, /bytes long/],
  ])('%j', (text, message) => {
    const parsed = parseWrcmd(text)
    expect(isUsable(parsed)).toBe(false)
    expect(
      parsed.problems
        .filter(({ severity }) => severity === 'error')
        .map((one) => one.message)
        .join('; '),
    ).toMatch(message)
  })

  test('what is said of a word never holds a root score (R10)', () => {
    const score = '14463002106d01e2b60f3a990c8c648051154730'
    for (const text of [`${score} x`, good.replace('537665536', score), good.replace('0x14f55e1f', `'vac:${score}'`)]) {
      expect(JSON.stringify(parseWrcmd(text).problems)).not.toContain(score.slice(4, 36))
    }
  })
})

describe('lines that are written', () => {
  const position = { arenaOffset: 1074536448, clumpOffset: 0 }

  test.each<[string, Parameters<typeof nextWrcmd>[1], string]>([
    [good, position, 'wrarena -h tcp!192.168.1.123!17034 -o 1074536448 /dev/sdC0/arenas 0x0'],
    [
      good,
      { arenaOffset: 1, clumpOffset: 0xabcdef },
      'wrarena -h tcp!192.168.1.123!17034 -o 1 /dev/sdC0/arenas 0xabcdef',
    ],
    [
      'venti/wrarena -v -o5 -M 10 -hbackup\t/dev/x   0X1F\r\n\n',
      { ...position, host: 'tcp!backup!17034' },
      'venti/wrarena -v -o1074536448 -M 10 -htcp!backup!17034 /dev/x 0x0',
    ],
    ['wrarena /dev/x', { ...position, host: 'tcp!b!1' }, 'wrarena -h tcp!b!1 -o 1074536448 /dev/x 0x0'],
    ['wrarena -fvo 1 /dev/x 0x5', position, 'wrarena -fvo 1074536448 /dev/x 0x0'],
    [
      good,
      { ...position, partition: '/dev/sdD0/arenas' },
      good.replace('sdC0', 'sdD0').replace(/-o.*0x.*/, '-o 1074536448 /dev/sdD0/arenas 0x0'),
    ],
    ['wrarena -o 0x10 /dev/x 0x5', { arenaOffset: 16, clumpOffset: 2 ** 52 }, 'wrarena -o 16 /dev/x 0x10000000000000'],
  ])('%j to %j', (text, next, line) => {
    expect(nextWrcmd(understood(text), next)).toBe(`${line}\n`)
  })

  test('from nothing', () => {
    const line = formatWrcmd({
      host: 'tcp!a!17034',
      arenaOffset: 794624,
      clumpOffset: 0,
      partition: '/dev/sdE0/arenas',
    })
    expect(line).toBe('venti/wrarena -h tcp!a!17034 -o 794624 /dev/sdE0/arenas 0x0\n')
    expect(parseWrcmd(line).problems).toEqual([])
  })

  test.each<[string, Partial<Parameters<typeof nextWrcmd>[1]>, RegExp]>([
    [good, { host: 'tcp!box0x1!17034' }, /"tcp!box0x1!17034" has a 0x/],
    [good, { partition: '/dev/0x/arenas' }, /has a 0x/],
    [good, { partition: '/dev/my arenas' }, /empty or has a blank/],
    [good, { partition: '' }, /empty or has a blank/],
    [good, { partition: '/dev/a!b' }, /has a "!"/],
    [good, { partition: "/dev/'a'" }, /no quotes/],
    [good, { host: '/dev/null' }, /nothing is sent/],
    [good, { arenaOffset: -1 }, /arena offset is -1/],
    [good, { clumpOffset: 1.5 }, /clump offset is 1.5/],
    [good, { clumpOffset: 2 ** 53 }, /clump offset is 9007199254740992/],
    [good.replace('sdC0', 'sd0x0'), {}, /has a 0x/],
    [good.replace('wrarena', 'wrarena -M x'), {}, /-M is/],
  ])('refused: %j with %j', (text, change, message) => {
    const next = { ...position, ...change }
    expect(() => nextWrcmd(understood(text), next)).toThrow(message)
    expect(() => nextWrcmd(understood(text), next)).toThrow(AppError)
    expect(proposeWrcmd(understood(text), next)).toBeNull()
  })
})
