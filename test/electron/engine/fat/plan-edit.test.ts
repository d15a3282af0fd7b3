// Edits of built volumes: what order the sectors are written in, where clusters and entries are taken, and that a run cut
// off after any write is finished by the next one.

import { describe, expect, test } from 'vitest'
import type { EditPlan, FileChange } from '../../../../electron/engine/fat/edit.ts'
import { openVolume } from '../../../../electron/engine/fat/volume.ts'
import {
  buildFat,
  longNameEntries,
  shortEntry,
  straddlingClusters,
  type BuiltEntrySpec,
  type BuiltFat,
  type FatSpec,
} from '../../../helpers/fat-builder.ts'
import {
  expectDone,
  fileOf,
  line,
  loader,
  newLine,
  onlyFree,
  ordinary,
  refusal,
  rootscor,
  score,
  wrcmd,
  whats,
} from '../../../helpers/fat-cases.ts'
import { append, applyPlanInMemory, countWrites, planOn, readAll, replace } from '../../../helpers/fat-plans.ts'
import { memorySource } from '../../../helpers/memory-source.ts'

describe.each([
  ['FAT12', { clusters: 500 }],
  ['FAT16', { clusters: 4200 }],
  ['clusters of four sectors', { clusters: 300, sectorsPerCluster: 4 }],
  ['sectors of 4096 bytes', { clusters: 300, sectorBytes: 4096 }],
  ['one FAT', { clusters: 300, fats: 1 }],
  ['three FATs', { clusters: 300, fats: 3 }],
  ['one reserved sector', { clusters: 300, reservedSectors: 1 }],
] as const satisfies readonly (readonly [string, FatSpec])[])('%s', (_, spec) => {
  const built = buildFat({ ...spec, entries: ordinary })
  const changes: readonly (readonly [string, readonly FileChange[]])[] = [
    ['wrcmd longer', [replace('wrcmd', newLine)]],
    ['wrcmd shorter', [replace('wrcmd', 'x\n')]],
    ['wrcmd of many sectors', [replace('wrcmd', newLine.repeat(90))]],
    ['rootscor in place', [append('rootscor', score)]],
    ['rootscor in more clusters', [append('rootscor', score.repeat(80))]],
    ['rootscor short', [replace('rootscor', score)]],
    ['rootscor empty', [replace('rootscor', '')]],
    ['a new file', [replace('new.txt', score.repeat(20))]],
    ['a new empty file', [replace('new.txt', '')]],
    ['both', [append('rootscor', score.repeat(80)), replace('wrcmd', newLine)]],
    [
      'all at once',
      [append('rootscor', score.repeat(20)), replace('new.txt', line.repeat(9)), replace('wrcmd', newLine)],
    ],
  ]

  test.each(changes)('%s', async (_name, wanted) => {
    await expectDone(built, await planOn(built.image, wanted))
  })

  test.each(changes)('%s: cut after any write, finished by the next run', async (_name, wanted) => {
    const plan = await planOn(built.image, wanted)
    for (let writes = 0; writes < countWrites(plan); writes++) {
      const cut = applyPlanInMemory(built.image, plan, writes)
      const { files, findings } = await readAll(cut)
      const harmless = new Set(['unreached-differ', 'lost-clusters'])
      expect([writes, findings.filter((kind) => !harmless.has(kind))]).toEqual([writes, []])
      if (plan.files.every(({ procedure }) => procedure === 'in-place'))
        expect([writes, findings]).toEqual([writes, []])
      for (const { path, content } of built.files) {
        const edited = plan.files.find(({ name }) => name.toUpperCase() === path)
        const text = files.get(path)!.toString('latin1').replace(/\n+$/, '')
        const allowed = [content, ...(edited === undefined ? [] : [Buffer.from(edited.after)])]
        expect([path, allowed.map((one) => one.toString('latin1').replace(/\n+$/, '')).includes(text)]).toEqual([
          path,
          true,
        ])
      }
      const again = plan.files.map(({ name, after }) => replace(name, after))
      const next = await planOn(cut, again)
      expect([writes, next.recovered.length > 0]).toEqual([writes, findings.length > 0])
      await expectDone(built, next, { image: cut, asksFsck: false })
    }
  })
})

