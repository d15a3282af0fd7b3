// Partition tables built for the test: MBR with extended records, GPT with a damaged first or second copy, hybrids, sectors
// of 4096 bytes, Plan 9 tables with every kind of bad line, old tables, names that clash.

import { describe, expect, test } from 'vitest'
import { readDiskLayout } from '../../../../electron/engine/disk/layout.ts'
import type { DiskLayout } from '../../../../electron/engine/disk/disk-part.ts'
import { linuxGuid, plan9Guid, putGpt, putMbr, putTable, sealHeader } from '../../../helpers/disk-builder.ts'
import { loadDisk } from '../../../helpers/disk-fixtures.ts'
import { faultySource } from '../../../helpers/faulty-source.ts'
import { memorySource } from '../../../helpers/memory-source.ts'

const efiGuid = '28732ac11ff8d211ba4b00a0c93ec93b'

async function layoutOf(disk: Uint8Array, sectorBytes?: number): Promise<DiskLayout> {
  return await readDiskLayout(memorySource(disk), sectorBytes === undefined ? {} : { sectorBytes })
}

/** name start end, in sectors of the disk. */
function partsOf({ parts, sectorBytes }: DiskLayout): readonly string[] {
  return parts.map(
    ({ name, offset, sizeBytes }) => `${name} ${offset / sectorBytes} ${(offset + sizeBytes) / sectorBytes}`,
  )
}

const sectors = (count: number, sectorBytes = 512): Buffer => Buffer.alloc(count * sectorBytes)

