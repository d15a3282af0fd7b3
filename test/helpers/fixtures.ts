// The arena partitions under test/fixtures, expanded in memory or into a file, with the values a correct reader must find.
// Images come from the real programs (test/fixtures/README.md); every one is compared with its SHA-256 in the manifest the
// first time it is used. Bytes given out belong to the caller: a test may spoil them without spoiling another test.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { open, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

export type Counters = {
  readonly clumps: number
  readonly compressedClumps: number
  readonly used: number
  readonly uncompressed: number
  readonly sealed: boolean
}

export type ExpectedArena = {
  readonly name: string
  readonly start: number
  readonly stop: number
  readonly dataBase: number
  readonly size: number
  readonly version: number
  readonly clumpMagic: string
  readonly clumps: number
  readonly compressedClumps: number
  readonly used: number
  readonly uncompressed: number
  readonly endOffsetHex: string
  readonly scanStop: string
  readonly directoryMismatches: number
  readonly sealed: boolean
  readonly sealScore: string | null
  readonly sealScoreVerifies: boolean | null
  readonly tail: {
    readonly indexed: Counters
    readonly stored: Counters | null
    readonly ctime: number
    readonly wtime: number
  }
  readonly tailMatchesScan: boolean
  readonly errors: readonly string[]
}

/** A root score with what is known about it: where it is whole, `tree` and the counts; where blocks are gone, which. */
export type ExpectedRoot = {
  /** With the prefix: vac:7e1f… */
  readonly score: string
  readonly label?: string
  readonly writtenBy?: string
  readonly rootName?: string
  readonly rootType?: string
  readonly blockSize?: number
  readonly prev?: string
  readonly tree?: string
  readonly treeIsUnder?: string
  readonly files?: number
  readonly dirs?: number
  readonly bytes?: number
  readonly reachableBlocks?: number
  readonly reachableBlocksFollowingPrev?: number
  readonly intact?: boolean
  readonly missingBlocks?: readonly string[]
  readonly unreadableFiles?: readonly string[]
}

type Position = { readonly start: number; readonly offset: string }

export type Incremental = {
  readonly after: string
  readonly resume: Position & { readonly arena: string }
  readonly segments: readonly {
    readonly arena: string
    readonly start: number
    readonly fromOffset: string
    readonly toOffset: string
    readonly clumps: number
    readonly uncompressed: number
  }[]
  readonly newClumps: number
  readonly newClumpListSha256: string
  readonly lastWrcmdPosition: Position
}

type RealToolLines = Readonly<
  Partial<Record<'wrarena' | 'verifyarena' | 'checkarenas' | 'checkarenasScan' | 'printarenapart', readonly string[]>>
>

export type HealthyPartition = {
  readonly partitionVersion: number
  readonly blockSize: number
  readonly tableBase: number
  readonly arenaBase: number
  readonly arenaTableText: string
  readonly arenaCount: number
  readonly arenas: readonly ExpectedArena[]
  readonly totalClumps: number
  readonly uniqueClumps: number
  readonly clumpsByType: Readonly<Record<string, number>>
  readonly clumpListSha256: string
  readonly clumpListVtTypeSha256: string
  readonly clumpListFile?: string
  readonly badClumps: readonly unknown[]
  readonly realTools: RealToolLines
  readonly roots: readonly ExpectedRoot[]
  readonly incremental?: readonly Incremental[]
}

type BadClump = { readonly index: number; readonly clumpOffset: number; readonly score: string; readonly why: string }
type Walk = { readonly clumps: number; readonly good: number; readonly end: string; readonly bad: readonly BadClump[] }

export type DamagedArena = {
  readonly name: string
  readonly errors: readonly string[]
  readonly headerWalk: Walk & { readonly stop: string }
  readonly directoryWalk?: Walk
  readonly recoverable: number
}

export type DamagedPartition = {
  readonly damage: {
    readonly summary: string
    readonly imageOffset?: number
    readonly length?: number
    readonly missingBytes?: number
    readonly arena?: string
    readonly clumpIndex?: number
    readonly clumpOffset?: number
    readonly clumpOffsetHex?: string
    readonly score?: string
    /** The number the interfaces use, not the one on disk. */
    readonly type?: number
    readonly size?: number
    readonly tableText?: string
    readonly dataStillGood?: boolean
  }
  readonly saneMirror: string
  readonly realTools: RealToolLines
  readonly arenas?: readonly DamagedArena[]
  readonly recoverableClumps?: number
  readonly recoverableClumpListSha256?: string
  readonly roots?: readonly ExpectedRoot[]
  // bad-table alone: there is no partition to walk.
  readonly partitionError?: string
  readonly badEntry?: number
  readonly readableArenas?: readonly string[]
  readonly proposal?: { readonly name: string; readonly start: number; readonly stop: number; readonly why: string }
  readonly ifRepaired?: string
}

export type Fixture = {
  readonly id: string
  /** From the folder of the manifest. */
  readonly file: string
  readonly encoding: 'gzip' | 'patch' | 'extents'
  readonly base?: string
  readonly size: number
  /** Of the expanded image. */
  readonly sha256: string
  /** Of the stored file; given for extents only, because hashing gigabytes of holes takes seconds. */
  readonly storedSha256?: string
  readonly purpose: string
  readonly made: string
  /** `'damage' in expected` tells the two apart. */
  readonly expected: HealthyPartition | DamagedPartition
}

export type FixtureManifest = { readonly format: 1; readonly fixtures: readonly Fixture[] }

