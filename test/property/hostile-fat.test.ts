// Whatever stands in boot sector, FATs and directories: opening, checking, reading and planning end, read a bounded number of
// bytes and fail only with an error of the kinds that have words. A plan that comes about all the same stays behind the
// reserved sectors and inside the volume, and changes nothing but its own files. More than ten thousand spoiled volumes.

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../shared/errors.ts'
import { recogniseFat } from '../../electron/engine/fat/boot-sector.ts'
import { checkVolume } from '../../electron/engine/fat/check.ts'
import { filesNamed } from '../../electron/engine/fat/directory.ts'
import { planEdit } from '../../electron/engine/fat/plan-edit.ts'
import { openVolume } from '../../electron/engine/fat/volume.ts'
import { countingSource } from '../../electron/engine/source/counting-source.ts'
import { buildFat, longNameEntries, shortEntry, type BuiltEntrySpec, type BuiltFat } from '../helpers/fat-builder.ts'
import { append, applyPlanInMemory, march15, readAll, replace, requireBounds } from '../helpers/fat-plans.ts'
import { memorySource } from '../helpers/memory-source.ts'

const line = 'venti/wrarena -h tcp!10.0.0.9!17034 -o 794624 /dev/sdE0/arenas 0x0\n'
const entries: readonly BuiltEntrySpec[] = [
  { name: '9LOAD', content: 'loader '.repeat(300), attributes: 0x04 },
  { raw: shortEntry('9FAT', 0x08, 0, 0) },
  {
    name: 'EFI',
    entries: [{ name: 'BOOT', entries: [{ name: 'X.EFI', longName: 'a longer name.efi', content: 'efi' }] }],
  },
  { deleted: true },
  { name: 'WRCMD', longName: 'wrcmd', content: line },
  { name: 'ROOTSCOR', content: 'vac:e37c /dev/sdE0/fossil\n'.repeat(50) },
  { name: 'EMPTY', content: '' },
]
const changeSets = [
  [append('rootscor', line.repeat(12)), replace('wrcmd', line.replace('0x0', '0x96df0'))],
  [replace('wrcmd', line.repeat(9)), append('new', line)],
] as const
const allowed = new Set(['not-9fat', 'damaged-9fat', 'full-9fat', 'read-only-9fat', 'source-read'])

let cases = 0
let planned = 0

function requireAllowed(error: unknown): void {
  if (!(error instanceof AppError) || !allowed.has(error.code)) throw error
  if (error.message.length > 2000) throw new Error(`a message of ${error.message.length} characters`)
}

async function tryPlans(image: Buffer, volume: Awaited<ReturnType<typeof openVolume>>): Promise<void> {
  for (const changes of changeSets) {
    let plan
    try {
      plan = planEdit(volume, changes, { now: march15 })
    } catch (error) {
      requireAllowed(error)
      continue
    }
    planned++
    requireBounds(plan, volume.layout)
    const reserved = volume.layout.reservedSectors * volume.layout.sectorBytes
    const after = applyPlanInMemory(image, plan)
    if (after.length !== image.length) throw new Error('the plan writes behind the image')
    if (!after.subarray(0, reserved).equals(image.subarray(0, reserved))) throw new Error('reserved sectors changed')
    const [old, now] = [await readAll(image), await readAll(after)]
    const damage = now.findings.filter((kind) => kind !== 'dirty' && kind !== 'lost-clusters')
    if (damage.length > 0) throw new Error(`the plan leaves ${damage.join(', ')}`)
    // By either name: a spoiled long name may hide the short one it is edited by.
    const edited = new Set(plan.files.flatMap(({ name }) => filesNamed(volume.root, name).map((file) => file.name)))
    for (const [path, bytes] of old.files) {
      const reading = now.files.get(path)
      if (!edited.has(path) && reading?.equals(bytes) !== true) throw new Error(`${path} changed`)
    }
    const reread = await openVolume(memorySource(after), { load: [] })
    for (const { name, after: wanted } of plan.files) {
      const found = await reread.readFile(name)
      if (found === null || Buffer.compare(found, wanted) !== 0) throw new Error(`${name} does not read back`)
    }
  }
}