describe('MBR', () => {
  test('other partitions are p1 to p4, the Plan 9 one has its parts behind it', async () => {
    const disk = sectors(1000)
    putMbr(disk, 0, [
      { type: 0x83, start: 10, sectors: 90, flag: 0x80 },
      { type: 0x39, start: 100, sectors: 400 },
      { type: 0, start: 0, sectors: 0 },
      { type: 0x0c, start: 500, sectors: 500 },
    ])
    putTable(disk, 100 * 512, 'part 9fat 0 50\npart arenas 50 400\n')
    const layout = await layoutOf(disk)
    expect([layout.scheme, layout.problems]).toEqual(['mbr', []])
    expect(partsOf(layout)).toEqual(['p1 10 100', 'plan9 100 500', '9fat 100 150', 'arenas 150 500', 'p4 500 1000'])
    expect(layout.parts.map(({ role }) => role)).toEqual(['other', 'container', 'plan9', 'plan9', 'other'])
  })

  test('extended: starts count from each record, links from the first; a Plan 9 partition may be inside', async () => {
    const disk = sectors(1000)
    putMbr(disk, 0, [
      { type: 0x83, start: 10, sectors: 90 },
      { type: 0x05, start: 100, sectors: 800 },
    ])
    putMbr(disk, 100 * 512, [
      { type: 0x83, start: 1, sectors: 99 },
      { type: 0x05, start: 200, sectors: 100 },
    ])
    putMbr(disk, 300 * 512, [
      { type: 0x39, start: 2, sectors: 98 },
      { type: 0x0f, start: 400, sectors: 100 },
    ])
    putTable(disk, 302 * 512, 'part 9fat 0 10\npart fossil 10 98\n')
    putMbr(disk, 500 * 512, [{ type: 0x82, start: 3, sectors: 97 }])
    const layout = await layoutOf(disk)
    expect(layout.problems).toEqual([])
    expect(partsOf(layout)).toEqual([
      'p1 10 100',
      'p5 101 200',
      'plan9 302 400',
      '9fat 302 312',
      'fossil 312 400',
      'p7 503 600',
    ])
  })

  test.each<[string, (disk: Buffer) => void, RegExp]>([
    [
      'a loop',
      (disk) =>
        putMbr(disk, 100 * 512, [
          { type: 0x83, start: 1, sectors: 9 },
          { type: 5, start: 0, sectors: 9 },
        ]),
      /at sector 100: the chain .* leads back to it/,
    ],
    [
      'a record without signature',
      (disk) => disk.fill(0, 100 * 512, 101 * 512),
      /at sector 100: its last two bytes are not 55 aa/,
    ],
    [
      'a link out of the extended partition',
      (disk) =>
        putMbr(disk, 100 * 512, [
          { type: 0x83, start: 1, sectors: 9 },
          { type: 5, start: 850, sectors: 9 },
        ]),
      /it leads to sector 950, beyond the extended partition, which ends at 900/,
    ],
  ])('extended, %s: said, and what is before it is listed', async (_, damage, words) => {
    const disk = sectors(1000)
    putMbr(disk, 0, [
      { type: 0x83, start: 10, sectors: 90 },
      { type: 0x05, start: 100, sectors: 800 },
    ])
    damage(disk)
    const layout = await layoutOf(disk)
    expect(partsOf(layout)[0]).toBe('p1 10 100')
    expect(layout.problems).toEqual([expect.stringMatching(words)])
  })

  test('extended, a chain without end is cut', async () => {
    const disk = sectors(1000)
    putMbr(disk, 0, [{ type: 0x0f, start: 100, sectors: 900 }])
    for (let record = 0; record < 400; record++) {
      putMbr(disk, (100 + 2 * record) * 512, [
        { type: 0x83, start: 1, sectors: 1 },
        { type: 0x05, start: 2 * (record + 1), sectors: 2 },
      ])
    }
    const layout = await layoutOf(disk)
    expect(layout.parts).toHaveLength(128)
    expect(layout.problems).toEqual([expect.stringContaining('has more than 128 records')])
  })

  test('a partition beyond the end is left out; of a Plan 9 one what is there stays', async () => {
    const disk = sectors(300)
    putMbr(disk, 0, [
      { type: 0x83, start: 200, sectors: 101 },
      { type: 0x39, start: 50, sectors: 400 },
      { type: 0x39, start: 400, sectors: 10 },
      { type: 0x83, start: 10, sectors: 0xffffffff },
    ])
    putTable(disk, 50 * 512, 'part 9fat 0 100\npart arenas 100 400\n')
    const layout = await layoutOf(disk)
    expect(partsOf(layout)).toEqual(['plan9 50 300', '9fat 50 150'])
    expect(layout.problems).toEqual([
      'partition 1 (MBR type 0x83) reaches from 0x19000 to 0x25a00, but the disk ends at 0x25800: it is left out',
      'partition 2 (MBR type 0x39) reaches from 0x6400 to 0x38400, but the disk ends at 0x25800: only what is inside is listed',
      expect.stringMatching(/^partition 3 .*it is left out$/),
      expect.stringMatching(/^partition 4 .*it is left out$/),
      'Plan 9 table at 0x6600: line 2 "part arenas 100 400" is left out: it ends at sector 400, but there are only 250',
    ])
  })

  test('partitions that overlap are said', async () => {
    const disk = sectors(300)
    putMbr(disk, 0, [
      { type: 0x83, start: 10, sectors: 100 },
      { type: 0x83, start: 109, sectors: 100 },
    ])
    expect((await layoutOf(disk)).problems).toEqual([
      'partition 2 (MBR type 0x83) overlaps partition 1 (MBR type 0x83)',
    ])
  })

  test('boot code is no table: flags, or no Plan 9 entry beside a FAT boot sector', async () => {
    const disk = sectors(300)
    putMbr(disk, 0, [{ type: 0x83, start: 10, sectors: 100, flag: 0x41 }])
    expect((await layoutOf(disk)).scheme).toBe('bare')
    const volume = loadDisk('9fat12')
    volume.fill(0, 512, 1024)
    putMbr(volume, 0, [{ type: 0x83, start: 10, sectors: 100 }])
    expect((await layoutOf(volume)).scheme).toBe('bare')
    putMbr(volume, 0, [{ type: 0x39, start: 10_000_000, sectors: 100 }])
    expect((await layoutOf(volume)).scheme).toBe('bare')
    putMbr(volume, 0, [{ type: 0x39, start: 10, sectors: 100 }])
    expect((await layoutOf(volume)).scheme).toBe('mbr')
    putMbr(volume, 0, [
      { type: 0x39, start: 10, sectors: 100 },
      { type: 0x6f, start: 77, sectors: 100, flag: 0x6e },
    ])
    expect((await layoutOf(volume)).scheme).toBe('bare')
  })

  test('a Plan 9 partition without a table, or whose table cannot be read', async () => {
    const disk = sectors(300)
    putMbr(disk, 0, [{ type: 0x39, start: 50, sectors: 100 }])
    const layout = await layoutOf(disk)
    expect(partsOf(layout)).toEqual(['plan9 50 150'])
    expect(layout.problems).toEqual([
      'Plan 9 table at 0x6600: partition 1 (MBR type 0x39) has no "part " there; its parts are not known',
    ])
    putTable(disk, 50 * 512, 'part x 0 1\n')
    const unreadable = [{ start: 0x6600, end: 0x6601 }]
    const { problems } = await readDiskLayout(faultySource(memorySource(disk), { unreadable }))
    expect(problems).toEqual([expect.stringMatching(/^the Plan 9 table at 0x6600 cannot be read: .*EIO/)])
    putMbr(disk, 0, [{ type: 0x39, start: 299, sectors: 1 }])
    expect((await layoutOf(disk)).problems).toHaveLength(1)
  })

  test('in sectors of 4096 bytes is told by where the Plan 9 table stands', async () => {
    const disk = sectors(100, 4096)
    putMbr(disk, 0, [{ type: 0x39, start: 10, sectors: 50 }])
    putTable(disk, 10 * 4096, 'part 9fat 0 20\npart arenas 20 50\n', 4096)
    const layout = await layoutOf(disk)
    expect([layout.sectorBytes, partsOf(layout)]).toEqual([4096, ['plan9 10 60', '9fat 10 30', 'arenas 30 60']])
    expect(layout.problems).toEqual([])
    const told = sectors(100, 4096)
    putMbr(told, 0, [{ type: 0x83, start: 10, sectors: 50 }])
    expect(partsOf(await layoutOf(told, 4096))).toEqual(['p1 10 60'])
    expect((await layoutOf(told)).parts[0]!.offset).toBe(5120)
  })

  test('a first sector that cannot be read is said', async () => {
    const unreadable = [{ start: 0, end: 512 }]
    const { scheme, problems } = await readDiskLayout(faultySource(memorySource(sectors(300)), { unreadable }))
    expect([scheme, problems.length]).toEqual(['bare', 1])
    expect(problems[0]).toMatch(/^the place at 0x0 cannot be read: .*EIO/)
  })
})