export type TreeEntry = {
  readonly kind: 'file' | 'dir'
  readonly size?: number
  readonly sha256?: string
  /** The low nine bits, octal. */
  readonly mode: string
  readonly uid: string
  readonly gid: string
  readonly mtime: number
}

export type TreeManifest = {
  readonly root: string
  readonly note: string
  /** Where in the archive the paths of `entries` begin: `/` or a directory's name. */
  readonly under: string
  readonly entries: Readonly<Record<string, TreeEntry>>
}

type Patch = {
  readonly base: string
  readonly size: number
  readonly ops: readonly ({ readonly at: number } & ({ readonly hex: string } | { readonly zero: number }))[]
}

export const fixturesFolder = fileURLToPath(new URL('../fixtures', import.meta.url))

const stored = (file: string): Buffer => readFileSync(join(fixturesFolder, file))
const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')

let manifest: FixtureManifest | undefined

export function fixtureManifest(): FixtureManifest {
  manifest ??= JSON.parse(stored('fixtures.json').toString()) as FixtureManifest
  return manifest
}

export function fixture(id: string): Fixture {
  const found = fixtureManifest().fixtures.find((candidate) => candidate.id === id)
  if (found === undefined) throw new Error(`no fixture ${id} in ${fixturesFolder}/fixtures.json`)
  return found
}

export function fixtureIds(filter: (fixture: Fixture) => boolean = () => true): string[] {
  return fixtureManifest()
    .fixtures.filter(filter)
    .map(({ id }) => id)
}

/** The expectations of an undamaged image. */
export function healthyPartition(id: string): HealthyPartition {
  const { expected } = fixture(id)
  if ('damage' in expected) throw new Error(`fixture ${id} is a damaged copy`)
  return expected
}

const gunzipped = new Map<string, Buffer>()
const verified = new Set<string>()

/** The image in memory the caller owns. Expanding is done once, patches are applied anew. */
export function loadFixture(id: string): Buffer {
  const { encoding, file, sha256: wanted } = fixture(id)
  if (encoding === 'extents') throw new Error(`fixture ${id} is too large for memory: use expandFixture`)
  const image = encoding === 'gzip' ? unzip(file) : patched(JSON.parse(stored(file).toString()) as Patch)
  if (!verified.has(id)) {
    const found = sha256(image)
    if (found !== wanted) throw new Error(`fixture ${id} expands to SHA-256 ${found}, the manifest says ${wanted}`)
    verified.add(id)
  }
  return image
}

function unzip(file: string): Buffer {
  const image = gunzipped.get(file) ?? gunzipSync(stored(file))
  gunzipped.set(file, image)
  return Buffer.from(image)
}

function patched({ base, size, ops }: Patch): Buffer {
  const before = loadFixture(base)
  const image = size > before.length ? Buffer.concat([before], size) : before
  for (const op of ops) {
    if ('zero' in op) image.fill(0, op.at, op.at + op.zero)
    else image.write(op.hex, op.at, 'hex')
  }
  return image.subarray(0, size)
}

/** Writes the image to `path`; the one that is mostly holes stays sparse. */
export async function expandFixture(id: string, path: string): Promise<void> {
  const { encoding, file, storedSha256 } = fixture(id)
  if (encoding !== 'extents') return writeFile(path, loadFixture(id))
  const bytes = stored(file)
  if (sha256(bytes) !== storedSha256) throw new Error(`fixture ${id}: ${file} is not the file the manifest describes`)
  const [head, ...extents] = gunzipSync(bytes)
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { size: number; at: number; b64: string })
  const image = await open(path, 'w')
  try {
    await image.truncate(head!.size)
    for (const { at, b64 } of extents) {
      const piece = Buffer.from(b64, 'base64')
      await image.write(piece, 0, piece.length, at)
    }
  } finally {
    await image.close()
  }
}

/** In one step: whoever looks at the image meanwhile sees the one before or this one, never half of it. */
export async function replaceWithFixture(id: string, path: string): Promise<void> {
  await expandFixture(id, `${path}.next`)
  await rename(`${path}.next`, path)
}

/** SHA-256 of every block a mirror of this image must end up with, as `clumpListHash` makes it; null for bad-table. */
export function expectedBlocksHash(id: string): string | null {
  const { expected } = fixture(id)
  return ('damage' in expected ? expected.recoverableClumpListSha256 : expected.clumpListSha256) ?? null
}

/** The same blocks as lines `score/type/uncsize` (type as on disk), sorted; null where only the hash is known. */
export function expectedBlocks(id: string): string[] | null {
  const hash = expectedBlocksHash(id)
  if (hash === null) return null
  if (hash === clumpListHash([])) return []
  // A flushed, sealed or harmlessly damaged copy holds the blocks of the image whose list is stored.
  for (const { expected } of fixtureManifest().fixtures) {
    if ('damage' in expected || expected.clumpListFile === undefined || expected.clumpListSha256 !== hash) continue
    const lines = gunzipSync(stored(expected.clumpListFile)).toString().trimEnd().split('\n')
    if (clumpListHash(lines) !== hash) throw new Error(`${expected.clumpListFile} is not the list of ${id}`)
    return lines
  }
  return null
}

/** The hash of a list of blocks as the manifest has it: lines sorted bytewise, each ended by a newline. */
export function clumpListHash(lines: Iterable<string>): string {
  const sorted = [...lines].toSorted()
  return sha256(sorted.map((line) => `${line}\n`).join(''))
}

/** What an archive holds, e.g. `treeManifest('trees/seq-day3.json')`: the `tree` of an expected root. */
export function treeManifest(file: string): TreeManifest {
  return JSON.parse(stored(file).toString()) as TreeManifest
}
