// The lines of rootscor as scripts write them, also garbled; what is appended to them.

import { describe, expect, test } from 'vitest'
import {
  appendedText,
  decodeRootscor,
  fossilizeLine,
  linesToAppend,
  newestCommandLine,
  newestScoreLine,
  rootsOf,
} from '../../../../electron/engine/bookkeeping/rootscor.ts'
import { zeroScore, type RootScore } from '../../../../shared/model/score.ts'
import { expectedDisk, expectedFossil, expectedVolume, volumeIds } from '../../../helpers/disk-fixtures.ts'

const a = '14463002106d01e2b60f3a990c8c648051154730' as RootScore
const b = 'e37c1246872abdc10ae805f4c234f60e096f21a8' as RootScore
const command = 'venti/wrarena -h tcp!192.168.0.99!17034 -o 794624 /dev/sdE0/arenas 0x0'

const textOf = (id: string): string =>
  (id.startsWith('disk') ? expectedDisk(id as 'disk-mbr')['9fat'] : expectedVolume(id)).files.find(
    ({ name }) => name === 'ROOTSCOR',
  )?.text ?? ''

describe('lines', () => {
  test.each<[string, object]>([
    [`vac:${a}`, { kind: 'score', score: a, partition: null, venti: null }],
    [`vac:${a} /dev/sdC0/fossil`, { kind: 'score', score: a, partition: '/dev/sdC0/fossil', venti: null }],
    [`vac:${a} /dev/sdC0/fossil `, { kind: 'score', score: a, partition: '/dev/sdC0/fossil', venti: null }],
    [`vac:${a} /dev/sdC0/fossil\r`, { kind: 'score', score: a, partition: '/dev/sdC0/fossil', venti: null }],
    [
      `vac:${a} /dev/sdC0/fossil #S/sdF0/arenas tcp!127.1!17034`,
      { kind: 'score', partition: '/dev/sdC0/fossil', venti: '#S/sdF0/arenas tcp!127.1!17034' },
    ],
    [`vac:${a} /dev/\xc3\xa0 \xa0`, { kind: 'score', partition: '/dev/\xc3\xa0', venti: '\xa0' }],
    [`VAC:${a.toUpperCase()} /dev/x`, { kind: 'score', score: a, partition: '/dev/x' }],
    [command, { kind: 'command', text: command }],
    ['/bin/venti/wrarena', { kind: 'command' }],
    ['wrarena\t-o 5', { kind: 'command' }],
    ['9fat?', { kind: 'note', text: '9fat?', scores: [] }],
    ['no score?!', { kind: 'note', scores: [] }],
    ['', { kind: 'note', text: '' }],
    [`vac:${a.slice(1)}`, { kind: 'note', scores: [] }],
    [`vac:${a}0`, { kind: 'note', scores: [] }],
    [`vac:${a}  two-blanks`, { kind: 'note', scores: [a] }],
    [`venti/wrarvac:${a} /dev/sdE0/fossil`, { kind: 'note', scores: [a] }],
    [`vac:${a} /dev/xvac:${b} /dev/y`, { kind: 'score', score: a }],
    [`rm -rf / ; echo wrarena`, { kind: 'note' }],
  ])('%j', (line, expected) => {
    const lines = decodeRootscor(`first\n${line}\n`)
    expect(lines).toHaveLength(2)
    expect(lines[1]).toMatchObject({ line: 2, ...expected })
  })

  test('a last line without a newline is a line; an empty file has none', () => {
    expect(decodeRootscor('')).toEqual([])
    expect(decodeRootscor(`vac:${a}`)).toHaveLength(1)
    expect(decodeRootscor('\n\n')).toHaveLength(2)
  })

  test('every line of every 9fat is of a script, and comes back as it stands', () => {
    for (const id of [...volumeIds, 'disk-mbr', 'disk-gpt']) {
      const text = textOf(id)
      const lines = decodeRootscor(text)
      // One fixture is filled up with a remark.
      const notes = lines.filter((line) => line.kind === 'note').map((line) => line.text)
      expect(notes.filter((note) => !/^# x+$/.test(note))).toEqual([])
      const written = lines.map((line) => {
        if (line.kind === 'score') return fossilizeLine(line.score, line.partition as string, line.venti)
        return line.text
      })
      expect(appendedText('', written)).toBe(text)
    }
  })
})

describe('roots', () => {
  test('of the ordinary 9fat, newest first', () => {
    const fossil = { partition: '/dev/sdE0/fossil', times: 1, isEmpty: false }
    expect(rootsOf(textOf('9fat12'))).toEqual([
      { score: b, venti: 'tcp!192.168.0.99!17034', line: 7, ...fossil },
      { score: a, venti: null, line: 4, ...fossil },
      { score: a, venti: 'tcp!192.168.0.99!17034', line: 1, ...fossil },
    ])
  })

  test('the same line is counted and stands where it was last; "never archived" is marked', () => {
    const line = (score: string): string => `vac:${score} /dev/f tcp!v!17034`
    const text = [line(a), line(zeroScore), line(a), line(b), line(a), '9fat?', `x vac:${b} y`, ''].join('\n')
    const at = { partition: '/dev/f', venti: 'tcp!v!17034' }
    expect(rootsOf(text)).toEqual([
      { score: b, partition: null, venti: null, line: 7, times: 1, isEmpty: false },
      { score: a, ...at, line: 5, times: 3, isEmpty: false },
      { score: b, ...at, line: 4, times: 1, isEmpty: false },
      { score: zeroScore, ...at, line: 2, times: 1, isEmpty: true },
    ])
  })

  test('a second score in the fields of the first is a root too', () => {
    expect(rootsOf(`vac:${a} /dev/xvac:${b} /dev/y\n`).map(({ score, line }) => [score, line])).toEqual([
      [b, 1],
      [a, 1],
    ])
  })

  test('the newest score and command lines', () => {
    const text = textOf('9fat12')
    expect(newestScoreLine(text)).toMatchObject({ line: 7, score: b })
    expect(newestCommandLine(text)).toBe(text.trimEnd().split('\n').at(-1))
    expect(newestScoreLine('9fat?\n')).toBeNull()
    expect(newestCommandLine('')).toBeNull()
  })
})

describe('appended', () => {
  test('the line of fossilize', () => {
    const { last, fossilizeLine: lines } = expectedFossil()
    const score = last.replace('vac:', '') as RootScore
    const [, partition, ...venti] = lines.withVentiSet.trimEnd().split(' ')
    expect(fossilizeLine(score, partition as string, venti.join(' '))).toBe(lines.withVentiSet.trimEnd())
    expect(fossilizeLine(score, partition as string, null)).toBe(lines.withVentiUnset.trimEnd())
    expect(fossilizeLine(score, partition as string, '')).toBe(lines.withVentiUnset.trimEnd())
    expect(() => fossilizeLine(`vac:${score}` as RootScore, 'p', null)).toThrow('40 lower-case hex digits')
  })

  test('old command, then next command, in single blanks', () => {
    expect(linesToAppend(`${command}\t\r\n\n`, `${command}\n`)).toEqual([command, command])
  })

  test('behind a line without a newline, one comes first; nothing is rewritten', () => {
    expect(appendedText(null, ['x', 'y'])).toBe('x\ny\n')
    expect(appendedText('', ['x'])).toBe('x\n')
    expect(appendedText('9fat?\n', ['x'])).toBe('x\n')
    expect(appendedText('9fat?', ['x'])).toBe('\nx\n')
    expect(appendedText('9fat?', [])).toBe('')
    expect(() => appendedText('', ['x\ny'])).toThrow('newline')
  })
})