describe('GPT', () => {
  function gptDisk(sectorBytes = 512, change: Partial<Parameters<typeof putGpt>[1]> = {}): Buffer {
    const disk = sectors(400, sectorBytes)
    putGpt(disk, {
      sectorBytes,
      slots: [
        { guid: efiGuid, first: 40, last: 59, name: 'EFI system partition' },
        { guid: plan9Guid, first: 60, last: 299, name: 'plan9' },
        { guid: linuxGuid, first: 300, last: 319, name: 'plan9' },
        { guid: linuxGuid, first: 320, last: 320 },
      ],
      ...change,
    })
    putTable(disk, 60 * sectorBytes, 'part 9fat 0 100\npart nvram 100 101\npart arenas 101 240\n', sectorBytes)
    return disk
  }
  const expected = [
    'EFI-system-partition 40 60',
    'plan9 60 300',
    '9fat 60 160',
    'nvram 160 161',
    'arenas 161 300',
    'plan9.1 300 320',
    'p4 320 321',
  ]
  const last = 399

  test.each([
    [512, {}],
    [4096, {}],
    [512, { entries: 4 }],
    [512, { entryBytes: 256, entries: 16 }],
  ])('in sectors of %d bytes, with %j', async (sectorBytes, change) => {
    const layout = await layoutOf(gptDisk(sectorBytes, change))
    expect([layout.scheme, layout.sectorBytes, layout.problems]).toEqual(['gpt', sectorBytes, []])
    expect(partsOf(layout)).toEqual(expected)
    expect(layout.parts.map(({ role }) => role).join(' ')).toBe('other container plan9 plan9 plan9 other other')
  })

  const usesBackup = 'the GPT at the beginning is damaged; its backup at the end of the disk is used'
  test.each<[string, (disk: Buffer) => void, readonly (string | RegExp)[]]>([
    [
      'header checksum',
      (disk) => void disk.writeUInt32LE(1, 512 + 16),
      [/^the GPT header at sector 1: its checksum is wrong$/, usesBackup],
    ],
    [
      'header gone',
      (disk) => void disk.fill(0, 512, 1024),
      ['the GPT header at sector 1: it does not begin with "EFI PART"', usesBackup],
    ],
    [
      'entries',
      (disk) => void disk.fill(0xff, 1024 + 32, 1024 + 48),
      [/^the entries of the GPT header: their checksum is wrong$/, usesBackup],
    ],
    [
      'count',
      (disk) => {
        disk.writeUInt32LE(5000, 512 + 80)
        sealHeader(disk, 512)
      },
      [/counts 5000 entries, expected 1 to 1024/, usesBackup],
    ],
    [
      'entry size',
      (disk) => {
        disk.writeUInt32LE(64, 512 + 84)
        sealHeader(disk, 512)
      },
      [/its entries have 64 bytes/, usesBackup],
    ],
    [
      'entries too large',
      (disk) => {
        disk.writeUInt32LE(1024, 512 + 80)
        disk.writeUInt32LE(2048, 512 + 84)
        sealHeader(disk, 512)
      },
      [/have 2097152 bytes, expected at most 1048576/, usesBackup],
    ],
    [
      'place of entries',
      (disk) => {
        disk.writeUInt32LE(399, 512 + 72)
        sealHeader(disk, 512)
      },
      [/entries of the GPT header at 0x31e00 are beyond the end/, usesBackup],
    ],
    [
      'place of entries beyond numbers',
      (disk) => {
        disk.fill(0xff, 512 + 72, 512 + 80)
        sealHeader(disk, 512)
      },
      [/its entries are at sector/, usesBackup],
    ],
    [
      'header length',
      (disk) => void disk.writeUInt32LE(513, 512 + 12),
      [/its length is 513, expected 92 to 512/, usesBackup],
    ],
    [
      'own place',
      (disk) => {
        disk.writeUInt32LE(7, 512 + 24)
        sealHeader(disk, 512)
      },
      [/it says that it stands at sector 7/, usesBackup],
    ],
    [
      'backup header',
      (disk) => void disk.fill(0, last * 512),
      ['the backup GPT header at sector 399: it does not begin with "EFI PART"'],
    ],
    [
      'backup checksum',
      (disk) => void disk.writeUInt32LE(1, last * 512 + 16),
      ['the backup GPT header at sector 399: its checksum is wrong'],
    ],
    [
      'backup that differs',
      (disk) => {
        disk.writeUInt32LE(9, last * 512 + 88)
        sealHeader(disk, last * 512)
      },
      ['the backup GPT at sector 399 says otherwise; the first one is used'],
    ],
    [
      'backup out of reach',
      (disk) => {
        disk.writeUInt32LE(9999, 512 + 32)
        sealHeader(disk, 512)
      },
      ['the backup GPT header at sector 9999: it is beyond the end of the disk'],
    ],
    [
      'both checksums',
      (disk) => {
        disk.writeUInt32LE(1, 512 + 16)
        disk.writeUInt32LE(1, last * 512 + 16)
      },
      [/sector 1: its checksum/, /sector 399: its checksum/, /^no copy of the GPT has right checksums/],
    ],
    [
      'no protective entry',
      (disk) => void disk.fill(0, 446, 512),
      ['the GPT has no entry in an MBR before it (type 0xee)'],
    ],
  ])('damaged: %s: the same partitions, and it is said', async (_, damage, problems) => {
    const disk = gptDisk()
    damage(disk)
    const layout = await layoutOf(disk)
    expect([layout.scheme, partsOf(layout)]).toEqual(['gpt', expected])
    expect(layout.problems).toHaveLength(problems.length)
    for (const [index, words] of problems.entries()) expect(layout.problems[index]).toMatch(words)
  })

  test('a header that cannot be read: the backup is used', async () => {
    const unreadable = [{ start: 512, end: 513 }]
    const layout = await readDiskLayout(faultySource(memorySource(gptDisk()), { unreadable }))
    expect(partsOf(layout)).toEqual(expected)
    expect(layout.problems.at(-1)).toBe(usesBackup)
  })

  test('both copies gone: nothing is made up', async () => {
    const disk = gptDisk()
    disk.fill(0, 512, 1024)
    disk.fill(0, last * 512)
    expect(await layoutOf(disk)).toEqual({
      scheme: 'bare',
      sectorBytes: 512,
      parts: [],
      problems: ['the MBR says that there is a GPT, but there is none at either end of the disk'],
    })
  })

  test('an entry whose numbers make no sense is left out', async () => {
    const disk = sectors(400)
    const slots = [
      { guid: linuxGuid, first: 60, last: 50, name: 'backwards' },
      { guid: linuxGuid, first: 60, last: 400, name: 'far' },
      { guid: linuxGuid, first: 60, last: 61, name: 'good/..:x' },
      { guid: linuxGuid, first: 62, last: 62, name: '   ' },
    ]
    putGpt(disk, { slots })
    disk.fill(0xff, 1024 + 32, 1024 + 48)
    const layout = await layoutOf(disk)
    expect(partsOf(layout)).toEqual(['good-..-x 60 62', 'p4 62 63'])
    expect(layout.problems.filter((problem) => problem.startsWith('partition'))).toEqual([
      expect.stringContaining('partition 1 (GPT, "backwards") is left out'),
      expect.stringContaining('partition 2 (GPT, "far") reaches from'),
    ])
  })

  test('a stale one behind an MBR without its entry: the MBR is used', async () => {
    const disk = gptDisk()
    putMbr(disk, 0, [{ type: 0x39, start: 330, sectors: 20 }])
    putTable(disk, 330 * 512, 'part 9fat 0 20\n')
    const layout = await layoutOf(disk)
    expect([layout.scheme, partsOf(layout)]).toEqual(['mbr', ['plan9 330 350', '9fat 330 350']])
    expect(layout.problems).toEqual([
      'a GPT header stands behind an MBR that has no entry for it (type 0xee): the MBR is used',
    ])
  })

  test('hybrid: a Plan 9 partition that both have is one; another one of the MBR is said', async () => {
    const disk = gptDisk()
    putMbr(disk, 0, [
      { type: 0xee, start: 1, sectors: 39 },
      { type: 0x39, start: 60, sectors: 240 },
    ])
    const both = await layoutOf(disk)
    expect([partsOf(both), both.problems]).toEqual([expected, []])
    disk.writeUInt32LE(330, 446 + 16 + 8)
    disk.writeUInt32LE(20, 446 + 16 + 12)
    const other = await layoutOf(disk)
    expect(partsOf(other)).toEqual(expected)
    expect(other.problems).toEqual(['the MBR has a Plan 9 partition at 0x29400 that is not in the GPT'])
  })

  test('hybrid: a Plan 9 partition that only the MBR has is listed', async () => {
    const disk = sectors(400)
    putGpt(disk, { slots: [{ guid: linuxGuid, first: 40, last: 49, name: 'root' }] })
    putMbr(disk, 0, [
      { type: 0xee, start: 1, sectors: 39 },
      { type: 0x39, start: 60, sectors: 240 },
    ])
    putTable(disk, 60 * 512, 'part 9fat 0 240\n')
    const layout = await layoutOf(disk)
    expect(partsOf(layout)).toEqual(['root 40 50', 'plan9 60 300', '9fat 60 300'])
    expect(layout.problems).toHaveLength(1)
    // With no copy of the GPT to be trusted the MBR stands before it.
    disk.writeUInt32LE(1, 512 + 16)
    disk.fill(0, last * 512)
    const damaged = await layoutOf(disk)
    expect([damaged.scheme, partsOf(damaged)]).toEqual(['mbr', ['plan9 60 300', '9fat 60 300']])
  })
})