test('two files whose entries share a sector: a step never undoes an earlier one', async () => {
  const built = buildFat({ clusters: 500, entries: ordinary })
  const plan = await planOn(built.image, [append('rootscor', score), replace('wrcmd', newLine)])
  const root = built.rootOffset / 512
  const sectors = plan.steps.flatMap((step) => (step.kind === 'write' && step.sector === root ? [step.bytes] : []))
  expect(sectors).toHaveLength(2)
  const [first, second] = sectors.map((bytes) =>
    ['ROOTSCOR', 'WRCMD'].map((path) => Buffer.from(bytes).readUInt32LE(fileOf(built, path).slot * 32 + 28)),
  )
  expect(first).toEqual([score.length * 8, line.length])
  expect(second).toEqual([score.length * 8, newLine.length])
})

test('an unchanged length leaves the directory alone', async () => {
  const built = buildFat({ clusters: 500, entries: ordinary })
  const plan = await planOn(built.image, [replace('wrcmd', line.replace('0x0', '0x1'))])
  expect(whats(plan)).toEqual([`${built.clusterOffset(fileOf(built, 'WRCMD').clusters[0]!) / 512} data of wrcmd`, '-'])
})

test('in place needs no free cluster and touches no other byte of the sector', async () => {
  const built = onlyFree(400, [], ordinary)
  const at = built.clusterOffset(fileOf(built, 'WRCMD').clusters[0]!)
  built.image.fill(0x5a, at + 300, at + 512)
  const after = await expectDone(built, await planOn(built.image, [replace('wrcmd', newLine)]))
  expect(after.subarray(at + 300, at + 512).every((byte) => byte === 0x5a)).toBe(true)
  expect(await refusal(built.image, [replace('wrcmd', line.repeat(8))])).toMatchObject({ code: 'full-9fat' })
  expect(await refusal(built.image, [replace('wrcmd', newLine), replace('new', line)])).toMatchObject({
    code: 'full-9fat',
  })
})

describe('in place up to one sector, a copy beyond', () => {
  const cases: readonly (readonly [number, number, string])[] = [
    [1, 512, 'in-place'],
    [512, 1, 'in-place'],
    [512, 512, 'in-place'],
    [1, 513, 'copy'],
    [513, 1, 'copy'],
    [0, 1, 'copy'],
    [1, 0, 'copy'],
  ]
  test.each(cases)('%i to %i bytes: %s', async (from, to, procedure) => {
    const built = buildFat({
      clusters: 300,
      sectorsPerCluster: 4,
      entries: [{ name: 'WRCMD', content: 'o'.repeat(from) }],
    })
    const plan = await planOn(built.image, [replace('wrcmd', 'n'.repeat(to))])
    expect(plan.files.map((file) => file.procedure)).toEqual([procedure])
    await expectDone(built, plan)
  })
})

describe('several changes of one file are one', () => {
  const textOf = ({ files }: EditPlan): unknown =>
    files.map(({ name, after, procedure }) => [name, Buffer.from(after).toString('latin1'), procedure])

  test('replaced, then appended to', async () => {
    const built = buildFat({ clusters: 100, entries: [wrcmd] })
    const plan = await planOn(built.image, [replace('wrcmd', 'one\n'), append('WRCMD', 'two\n')])
    expect(textOf(plan)).toEqual([['wrcmd', 'one\ntwo\n', 'in-place']])
    await expectDone(built, plan)
    const replaced = await planOn(built.image, [append('wrcmd', 'two\n'), replace('wrcmd', 'one\n')])
    expect(textOf(replaced)).toEqual([['wrcmd', 'one\n', 'in-place']])
  })

  test('by its long and by its short name', async () => {
    const built = buildFat({
      clusters: 100,
      entries: [{ name: 'NOTES~1.TXT', longName: 'notes.txt', content: 'one\n' }],
    })
    const plan = await planOn(built.image, [append('notes.txt', 'two\n'), append('NOTES~1.TXT', 'three\n')])
    expect(textOf(plan)).toEqual([['notes.txt', 'one\ntwo\nthree\n', 'append']])
    await expectDone(built, plan)
  })

  test('created and appended to; nothing appended creates nothing', async () => {
    const built = buildFat({ clusters: 100, entries: [wrcmd] })
    const plan = await planOn(built.image, [append('new', 'one\n'), append('new', 'two\n'), append('other', '')])
    expect(textOf(plan)).toEqual([['new', 'one\ntwo\n', 'create']])
    await expectDone(built, plan)
  })
})