/** Everything a caller does with a volume, and what must hold of any image whatsoever. The code of the refusal, or null. */
async function judge(image: Buffer): Promise<string | null> {
  cases++
  const began = performance.now()
  const count = { reads: 0, bytes: 0 }
  let code: string | null = null
  recogniseFat(image)
  try {
    const volume = await openVolume(countingSource(memorySource(image), count), { load: ['wrcmd', 'rootscor', 'new'] })
    const { findings } = checkVolume(volume)
    if (findings.length > 200) throw new Error(`${findings.length} findings`)
    await tryPlans(image, volume)
    for (const path of ['wrcmd', 'rootscor', 'efi/boot/a longer name.efi', '9load', 'efi/./..', 'empty']) {
      await volume.readFile(path)
    }
    await volume.list()
    await volume.list('efi/boot')
  } catch (error) {
    requireAllowed(error)
    code = (error as AppError).code
  }
  if (count.bytes > 12 * image.length + 65_536) throw new Error(`${count.bytes} bytes read of ${image.length}`)
  const took = performance.now() - began
  if (took > 5000) throw new Error(`took ${took} ms`)
  return code
}

type Spoil =
  | { readonly kind: 'byte'; readonly at: number; readonly value: number }
  | { readonly kind: 'word'; readonly at: number; readonly value: number }
  | { readonly kind: 'long'; readonly at: number; readonly value: number }
  | { readonly kind: 'entry'; readonly cluster: number; readonly value: number; readonly copies: number }
  | { readonly kind: 'move'; readonly at: number; readonly from: number; readonly length: number }
  | { readonly kind: 'fill'; readonly at: number; readonly length: number; readonly value: number }

const telling = [0, 1, 2, 3, 0x0f, 0x10, 0xe5, 0xff0, 0xff6, 0xff7, 0xff8, 0xfff, 0xfff0, 0xfff7, 0xfff8, 0xffff, 512]

/** Places that mean something: header fields, FAT entries of files, directory entries, the insides of sub-directories. */
function spoils({ image, fatOffset, rootOffset, files, clusters, clusterOffset }: BuiltFat): fc.Arbitrary<Spoil[]> {
  const inUse = files.flatMap((file) => file.clusters)
  const directories = [2, 3, 4, 5, 6, 7, 8].map(clusterOffset)
  const near = (bases: readonly number[], span: number): fc.Arbitrary<number> =>
    fc.tuple(fc.constantFrom(...bases), fc.nat(span)).map(([base, by]) => Math.min(base + by, image.length - 4))
  const at = fc.oneof(
    { weight: 2, arbitrary: near([11, 13, 14, 16, 17, 19, 22, 32, 36], 3) },
    { weight: 1, arbitrary: near([fatOffset(0), fatOffset(1)], 40) },
    { weight: 4, arbitrary: near([rootOffset], 32 * 12) },
    { weight: 2, arbitrary: near(directories, 160) },
  )
  const value = fc.oneof(fc.constantFrom(...telling), fc.nat(0xffff), fc.nat(clusters + 4))
  const spoil: fc.Arbitrary<Spoil> = fc.oneof(
    fc.record({ kind: fc.constant('byte' as const), at, value: fc.oneof(fc.nat(255), fc.constantFrom(0, 0xe5, 0xff)) }),
    fc.record({ kind: fc.constant('word' as const), at, value }),
    fc.record({ kind: fc.constant('long' as const), at, value: fc.oneof(value, fc.nat(), fc.constant(0xffffffff)) }),
    fc.record({
      kind: fc.constant('entry' as const),
      cluster: fc.oneof(
        fc.constantFrom(...inUse),
        fc.nat(clusters - 1).map((one) => one + 2),
      ),
      value: fc.oneof(value, fc.constantFrom(...inUse)),
      copies: fc.constantFrom(1, 2, 3, 3),
    }),
    fc.record({ kind: fc.constant('move' as const), at, from: at, length: fc.nat(300) }),
    fc.record({
      kind: fc.constant('fill' as const),
      at,
      length: fc.nat(600),
      value: fc.constantFrom(0, 0x41, 0xe5, 0xff),
    }),
  )
  return fc.array(spoil, { minLength: 1, maxLength: 4 })
}