describe('several Plan 9 partitions', () => {
  test('the first keeps its names, the next ones are numbered', async () => {
    const disk = sectors(400)
    putMbr(disk, 0, [
      { type: 0x39, start: 10, sectors: 100 },
      { type: 0x39, start: 110, sectors: 100 },
      { type: 0x39, start: 210, sectors: 100 },
    ])
    putTable(disk, 10 * 512, 'part 9fat 0 10\npart arenas 10 20\npart arenas.1 20 30\npart plan9 30 40\n')
    putTable(disk, 110 * 512, 'part arenas 2 20\npart 9fat 20 30\n')
    putTable(disk, 210 * 512, 'part arenas 3 20\n')
    const layout = await layoutOf(disk)
    expect(partsOf(layout)).toEqual([
      'plan9.1 10 110',
      '9fat 10 20',
      'arenas 20 30',
      'arenas.1 30 40',
      'plan9 40 50',
      'plan9.2 110 210',
      'arenas.2 112 130',
      '9fat.1 130 140',
      'plan9.3 210 310',
      'arenas.3 213 230',
    ])
  })
})

describe('Plan 9 tables', () => {
  async function tableOf(text: string): Promise<{ parts: readonly string[]; problems: readonly string[] }> {
    const disk = sectors(200)
    putMbr(disk, 0, [{ type: 0x39, start: 10, sectors: 100 }])
    putTable(disk, 10 * 512, text)
    const layout = await layoutOf(disk)
    const shifted = layout.parts
      .slice(1)
      .map(({ name, offset, sizeBytes }) => `${name} ${offset / 512 - 10} ${(offset + sizeBytes) / 512 - 10}`)
    return {
      parts: shifted,
      problems: layout.problems.map((problem) => problem.replace('Plan 9 table at 0x1600: ', '')),
    }
  }

  test.each<[string, string, readonly string[]]>([
    ['blanks, TABs and CR', 'part  a   0 5\r\npart\tb\t5\t6\r\n\r\npart c 6 7 \t\n', ['a 0 5', 'b 5 6', 'c 6 7']],
    ['hex and octal', 'part a 0x0 0x0a\npart b 0XA 014\npart c 00000014 15\n', ['a 0 10', 'b 10 12', 'c 12 15']],
    ['no newline at the end', 'part a 0 5\npart b 5 100', ['a 0 5', 'b 5 100']],
    ['text behind a NUL', 'part a 0 5\n\0part b 5 6\n', ['a 0 5']],
    ['out of order, with gaps', 'part b 50 60\npart a 0 5\n', ['b 50 60', 'a 0 5']],
    ['letters of the world', 'part été 0 5\n', ['été 0 5']],
  ])('%s', async (_, text, parts) => {
    expect(await tableOf(text)).toEqual({ parts, problems: [] })
  })

  test.each([
    ['part b 5 5', 'it starts at sector 5 and ends at sector 5'],
    ['part b 9 5', 'it starts at sector 9 and ends at sector 5'],
    ['part b 90 101', 'it ends at sector 101, but there are only 100'],
    ['part b 5 99999999999999999999999', 'but there are only 100'],
    ['part a 5 6', 'an earlier line has the name a'],
    ['part b 4 6', 'it overlaps a, sectors 0 to 5, of an earlier line'],
    ['part b 0 100', 'it overlaps a, sectors 0 to 5, of an earlier line'],
    ['part b 5', '2 fields behind its keyword, expected NAME START END'],
    ['part b 5 6 7', '4 fields behind its keyword'],
    ['part', '0 fields behind its keyword'],
    ['b 5 6', 'it does not begin with "part"; Plan 9 reads no line behind it'],
    ['partition b 5 6', 'it does not begin with "part"'],
    ['part b -5 6', 'START and END are expected to be sector numbers'],
    ['part b 5 6k', 'START and END are expected to be sector numbers'],
    ['part b 08 9', 'START and END are expected to be sector numbers'],
    ['part b 0x 9', 'START and END are expected to be sector numbers'],
    ['part b 5.5 9', 'START and END are expected to be sector numbers'],
    ['part a/b 5 6', 'its name has characters that Plan 9 does not allow'],
    ['part a\u007f 5 6', 'its name has characters that Plan 9 does not allow'],
    ['part a\u0001 5 6', 'its name has characters that Plan 9 does not allow'],
    [`part ${'x'.repeat(129)} 5 6`, 'its name has characters that Plan 9 does not allow'],
  ])('%j is left out and said, and the next line is read', async (line, words) => {
    const { parts, problems } = await tableOf(`part a 0 5\n${line}\npart c 50 60\n`)
    expect(parts).toEqual(['a 0 5', 'c 50 60'])
    expect(problems).toEqual([expect.stringMatching(/^line 2 ".*" is left out: /)])
    expect(problems[0]).toContain(words)
  })

  test('a line that runs into the end of the sector may have lost a digit', async () => {
    const filler = Array.from({ length: 30 }, (_, i) => `part f${i} ${i} ${i + 1}\n`).join('')
    const text = `${filler}${' '.repeat(512 - filler.length - 13)}part z 80 100`
    expect(text).toHaveLength(512)
    const { parts, problems } = await tableOf(text)
    expect(parts).toHaveLength(30)
    expect(problems).toEqual([expect.stringContaining('it runs into the end of the sector and may be cut off')])
  })

  test.each(['Part a 0 5\n', ' part a 0 5\n', 'part\ta 0 5\n', 'parta 0 5\n', ''])('%j is no table', async (text) => {
    const { parts, problems } = await tableOf(text)
    expect([parts, problems.length]).toEqual([[], 1])
  })
})

