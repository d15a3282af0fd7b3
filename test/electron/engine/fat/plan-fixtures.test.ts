// Edits planned on every 9fat of the fixtures: the new text is read back here and by mtools, fsck.fat complains of nothing new,
// everything else is byte for byte what it was. The damaged ones are refused with the reason.

import { beforeAll, describe, expect, test } from 'vitest'
import type { EditPlan } from '../../../../electron/engine/fat/edit.ts'
import { openVolume } from '../../../../electron/engine/fat/volume.ts'
import { expectedVolume, loadDisk, volumeIds } from '../../../helpers/disk-fixtures.ts'
import { refusal } from '../../../helpers/fat-cases.ts'
import { fsckLines, hasFsck, hasMtype, missing, mtypeFile } from '../../../helpers/fat-programs.ts'
import {
  append,
  applyPlanInMemory,
  countWrites,
  march15,
  planOn,
  readAll,
  replace,
} from '../../../helpers/fat-plans.ts'
import { memorySource } from '../../../helpers/memory-source.ts'

const line = 'venti/wrarena -h tcp!192.168.0.99!17034 -o 1611407360 /dev/sdE0/arenas 0x5000000\n'
const longLine = line.replace('/dev', '/some/rather/long/path/to/dev')
const shortLine = 'wrarena -o 794624 /dev/sdE0/arenas 0x0\n'
const rootLines = 'wrarena -o 1 a 0x0\n'.repeat(2)

const damaged = new Set(['9fat12-fatdiff', '9fat12-loop', '9fat12-crosslink', '9fat12-sizemismatch'])
const writable = volumeIds.filter((id) => !damaged.has(id))

const upper = (name: string): string => name.toUpperCase()

type State = { readonly files: ReadonlyMap<string, Buffer>; readonly findings: readonly string[]; complaints: string[] }
const states = new WeakMap<Buffer, State>()

async function stateOf(image: Buffer): Promise<State> {
  const known = states.get(image)
  if (known !== undefined) return known
  const complaints = hasFsck ? fsckLines(image).filter((one) => !one.startsWith('IMAGE: ')) : []
  const state = { ...(await readAll(image)), complaints }
  states.set(image, state)
  return state
}

/** Carries the plan out and judges the result: contents, everything else, the programs. */
async function expectEdit(before: Buffer, plan: EditPlan, { mtools = true } = {}): Promise<Buffer> {
  const after = applyPlanInMemory(before, plan)
  const [old, now] = [await stateOf(before), await stateOf(after)]
  const wanted = new Map(old.files)
  for (const file of plan.files) {
    const there = [...old.files.keys()].find((path) => upper(path) === upper(file.name))
    wanted.set(there ?? upper(file.name), Buffer.from(file.after))
  }
  expect([...now.files.keys()].toSorted()).toEqual([...wanted.keys()].toSorted())
  // By name only: a difference in ten megabytes takes long to print.
  const changed = [...wanted].filter(([path, bytes]) => now.files.get(path)?.equals(bytes) !== true)
  expect(changed.map(([path]) => path)).toEqual([])
  expect([now.findings, now.complaints]).toEqual([old.findings, old.complaints])
  expect(Buffer.compare(after.subarray(0, 1024), before.subarray(0, 1024))).toBe(0)
  if (hasMtype && mtools) {
    for (const { name, after: content } of plan.files) expect(mtypeFile(after, name).equals(content)).toBe(true)
  }
  return after
}

const whats = ({ steps }: EditPlan): string[] => steps.map((step) => (step.kind === 'flush' ? '-' : step.what))
const hasWrcmd = (id: string): boolean => expectedVolume(id).files.some(({ name }) => name === 'WRCMD')

