// Directory entries and names: long names whole, broken and orphaned, E5 and 05, labels, the end mark; who answers to a name.

import { describe, expect, test } from 'vitest'
import { decodeDirectory, encodeTime, filesNamed } from '../../../../electron/engine/fat/directory.ts'
import { decodeShortName, encodeShortName, shortNameChecksum } from '../../../../electron/engine/fat/names.ts'
import { longNameEntries, shortEntry } from '../../../helpers/fat-builder.ts'

const decode = (...entries: readonly Buffer[]): ReturnType<typeof decodeDirectory> =>
  decodeDirectory(Buffer.concat(entries), entries.length)
const end = Buffer.alloc(32)
const wrcmd = shortEntry('WRCMD', 0x20, 7, 81)
const changed = (entry: Buffer, at: number, byte: number): Buffer => {
  const copy = Buffer.from(entry)
  copy[at] = byte
  return copy
}

test('fields', () => {
  expect(decode(wrcmd, end).files).toEqual([
    {
      name: 'WRCMD',
      shortName: 'WRCMD',
      longName: null,
      slot: 0,
      longNameSlots: 0,
      attributes: 0x20,
      caseFlags: 0,
      isDirectory: false,
      isLabel: false,
      isReadOnly: false,
      firstCluster: 7,
      sizeBytes: 81,
      modified: { time: wrcmd.readUInt16LE(22), date: wrcmd.readUInt16LE(24) },
    },
  ])
})

test('slots: used, deleted, end; what stands behind the end mark is nothing', () => {
  const gone = changed(wrcmd, 0, 0xe5)
  expect(decode(...longNameEntries('wrcmd', 'WRCMD'), wrcmd, gone, gone, wrcmd, end, wrcmd).slots).toEqual({
    used: 3,
    deleted: 2,
    end: 5,
  })
  expect(decode(wrcmd, wrcmd).slots).toEqual({ used: 2, deleted: 0, end: 2 })
  expect(decode(end).files).toEqual([])
})

describe('long names', () => {
  const longest = 'n'.repeat(255)
  test.each([['wrcmd'], ['Größe-名前.txt'], ['exactly 13 un'], ['fourteen units'], [longest]])('%s', (longName) => {
    const entries = longNameEntries(longName, 'WRCMD')
    expect(decode(...entries, wrcmd, end).files).toMatchObject([
      { name: longName, longName, shortName: 'WRCMD', slot: entries.length, longNameSlots: entries.length },
    ])
  })

  const four = longNameEntries('these forty letters take up four entries', 'WRCMD')
  const other = longNameEntries('some other name of two', 'WRCMD')
  test.each([
    ['wrong checksum', four.map((entry) => changed(entry, 13, entry[13]! ^ 1))],
    ['one wrong checksum', [four[0]!, changed(four[1]!, 13, 0), ...four.slice(2)]],
    ['the first part missing', four.slice(1)],
    ['the last part missing', four.slice(0, -1)],
    ['a part in the middle missing', [four[0]!, ...four.slice(2)]],
    ['wrong order', four.toReversed()],
    ['two parts the wrong way round', [four[0]!, four[1]!, four[3]!, four[2]!]],
    ['a deleted entry behind it', [...four, changed(wrcmd, 0, 0xe5)]],
    ['another file behind it', [...four, shortEntry('OTHER', 0x20, 0, 0)]],
    ['21 parts', longNameEntries('n'.repeat(21 * 13), 'WRCMD')],
    ['a deleted part', [four[0]!, changed(four[1]!, 0, 0xe5), ...four.slice(2)]],
    ['part 0', [changed(four[0]!, 0, 0x40)]],
    ['part 21', [changed(four[0]!, 0, 0x40 | 21)]],
    ['a type', [changed(longNameEntries('x', 'WRCMD')[0]!, 12, 1)]],
    ['another file’s', longNameEntries('plan9.ini', 'PLAN9.INI')],
  ])('%s: the short name counts', (_, entries) => {
    expect(decode(...entries, wrcmd, end).files.at(-1)).toMatchObject({
      name: 'WRCMD',
      longName: null,
      longNameSlots: 0,
    })
  })

  test('begun anew: the second one counts', () => {
    expect(decode(four[0]!, ...other, wrcmd).files).toMatchObject([
      { name: 'some other name of two', longNameSlots: 2 },
    ])
  })
})

test('names: 05 stands for E5; blanks end a part; case flags change nothing', () => {
  expect(decodeShortName(Buffer.from('\x05BCD    E  ', 'latin1'))).toBe('\xe5BCD.E')
  expect(decodeShortName(Buffer.from('A B     TXT', 'latin1'))).toBe('A.TXT')
  expect(decodeShortName(Buffer.from('GR\x99E       ', 'latin1'))).toBe('GR\x99E')
  expect(decode(changed(wrcmd, 12, 0x18)).files).toMatchObject([{ name: 'WRCMD', caseFlags: 0x18 }])
})

test('names this program writes', () => {
  expect(Buffer.from(encodeShortName('wrcmd')).toString()).toBe('WRCMD      ')
  expect(Buffer.from(encodeShortName('rootscor.bak')).toString()).toBe('ROOTSCORBAK')
  expect(shortNameChecksum(encodeShortName('wrcmd'))).toBe(longNameEntries('wrcmd', 'WRCMD')[0]![13])
  for (const name of ['', '.', 'rootscore', 'a.b.c', 'a.long', 'a b', 'a/b', 'ä', 'a.', '.a', 'a*', 'a\n']) {
    expect(() => encodeShortName(name)).toThrow(expect.objectContaining({ code: 'usage' }))
  }
})

test('who answers to a name: the long one or the short one, without regard to case; never a label', () => {
  const label = shortEntry('WRCMD', 0x08, 0, 0)
  const saved = [...longNameEntries('wrcmd.backup copy', 'WRCMD~1.BAC'), shortEntry('WRCMD~1.BAC', 0x20, 9, 5)]
  const directory = decode(label, ...saved, ...longNameEntries('wrcmd', 'WRCMD'), wrcmd, end)
  const slots = (name: string): number[] => filesNamed(directory, name).map(({ slot }) => slot)
  expect([slots('wrcmd'), slots('WrCmd'), slots('wrcmd~1.bac'), slots('WRCMD.Backup Copy')]).toEqual([
    [5],
    [5],
    [3],
    [3],
  ])
  expect([slots('wrcmd.bac'), slots('')]).toEqual([[], []])
})

describe('times', () => {
  test.each([
    [new Date(2019, 2, 14, 9, 26, 53), (9 << 11) | (26 << 5) | 26, (39 << 9) | (3 << 5) | 14],
    [new Date(1980, 0, 1, 0, 0, 1), 0, 33],
    [new Date(1979, 11, 31, 23, 59, 59), 0, 33],
    [new Date(2107, 11, 31, 23, 59, 59), 0xbf7d, 0xff9f],
    [new Date(2108, 0, 1), 0xbf7d, 0xff9f],
    [new Date(NaN), 0, 33],
  ])('%s', (now, time, date) => {
    expect(encodeTime(now)).toEqual({ time, date })
  })
})