describe('a disk that begins with a Plan 9 table', () => {
  test.each([512, 4096])('in sectors of %d bytes', async (sectorBytes) => {
    const disk = sectors(100, sectorBytes)
    putTable(disk, 0, 'part 9fat 2 50\npart arenas 50 100\npart swap 100 101\n', sectorBytes)
    const layout = await layoutOf(disk)
    expect([layout.scheme, layout.sectorBytes]).toEqual(['plan9', sectorBytes])
    expect(partsOf(layout)).toEqual(['9fat 2 50', 'arenas 50 100'])
    expect(layout.problems).toEqual([expect.stringContaining('it ends at sector 101, but there are only 100')])
  })

  test('a 9fat with more behind it is one; a 9fat by itself is not, whatever its size', async () => {
    const image = loadDisk('disk-gpt').subarray(2048 * 512)
    expect((await layoutOf(image)).parts.map(({ name }) => name)).toHaveLength(6)
    for (const size of [10_485_760, 10_485_760 - 4096, 10_485_760 + 511])
      expect((await layoutOf(image.subarray(0, size))).scheme, String(size)).toBe('bare')
    // Larger than the table says its 9fat is: the table is of another disk.
    expect((await layoutOf(loadDisk('9fat16'))).scheme).toBe('bare')
  })

  test.each([1, 2])('old tables: %d sectors before the end, sectors of the disk', async (back) => {
    const disk = sectors(300)
    disk.write('plan9 partitions\nboot 0 100\nfs 0x64 200\nswap 200 400\n', (300 - back) * 512, 'latin1')
    const layout = await layoutOf(disk)
    expect([layout.scheme, partsOf(layout)]).toEqual(['plan9', ['boot 0 100', 'fs 100 200']])
    expect(layout.problems).toEqual([
      expect.stringMatching(/^old Plan 9 table at 0x25[0-9a-f]+: line 4 "swap 200 400"/),
    ])
  })

  test('behind an MBR with other partitions only, too', async () => {
    const disk = sectors(300)
    putMbr(disk, 0, [{ type: 0x83, start: 200, sectors: 10 }])
    putTable(disk, 0, 'part 9fat 2 50\n')
    const layout = await layoutOf(disk)
    expect([layout.scheme, partsOf(layout)]).toEqual(['plan9', ['9fat 2 50']])
  })
})