describe.each(writable)('%s', (id) => {
  const { freeClusters, files } = expectedVolume(id)
  let image: Buffer
  beforeAll(() => {
    image = loadDisk(id)
  })

  test('wrcmd', async () => {
    // A hundred megabytes take their time: once is enough.
    for (const text of id === '9fat16' ? [longLine] : [line, longLine, shortLine]) {
      const plan = await planOn(image, [replace('wrcmd', text)])
      expect(plan.files.map(({ procedure }) => procedure)).toEqual([hasWrcmd(id) ? 'in-place' : 'create'])
      if (hasWrcmd(id)) expect(countWrites(plan)).toBeLessThanOrEqual(2 + 1)
      await expectEdit(image, plan)
    }
  })

  test('wrcmd and rootscor in one run', async () => {
    const rootscor = files.find(({ name }) => name === 'ROOTSCOR')
    const slack = rootscor === undefined ? 0 : (4096 - (rootscor.size % 4096)) % 4096
    const lines = slack === 20 ? rootLines.slice(0, 19) : rootLines
    const changes = [append('rootscor', lines), replace('wrcmd', longLine)]
    const plan = await planOn(image, changes)
    expect(plan.files.map(({ name }) => name)).toEqual(['rootscor', 'wrcmd'])
    const after = await expectEdit(image, plan)
    // The same changes again: only the append has anything to do.
    const again = await planOn(after, [replace('wrcmd', longLine)])
    expect([again.steps, again.recovered]).toEqual([[], []])
  })

  test('rootscor in another cluster', async () => {
    const grown = append('rootscor', 'x'.repeat(5000))
    const needed = Math.ceil(((files.find(({ name }) => name === 'ROOTSCOR')?.size ?? 0) + 5000) / 4096)
    if (freeClusters < needed) {
      expect(await refusal(image, [grown, replace('wrcmd', line)])).toMatchObject({ code: 'full-9fat' })
      return
    }
    await expectEdit(image, await planOn(image, [grown, replace('wrcmd', line)]))
  })
})

test('in place: room, length, text; text, length', async () => {
  const image = loadDisk('9fat12')
  expect(whats(await planOn(image, [replace('wrcmd', longLine)]))).toEqual([
    'data of wrcmd, room for the new text',
    '-',
    'root directory, length of wrcmd',
    '-',
    'data of wrcmd',
    '-',
  ])
  expect(whats(await planOn(image, [replace('wrcmd', shortLine)]))).toEqual([
    'data of wrcmd',
    '-',
    'root directory, length of wrcmd',
    '-',
  ])
  expect(whats(await planOn(image, [replace('wrcmd', line)]))).toEqual(['data of wrcmd', '-'])
})

test('in place: what the sector holds in between', async () => {
  const image = loadDisk('9fat12-lfn')
  const old = expectedVolume('9fat12-lfn').files.find(({ name }) => name === 'WRCMD')!.text!
  expect(old.endsWith('\n')).toBe(false)
  const plan = await planOn(image, [replace('wrcmd', longLine)])
  const texts = await Promise.all(
    [1, 2, 3].map(async (writes) => {
      const volume = await openVolume(memorySource(applyPlanInMemory(image, plan, writes)))
      return Buffer.from((await volume.readFile('wrcmd'))!).toString('latin1')
    }),
  )
  expect(texts).toEqual([old, old + '\n'.repeat(longLine.length - old.length), longLine])
  const shorter = await planOn(image, [replace('wrcmd', shortLine)])
  const volume = await openVolume(memorySource(applyPlanInMemory(image, shorter, 1)))
  const between = Buffer.from((await volume.readFile('wrcmd'))!).toString('latin1')
  expect(between).toBe(shortLine + '\n'.repeat(old.length - shortLine.length))
})