test('append: up to the end of the last cluster, over sectors, not beyond', async () => {
  const entries = [{ name: 'ROOTSCOR', content: 'o'.repeat(3000) }]
  const built = buildFat({ clusters: 300, sectorsPerCluster: 4, entries })
  const fits = await planOn(built.image, [append('rootscor', 'n'.repeat(4096 - 3001))])
  expect([fits.files[0]!.procedure, countWrites(fits)]).toEqual(['append', 1 + 2 + 1])
  await expectDone(built, fits)
  const copied = await planOn(built.image, [append('rootscor', 'n'.repeat(4096 - 3000))])
  expect(copied.files[0]!.procedure).toBe('copy')
  await expectDone(built, copied)
})

describe('a long name in front of the entry', () => {
  const built = buildFat({ clusters: 500, entries: [loader, { ...wrcmd, longName: 'wrcmd' }, rootscor] })
  test.each([
    ['in place', newLine],
    ['copy', newLine.repeat(20)],
  ])('%s: kept', async (_, text) => {
    const plan = await planOn(built.image, [replace('wrcmd', text)])
    const after = await expectDone(built, plan)
    const { slot } = fileOf(built, 'wrcmd')
    const at = built.rootOffset + slot * 32
    expect(after.subarray(at - 32, at + 22).equals(built.image.subarray(at - 32, at + 22))).toBe(true)
    const volume = await openVolume(memorySource(after))
    expect(volume.root.files.map(({ name }) => name)).toEqual(['9LOAD', 'wrcmd', 'ROOTSCOR'])
  })
})

describe('FAT12 entries that straddle two sectors', () => {
  const clusters = 2600

  test('are avoided while there are others', async () => {
    const spare = 1000
    const built = onlyFree(clusters, [341, 682, spare, spare + 2], [wrcmd])
    const plan = await planOn(built.image, [replace('wrcmd', 'x'.repeat(600))])
    const after = await expectDone(built, plan)
    expect((await openVolume(memorySource(after))).root.files[0]!.firstCluster).toBe(spare)
  })

  test('the last cluster is avoided as well: mtools takes its number for too large', async () => {
    const built = onlyFree(clusters, [341, clusters + 1], [wrcmd])
    const after = await expectDone(built, await planOn(built.image, [replace('new', 'x')]))
    expect((await openVolume(memorySource(after))).root.files.at(-1)!.firstCluster).toBe(341)
    const both = await expectDone(built, await planOn(built.image, [replace('new', 'x'.repeat(600))]))
    expect((await readAll(both)).findings).toEqual([])
  })

  test.each(straddlingClusters)(
    '%i: first sector first when taken, last sector first when given back',
    async (cluster) => {
      const chain = [cluster, cluster + 1]
      const old = buildFat({ clusters, entries: [{ name: 'OLD', content: 'o'.repeat(1000), clusters: chain }] })
      const given = await planOn(old.image, [replace('old', '')])
      const built = onlyFree(clusters, chain, [wrcmd])
      const taken = await planOn(built.image, [replace('new', 'n'.repeat(1000))])
      const first = Math.floor((cluster * 3) / 2 / 512)
      const fats = (plan: EditPlan): (number | '-')[] =>
        plan.steps
          .map((step) => (step.kind === 'flush' ? '-' : step.sector))
          .filter((sector) => sector === '-' || (sector >= 2 && sector < built.rootOffset / 512))
      const copies = [2, 2 + (built.fatOffset(1) - built.fatOffset(0)) / 512]
      expect(fats(taken).join(' ')).toContain(copies.map((at) => `${at + first} - ${at + first + 1}`).join(' - '))
      expect(fats(given).join(' ')).toContain(copies.map((at) => `${at + first + 1} - ${at + first}`).join(' - '))
      for (const [volume, plan] of [
        [built, taken],
        [old, given],
      ] as const) {
        for (let writes = 0; writes <= countWrites(plan); writes++) {
          const cut = buildFat({ clusters })
          applyPlanInMemory(volume.image, plan, writes).copy(cut.image)
          for (const copy of [0, 1]) {
            const value = cut.getFat(copy, cluster)
            expect([writes, copy, value < clusters + 2 || value >= 0xff8]).toEqual([writes, copy, true])
          }
        }
        await expectDone(volume, plan)
      }
    },
  )
})