function apply(built: BuiltFat, image: Buffer, list: readonly Spoil[]): void {
  for (const spoil of list) {
    if (spoil.kind === 'byte') image[spoil.at] = spoil.value
    else if (spoil.kind === 'word') image.writeUInt16LE(spoil.value & 0xffff, spoil.at)
    else if (spoil.kind === 'long') image.writeUInt32LE(spoil.value, spoil.at)
    else if (spoil.kind === 'move') image.copyWithin(spoil.at, spoil.from, spoil.from + spoil.length)
    else if (spoil.kind === 'fill') image.fill(spoil.value, spoil.at, spoil.at + spoil.length)
    else {
      for (const copy of [0, 1]) {
        if ((spoil.copies & (1 << copy)) !== 0)
          built.setFat(copy, spoil.cluster, spoil.value & (built.fatBits === 12 ? 0xfff : 0xffff))
      }
    }
  }
}

describe.each([
  ['FAT12', buildFat({ clusters: 60, rootEntries: 32, entries }), 8000],
  ['FAT12 with clusters of two sectors', buildFat({ clusters: 400, sectorsPerCluster: 2, entries }), 1500],
  ['FAT16', buildFat({ clusters: 4090, rootEntries: 32, entries }), 400],
  ['sectors of 4096 bytes', buildFat({ clusters: 40, sectorBytes: 4096, entries }), 400],
] as const)('%s', (_, built, numRuns) => {
  const pristine = Buffer.from(built.image)

  test('as built: both edits are planned', async () => {
    const before = planned
    await judge(Buffer.from(pristine))
    expect(planned - before).toBe(2)
  })

  test('spoiled', async () => {
    const holds = fc.asyncProperty(spoils(built), async (list) => {
      apply(built, built.image, list)
      try {
        await judge(built.image)
      } finally {
        pristine.copy(built.image)
      }
    })
    await fc.assert(holds, { numRuns })
  }, 120_000)
})

test('every field of the boot sector at every limit', async () => {
  const built = buildFat({ clusters: 120, rootEntries: 32, entries })
  const pristine = Buffer.from(built.image)
  const fields: readonly (readonly [at: number, bytes: number])[] = [
    [0, 1],
    [2, 1],
    [11, 2],
    [13, 1],
    [14, 2],
    [16, 1],
    [17, 2],
    [19, 2],
    [22, 2],
    [32, 4],
    [36, 4],
    [37, 1],
    [510, 2],
  ]
  for (const [at, bytes] of fields) {
    const most = 2 ** (8 * bytes)
    const near = Array.from({ length: 40 }, (_, i) => i)
    const powers = Array.from({ length: 8 * bytes }, (_, i) => [2 ** i - 1, 2 ** i, 2 ** i + 1]).flat()
    for (const value of new Set([...near, ...powers, most - 2, most - 1])) {
      if (value >= most) continue
      built.image.writeUIntLE(value, at, bytes)
      if (at === 32) built.image.writeUInt16LE(0, 19)
      await judge(built.image)
      pristine.copy(built.image)
    }
  }
  expect(cases).toBeGreaterThan(400)
})

