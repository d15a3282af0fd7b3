// Random edits of random small volumes against the simplest model of a file system: a map from name to content. Volumes with
// scattered chains, sub-directories, long names, deleted entries, full or nearly; FAT12 with the entries that straddle sectors.
// Some runs are cut off after a random write, and the next run must bring about the same.

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { AppError } from '../../shared/errors.ts'
import type { FileChange } from '../../electron/engine/fat/edit.ts'
import {
  buildFat,
  straddlingClusters,
  type BuiltEntrySpec,
  type BuiltFat,
  type FatSpec,
} from '../helpers/fat-builder.ts'
import { applyPlanInMemory, countWrites, planOn, readAll } from '../helpers/fat-plans.ts'

type Edit = { readonly changes: readonly FileChange[]; readonly cutAt: number | null }
type Shape = {
  readonly clusters: number
  readonly sectorsPerCluster: number
  readonly rootEntries: number
  readonly seed: number
  /** How many clusters are left free. */
  readonly free: number
  /** Free clusters are taken from these first. */
  readonly straddling: boolean
  readonly hasLongNames: boolean
  readonly sizes: readonly number[]
}

/** A small generator of its own, so that one number decides a whole volume. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function shuffled(items: readonly number[], pick: (below: number) => number): number[] {
  const all = [...items]
  for (let i = all.length - 1; i > 0; i--) {
    const j = pick(i + 1)
    ;[all[i], all[j]] = [all[j]!, all[i]!]
  }
  return all
}

/** Content that tells its file and place, in lines. */
const text = (name: string, size: number): Buffer => {
  const piece = `${name.toLowerCase()} ${size} `
  return Buffer.from(piece.repeat(Math.ceil(size / piece.length)).slice(0, size))
}

function build({
  clusters,
  sectorsPerCluster,
  rootEntries,
  seed,
  free,
  straddling,
  hasLongNames,
  sizes,
}: Shape): BuiltFat {
  const pick = random(seed)
  const size = sectorsPerCluster * 512
  const every = shuffled(
    Array.from({ length: clusters }, (_, i) => i + 2),
    pick,
  )
  const kept = straddling ? straddlingClusters.filter((one) => one < clusters) : []
  const pool = every.filter((one) => !kept.includes(one))
  const take = (count: number): number[] => pool.splice(0, count)
  const file = (name: string, bytes: number): BuiltEntrySpec => ({
    name,
    content: text(name, bytes),
    clusters: take(Math.ceil(bytes / size)),
    ...(hasLongNames ? { longName: name.toLowerCase() } : {}),
  })
  const [loader = 0, wrcmd = 0, rootscor = 0, inner = 0] = sizes
  const entries: BuiltEntrySpec[] = [
    file('9LOAD', loader),
    { deleted: true },
    { name: 'ADM', clusters: take(1), entries: [file('KEYS', inner), file('KEYS.WHO', 10)] },
    file('WRCMD', wrcmd),
    { deleted: true },
    file('ROOTSCOR', rootscor),
  ]
  const spec: FatSpec = { clusters, sectorsPerCluster, rootEntries }
  const filler = take(Math.max(0, pool.length + kept.length - free))
  const last = { name: 'FILLER', content: Buffer.alloc(filler.length * size, 'f'), clusters: filler }
  return buildFat({ ...spec, entries: [...entries, last] })
}

const sizes = fc.oneof(
  fc.nat(1600),
  fc.constantFrom(0, 1, 80, 511, 512, 513, 1023, 1024, 1025, 1536),
  fc.integer({ min: 1, max: 200 }),
)
const change: fc.Arbitrary<FileChange> = fc.record({
  kind: fc.constantFrom('replace' as const, 'append' as const),
  name: fc.constantFrom('wrcmd', 'rootscor', 'WRCMD', 'new', 'new.txt'),
  content: fc.tuple(sizes, fc.constantFrom('a', 'b', 'c')).map(([size, letter]) => {
    const bytes = new Uint8Array(Buffer.alloc(size, `${letter}line\n`))
    return bytes
  }),
})
const edit: fc.Arbitrary<Edit> = fc.record({
  changes: fc.array(change, { minLength: 1, maxLength: 3 }),
  cutAt: fc.option(fc.nat(30)),
})
const shape: fc.Arbitrary<Shape> = fc.record({
  clusters: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 40, max: 130 }) },
    { weight: 3, arbitrary: fc.integer({ min: 2400, max: 2600 }) },
    { weight: 1, arbitrary: fc.integer({ min: 4085, max: 4200 }) },
  ),
  sectorsPerCluster: fc.constantFrom(1, 1, 1, 2, 4),
  rootEntries: fc.constantFrom(16, 16, 32, 112),
  seed: fc.nat(),
  free: fc.oneof(fc.nat(8), fc.nat(40)),
  straddling: fc.boolean(),
  hasLongNames: fc.boolean(),
  sizes: fc.array(sizes, { minLength: 4, maxLength: 4 }),
})