test('clusters that a run gives back are not taken again by the same run: a backup of it can be put back', async () => {
  const built = onlyFree(400, [300, 301], [wrcmd, { name: 'ROOTSCOR', content: 'r'.repeat(512) }])
  const copied = append('rootscor', '')
  expect((await planOn(built.image, [copied])).steps).toEqual([])
  const grow = replace('rootscor', 'r'.repeat(513))
  await expectDone(built, await planOn(built.image, [grow]))
  expect(await refusal(built.image, [grow, replace('new', 'x')])).toMatchObject({ code: 'full-9fat' })
  await expectDone(built, await planOn(built.image, [grow, replace('wrcmd', newLine)]))
})

test('cluster numbers that could be taken for marks are never given out', async () => {
  // 4084 clusters end at FF5; from FF0 on a number is reserved.
  const built = onlyFree(4084, [0xfef, 0xff0, 0xff5], [wrcmd])
  const after = await expectDone(built, await planOn(built.image, [replace('new', 'x')]))
  expect((await openVolume(memorySource(after))).root.files.at(-1)!.firstCluster).toBe(0xfef)
  expect(await refusal(built.image, [replace('new', 'x'.repeat(513))])).toMatchObject({
    code: 'full-9fat',
    message: '9fat: new needs 2 free clusters of 512 bytes, there are 1',
  })
})

describe('where a new entry goes', () => {
  const deleted = { deleted: true } as const
  const slotOf = async (image: Uint8Array): Promise<number> =>
    (await openVolume(memorySource(image))).root.files.find(({ shortName }) => shortName === 'NEW')!.slot
  const entries = (count: number): BuiltEntrySpec[] =>
    Array.from({ length: count }, (_, i) => ({ name: `F${i}`, content: '' }))

  test('a deleted one, even with others behind it', async () => {
    const built = buildFat({ clusters: 100, entries: [wrcmd, deleted, deleted, rootscor] })
    expect(await slotOf(await expectDone(built, await planOn(built.image, [replace('new', line)])))).toBe(1)
  })

  test('the end mark; what stood behind it is wiped in the same write', async () => {
    const built = buildFat({ clusters: 100, entries: entries(5), behindRoot: 0x41 })
    const plan = await planOn(built.image, [replace('new', '')])
    expect(whats(plan)).toEqual([`${built.rootOffset / 512} root directory, entry of new`, '-'])
    const after = await expectDone(built, plan)
    const behind = built.rootOffset + 6 * 32
    expect(after.subarray(behind, behind + 33)).toEqual(Buffer.concat([Buffer.alloc(32), Buffer.from('A')]))
  })

  test('the end mark at the end of a sector: the next sector is wiped before', async () => {
    const built = buildFat({ clusters: 100, entries: entries(15), behindRoot: 0x41 })
    const plan = await planOn(built.image, [replace('new', '')])
    const root = built.rootOffset / 512
    expect(whats(plan)).toEqual([
      `${root + 1} root directory, end mark behind new`,
      '-',
      `${root} root directory, entry of new`,
      '-',
    ])
    expect(await slotOf(await expectDone(built, plan))).toBe(15)
  })

  test('the last slot there is', async () => {
    const built = buildFat({ clusters: 100, rootEntries: 16, entries: entries(15), behindRoot: 0x41 })
    expect(await slotOf(await expectDone(built, await planOn(built.image, [replace('new', 'x')])))).toBe(15)
    const both = [replace('new', 'x'), replace('newer', 'x')]
    expect(await refusal(built.image, both)).toMatchObject({ code: 'full-9fat' })
  })

  test('never behind a long name that would be taken for its own', async () => {
    const [orphan] = longNameEntries('something', 'NEW')
    const [other] = longNameEntries('something', 'OTHER')
    const built = buildFat({ clusters: 100, entries: [{ raw: orphan! }, deleted, { raw: other! }, deleted] })
    expect(await slotOf(applyPlanInMemory(built.image, await planOn(built.image, [replace('new', 'x')])))).toBe(3)
    const atEnd = buildFat({ clusters: 100, entries: [{ raw: orphan! }] })
    expect(await refusal(atEnd.image, [replace('new', 'x')])).toMatchObject({ code: 'full-9fat' })
  })

  test('not behind the last of several such entries, but behind a deleted one', async () => {
    const [orphan] = longNameEntries('something', 'NEW')
    const gone = Buffer.from(orphan!).fill(0xe5, 0, 1)
    const built = buildFat({ clusters: 100, entries: [{ raw: orphan! }, { raw: gone }, deleted, deleted] })
    expect(await slotOf(applyPlanInMemory(built.image, await planOn(built.image, [replace('new', 'x')])))).toBe(2)
  })

  test.each([
    ['at the end', []],
    ['in place of a deleted one', [{ raw: Buffer.alloc(32, 0xe5) }]],
  ])('its 32 bytes, %s', async (_, old) => {
    const built = buildFat({ clusters: 100, entries: old })
    const after = applyPlanInMemory(built.image, await planOn(built.image, [replace('new.txt', 'x')]))
    const expected = shortEntry('NEW.TXT', 0x20, 2, 1)
    const [time, date] = [(10 << 11) | (11 << 5) | 6, (39 << 9) | (3 << 5) | 15]
    for (const [at, value] of [
      [14, time],
      [16, date],
      [18, date],
      [22, time],
      [24, date],
    ] as const) {
      expected.writeUInt16LE(value, at)
    }
    expect(after.subarray(built.rootOffset, built.rootOffset + 32)).toEqual(expected)
  })
})