test('cut off anywhere', async () => {
  const { image, rootOffset, dataOffset } = buildFat({ clusters: 120, rootEntries: 32, entries })
  const sizes = new Set([
    0,
    1,
    61,
    62,
    511,
    512,
    513,
    1023,
    1024,
    rootOffset,
    rootOffset + 1,
    dataOffset,
    dataOffset + 1,
  ])
  for (let size = 0; size < image.length; size += 331) sizes.add(size)
  for (const size of sizes) {
    const code = await judge(Buffer.from(image.subarray(0, size)))
    // Behind the root directory, what is missing is missed only by who wants it.
    const wanted = size < 512 ? ['not-9fat'] : size < dataOffset ? ['damaged-9fat'] : [null, 'source-read']
    expect([size, wanted.includes(code)]).toEqual([size, true])
  }
})

test('nothing but noise', async () => {
  const { image, reservedBytes } = buildFat({ clusters: 120, rootEntries: 32, entries })
  const holds = fc.asyncProperty(fc.nat(), fc.boolean(), async (seed, keepsHeader) => {
    const noise = Buffer.from(image)
    let state = seed
    for (let at = keepsHeader ? reservedBytes : 0; at < noise.length; at++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      noise[at] = state >>> 24
    }
    await judge(noise)
  })
  await fc.assert(holds, { numRuns: 300 })
})

/** Opens, but no edit is planned. */
async function judgeRefused(image: Buffer): Promise<boolean> {
  const before = planned
  return (await judge(image)) === null && planned === before
}

describe('built to take long', () => {
  test('a directory that is its own child, many times over', async () => {
    const { image, rootOffset, clusterOffset, setFat, rootEntries } = buildFat({ clusters: 4000, rootEntries: 512 })
    for (let slot = 0; slot < rootEntries; slot++) {
      shortEntry(`D${slot}`, 0x10, 2, 0).copy(image, rootOffset + slot * 32)
    }
    for (const copy of [0, 1]) for (let cluster = 2; cluster < 4000; cluster++) setFat(copy, cluster, cluster + 1)
    for (let cluster = 2; cluster < 4000; cluster++) {
      for (let slot = 0; slot < 16; slot++)
        shortEntry(`E${slot}`, 0x10, 2, 0).copy(image, clusterOffset(cluster) + slot * 32)
    }
    expect(await judgeRefused(image)).toBe(true)
  })

  test('every file in one long chain, every name long', async () => {
    const { image, rootOffset, setFat } = buildFat({ clusters: 60_000, rootEntries: 512 })
    for (const copy of [0, 1]) for (let cluster = 2; cluster < 60_001; cluster++) setFat(copy, cluster, cluster + 1)
    for (let slot = 0; slot + 21 <= 512; slot += 21) {
      const entry = shortEntry(`F${slot}`, 0x20, 2 + slot, 0xffffffff)
      Buffer.concat([...longNameEntries('n'.repeat(250), `F${slot}`), entry]).copy(image, rootOffset + slot * 32)
    }
    expect(await judgeRefused(image)).toBe(true)
  })

  test('directories of many files, one inside the other', async () => {
    const { image, rootOffset, clusterOffset, setFat } = buildFat({ clusters: 4080, sectorsPerCluster: 8 })
    shortEntry('D', 0x10, 2, 0).copy(image, rootOffset)
    for (let cluster = 2; cluster < 4000; cluster++) {
      for (let slot = 0; slot < 128; slot++) {
        shortEntry(`E${slot}`, slot === 0 ? 0x10 : 0x20, slot === 0 ? cluster + 1 : 0, 0).copy(
          image,
          clusterOffset(cluster) + slot * 32,
        )
      }
      for (const copy of [0, 1]) setFat(copy, cluster, 0xfff)
    }
    expect(await judgeRefused(image)).toBe(true)
  })
})

test('there were at least 10 000 cases, and plans among them', () => {
  expect(cases).toBeGreaterThanOrEqual(10_000)
  expect(planned).toBeGreaterThan(1000)
})