const newline = 0x0a
function modelled(files: ReadonlyMap<string, Buffer>, changes: readonly FileChange[]): Map<string, Buffer> {
  const result = new Map(files)
  for (const { kind, name, content } of changes) {
    const key = name.toUpperCase()
    const old = result.get(key)
    if (kind === 'replace') result.set(key, Buffer.from(content))
    else if (content.length > 0) {
      const before = old ?? Buffer.alloc(0)
      const joint = before.length > 0 && before.at(-1) !== newline ? '\n' : ''
      result.set(key, Buffer.concat([before, Buffer.from(joint), content]))
    }
  }
  return result
}

async function filesOf(image: Buffer): Promise<Map<string, Buffer>> {
  const { files, findings } = await readAll(image)
  expect(findings).toEqual([])
  return new Map([...files].map(([path, bytes]) => [path.toUpperCase(), bytes]))
}

function expectSame(found: ReadonlyMap<string, Buffer>, wanted: ReadonlyMap<string, Buffer>): void {
  expect([...found.keys()].toSorted()).toEqual([...wanted.keys()].toSorted())
  for (const [path, bytes] of wanted) expect([path, found.get(path)!.equals(bytes)]).toEqual([path, true])
}

/** Whether there can be no room: clusters for every new copy beside every old one, and entries for new files. */
function mayBeFull(built: BuiltFat, before: ReadonlyMap<string, Buffer>, after: ReadonlyMap<string, Buffer>): boolean {
  const clusters = (files: ReadonlyMap<string, Buffer>): number =>
    [...files.values()].reduce((sum, bytes) => sum + Math.ceil(bytes.length / built.clusterBytes), 0)
  const changed = [...after].filter(([path, bytes]) => before.get(path)?.equals(bytes) !== true)
  // Directories: ADM has one cluster.
  const free = built.clusters - clusters(before) - 1
  return clusters(new Map(changed)) > free || built.rootEntries === 16
}

let edits = 0
let refused = 0
let cut = 0

test('any edit of any volume does what the model does', async () => {
  const holds = fc.asyncProperty(shape, fc.array(edit, { minLength: 1, maxLength: 4 }), async (given, wanted) => {
    const built = build(given)
    let image = built.image
    let files = new Map(built.files.map(({ path, content }) => [path.toUpperCase(), content]))
    expectSame(await filesOf(image), files)
    for (const { changes, cutAt } of wanted) {
      const after = modelled(files, changes)
      edits++
      let plan
      try {
        plan = await planOn(image, changes)
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'full-9fat') throw error
        expect(mayBeFull(built, files, after)).toBe(true)
        refused++
        continue
      }
      if (cutAt !== null && cutAt < countWrites(plan)) {
        cut++
        image = applyPlanInMemory(image, plan, cutAt)
        // What a caller does: it looks at what is there now, and asks for what is still missing.
        const now = (await readAll(image)).files
        const isDone = (name: string): boolean =>
          [...now].some(([path, bytes]) => path.toUpperCase() === name && after.get(name)?.equals(bytes) === true)
        plan = await planOn(
          image,
          changes.filter(({ name }) => !isDone(name.toUpperCase())),
        )
      }
      image = applyPlanInMemory(image, plan)
      expectSame(await filesOf(image), after)
      files = after
      expect(image.subarray(0, built.reservedBytes).equals(built.image.subarray(0, built.reservedBytes))).toBe(true)
    }
  })
  await fc.assert(holds, { numRuns: 600 })
  expect(edits - refused).toBeGreaterThan(500)
  expect(refused).toBeGreaterThan(30)
  expect(cut).toBeGreaterThan(100)
}, 120_000)