test('the entry keeps every byte but length and modification time', async () => {
  const image = loadDisk('9fat12-lfn')
  const after = applyPlanInMemory(image, await planOn(image, [replace('wrcmd', longLine)]))
  const { slot } = expectedVolume('9fat12-lfn').files.find(({ name }) => name === 'WRCMD')!
  const at = 9216 + slot * 32
  const wanted = Buffer.from(image.subarray(9216, 25600))
  wanted.writeUInt16LE((10 << 11) | (11 << 5) | 6, slot * 32 + 22)
  wanted.writeUInt16LE((39 << 9) | (3 << 5) | 15, slot * 32 + 24)
  wanted.writeUInt32LE(longLine.length, slot * 32 + 28)
  expect(Buffer.compare(after.subarray(9216, 25600), wanted)).toBe(0)
  expect(after[at + 12]).toBe(8)
})

test('full: wrcmd is rewritten, rootscor takes 20 bytes and no more', async () => {
  const image = loadDisk('9fat12-full')
  for (const text of [line, longLine, shortLine]) await expectEdit(image, await planOn(image, [replace('wrcmd', text)]))
  const fits = await planOn(image, [append('rootscor', 'x'.repeat(20))])
  expect(fits.files[0]!.procedure).toBe('append')
  await expectEdit(image, fits)
  const tooLong = [append('rootscor', 'x'.repeat(21)), replace('wrcmd', line)]
  expect(await refusal(image, tooLong)).toEqual({
    code: 'full-9fat',
    message: '9fat: rootscor needs 2 free clusters of 4096 bytes, there are 0',
  })
  expect((await refusal(image, [replace('new', 'x')])).code).toBe('full-9fat')
})

test('one free cluster: a copy of one cluster fits; a longer one does not, since old and new must both have room', async () => {
  const image = loadDisk('9fat12-onefree')
  const copy = await planOn(image, [replace('rootscor', 'y'.repeat(4096))])
  expect(copy.files[0]!.procedure).toBe('copy')
  const after = await expectEdit(image, copy, { mtools: false })
  expect(
    (await openVolume(memorySource(after))).root.files.find(({ shortName }) => shortName === 'ROOTSCOR'),
  ).toMatchObject({
    firstCluster: 2554,
    sizeBytes: 4096,
  })
  expect(await refusal(image, [append('rootscor', 'x'.repeat(21))])).toMatchObject({ code: 'full-9fat' })
})

test('a full root directory: one more file, not two', async () => {
  const image = loadDisk('9fat12-rootfull')
  const plan = await planOn(image, [replace('wrcmd', line)])
  const after = await expectEdit(image, plan)
  expect((await openVolume(memorySource(after))).root.slots.end).toBe(512)
  expect(await refusal(image, [replace('wrcmd', line), replace('other', line)])).toEqual({
    code: 'full-9fat',
    message: '9fat: the root directory has no free entry left of 512',
  })
})

test('a new file takes the first deleted entry', async () => {
  const image = loadDisk('9fat12-frag')
  const after = await expectEdit(image, await planOn(image, [replace('new.one', line)]))
  const file = (await openVolume(memorySource(after))).root.files.find(({ name }) => name === 'NEW.ONE')
  expect(file).toMatchObject({ slot: 4, attributes: 0x20, caseFlags: 0, longName: null })
})

test('a fragmented rootscor is copied and its old clusters are free again', async () => {
  const image = loadDisk('9fat12-frag')
  const plan = await planOn(image, [append('rootscor', 'x'.repeat(4096))])
  const after = await expectEdit(image, plan)
  expect((await openVolume(memorySource(after))).freeClusters).toBe(expectedVolume('9fat12-frag').freeClusters - 1)
  expect(whats(plan).filter((what, i, all) => what !== all[i - 1])).toEqual([
    'data of rootscor',
    '-',
    'FAT 1, clusters of rootscor',
    '-',
    'FAT 2, clusters of rootscor',
    '-',
    'root directory, entry of rootscor',
    '-',
    'FAT 1, old clusters of rootscor',
    '-',
    'FAT 2, old clusters of rootscor',
    '-',
  ])
})