describe('what an interrupted edit left', () => {
  const built = (): BuiltFat => buildFat({ clusters: 500, entries: ordinary })
  const free = 400

  test('FATs that differ where no file reaches: cleared first, in every FAT', async () => {
    for (const copy of [0, 1]) {
      const volume = built()
      volume.setFat(copy, free, free + 1)
      volume.setFat(copy, free + 1, 0xfff)
      const plan = await planOn(volume.image, [replace('wrcmd', newLine)])
      expect(plan.recovered).toEqual([
        `an interrupted edit left clusters ${free}, ${free + 1}, which no file uses: marked free in every FAT`,
      ])
      expect(whats(plan)[0]).toMatch(new RegExp(`FAT ${copy + 1}, left by an interrupted edit|^-$`))
      await expectDone(volume, plan)
    }
  })

  test('the same in every FAT: cleared, unless the volume is dirty', async () => {
    const volume = built()
    for (const copy of [0, 1]) volume.setFat(copy, free, 0xfff)
    await expectDone(volume, await planOn(volume.image, [replace('wrcmd', newLine)]))
    const nothing = await planOn(volume.image, [])
    expect((await planOn(built().image, [replace('wrcmd', line)])).steps).toEqual([])
    expect([nothing.recovered.length, countWrites(nothing)]).toEqual([1, 2])
    volume.image[37]! |= 1
    const dirty = await planOn(volume.image, [replace('wrcmd', newLine)])
    expect([dirty.recovered, dirty.warnings.length]).toEqual([[], 2])
    const after = applyPlanInMemory(volume.image, dirty)
    expect((await readAll(after)).findings).toEqual(['lost-clusters', 'dirty'])
  })

  test('gives room on a volume that is full', async () => {
    const volume = onlyFree(400, [300, 301], [wrcmd])
    volume.setFat(0, 300, 301)
    volume.setFat(0, 301, 0xfff)
    await expectDone(volume, await planOn(volume.image, [replace('new', 'n'.repeat(1024))]))
  })

  test('marks of bad clusters stay, in whichever FAT they stand', async () => {
    const volume = built()
    volume.setFat(0, free, 0xff7)
    volume.setFat(0, free + 1, 0xff7)
    volume.setFat(1, free + 1, 0xff7)
    const plan = await planOn(volume.image, [replace('wrcmd', newLine)])
    expect([plan.recovered, countWrites(plan)]).toEqual([[], 3])
    const full = onlyFree(400, [300], [wrcmd])
    full.setFat(1, 300, 0xff7)
    expect(await refusal(full.image, [replace('new', 'x')])).toMatchObject({ code: 'full-9fat' })
  })

  test('not when it cannot be told what is in use', async () => {
    const volume = built()
    volume.setFat(0, free, 0xfff)
    const efiAt = volume.rootOffset + 32
    volume.image.writeUInt16LE(0, efiAt + 26)
    expect(await refusal(volume.image, [replace('wrcmd', newLine)])).toMatchObject({ code: 'damaged-9fat' })
  })
})