test('an appended line never continues one that was left open', async () => {
  const image = loadDisk('9fat12-lfn')
  const old = expectedVolume('9fat12-lfn').files.find(({ name }) => name === 'WRCMD')!.text!
  const plan = await planOn(image, [append('wrcmd', 'next\n'), append('WRCMD', 'last\n')])
  expect(plan.files.map(({ after }) => Buffer.from(after).toString('latin1'))).toEqual([`${old}\nnext\nlast\n`])
  await expectEdit(image, plan)
})

test('nothing to change: no step', async () => {
  const image = loadDisk('9fat12')
  const { text } = expectedVolume('9fat12').files.find(({ name }) => name === 'WRCMD')!
  const plan = await planOn(image, [append('rootscor', ''), replace('wrcmd', text!)])
  expect(plan.steps).toEqual([])
  expect((await planOn(image, [])).steps).toEqual([])
})

test('dirty: planned, with a warning', async () => {
  const { warnings } = await planOn(loadDisk('9fat16-512-dirty'), [replace('wrcmd', line)])
  expect(warnings).toEqual(['the volume is marked dirty: a system that used it was not shut down'])
  const image = loadDisk('9fat12')
  image[37]! |= 1
  expect((await planOn(image, [replace('wrcmd', line)])).warnings).toHaveLength(1)
})

describe('refused', () => {
  test.each([
    ['9fat12-fatdiff', /^9fat: not changed, because it is damaged: ROOTSCOR: the FATs differ at cluster 62\d \(/],
    ['9fat12-loop', /ROOTSCOR: the chain of its clusters runs in a circle at cluster 62\d/],
    ['9fat12-crosslink', /ROOTSCOR: cluster 625 belongs to WRCMD as well/],
    ['9fat12-sizemismatch', /ROOTSCOR: 22490 bytes by its directory entry, but its chain of clusters holds 16384/],
  ])('%s', async (id, message) => {
    const image = loadDisk(id)
    for (const changes of [[replace('wrcmd', line)], [append('rootscor', 'x\n')], [replace('new', 'x')], []]) {
      const { code, message: found } = await refusal(image, changes)
      expect(code).toBe('damaged-9fat')
      expect(found).toMatch(message)
    }
  })

  test('names that are no file of one’s own', async () => {
    const image = loadDisk('9fat12')
    expect(await refusal(image, [replace('long.name', 'x')])).toMatchObject({ code: 'usage' })
    expect(await refusal(image, [replace('dir/x', 'x')])).toMatchObject({ code: 'usage' })
    expect(await refusal(loadDisk('9fat12-lfn'), [replace('OLDKER~1', 'x')])).toEqual({
      code: 'read-only-9fat',
      message: '9fat: OLDKER~1 is a directory',
    })
    const slot = expectedVolume('9fat12').files.find(({ name }) => name === 'WRCMD')!.slot
    image[9216 + slot * 32 + 11] = 0x21
    expect(await refusal(image, [replace('wrcmd', line)])).toEqual({
      code: 'read-only-9fat',
      message: '9fat: wrcmd is marked read-only',
    })
  })
})

test('what was examined: boot sector, FATs, root directory and the text, as they are', async () => {
  const image = loadDisk('9fat12')
  const { examined } = await planOn(image, [replace('wrcmd', line)], march15)
  for (const [sector, bytes] of examined) {
    expect(Buffer.compare(bytes, image.subarray(sector * 512, (sector + 1) * 512))).toBe(0)
  }
  const wrcmd = 25600 / 512 + (625 - 2) * 8
  expect([0, 2, 9, 10, 17, 18, 49, wrcmd].every((sector) => examined.has(sector))).toBe(true)
  expect(examined.has(1)).toBe(false)
})

describe.skipIf(missing('mtype'))('mtools', () => {
  test('reads what the reader reads', () => {
    const { text } = expectedVolume('9fat12').files.find(({ name }) => name === 'WRCMD')!
    expect(mtypeFile(loadDisk('9fat12'), 'wrcmd').toString()).toBe(text)
  })
})
