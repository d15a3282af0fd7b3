// The whole disks, the fossil and the 9fat volumes under test/fixtures, expanded in memory, with the values a correct reader
// must find (test/fixtures/disks.json). Bytes given out belong to the caller.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

export type ExpectedFile = {
  readonly name: string
  readonly slot: number
  readonly attr: number
  readonly size: number
  readonly firstCluster: number
  /** Runs of clusters as [first, last]; the word "loop" ends a chain that runs in a circle. */
  readonly chainRuns: readonly (readonly [number, number] | string)[]
  readonly clusters: number
  readonly sha256: string
  readonly complete: boolean
  readonly text?: string
  readonly longName?: string
  readonly lfnSlots?: number
  readonly ntCaseFlags?: number
}

export type ExpectedVolume = {
  readonly oem: string
  readonly fatBits: 12 | 16
  readonly bytesPerSector: number
  readonly sectorsPerCluster: number
  readonly reservedSectors: number
  readonly fats: number
  readonly rootEntries: number
  readonly totalSectors: number
  readonly sectorsPerFat: number
  readonly hiddenSectors: number
  readonly media: number
  readonly label: string
  readonly typeString: string
  readonly fatOffset: number
  readonly rootOffset: number
  readonly dataOffset: number
  readonly clusters: number
  readonly freeClusters: number
  readonly fatCopiesIdentical: boolean
  readonly rootSlots: { readonly used: number; readonly deleted: number; readonly end: number }
  readonly files: readonly ExpectedFile[]
  /** Where not every file is listed. */
  readonly fileCount?: number
  readonly rootscorSlack?: number
  /** Not of the volumes inside a whole disk. */
  readonly fsck?: { readonly clean: boolean; readonly lines: readonly string[] }
}

export type ExpectedDisk = {
  readonly sectorSize: number
  readonly plan9PartitionStart: number
  readonly tableSector: number
  readonly tableText: string
  readonly parts: readonly {
    readonly name: string
    readonly start: number
    readonly end: number
    readonly byteOffset: number
    readonly bytes: number
    readonly sha256: string
  }[]
  readonly '9fat': ExpectedVolume
  readonly fossilLast: string
}

export type ExpectedFossil = {
  readonly headerOffset: number
  readonly blockSize: number
  readonly superBlock: number
  readonly superOffset: number
  readonly lastScoreOffset: number
  readonly label: string
  readonly last: string
  readonly previousArchive: string
  readonly configOffset: number
  readonly configText: string
  readonly fossilizeLine: { readonly withVentiSet: string; readonly withVentiUnset: string }
}

type Entry<Expected> = {
  readonly id: string
  readonly file: string
  readonly encoding: 'gzip' | 'pieces'
  readonly size: number
  readonly sha256: string
  readonly expected: Expected
}
type Pieces = {
  readonly size: number
  readonly pieces: readonly {
    readonly of: string
    readonly from: number
    readonly bytes: number
    readonly at: number
  }[]
  readonly ops: readonly { readonly at: number; readonly hex: string }[]
}

const folder = fileURLToPath(new URL('../fixtures/', import.meta.url))
const manifest = JSON.parse(readFileSync(join(folder, 'disks.json'), 'utf8')) as {
  readonly fixtures: readonly Entry<unknown>[]
}

function entry(id: string): Entry<unknown> {
  const found = manifest.fixtures.find((one) => one.id === id)
  if (found === undefined) throw new Error(`no fixture ${id} in disks.json`)
  return found
}

/** Ids of the stand-alone 9fat volumes. */
export const volumeIds: readonly string[] = manifest.fixtures.map(({ id }) => id).filter((id) => id.startsWith('9fat'))
export const expectedVolume = (id: string): ExpectedVolume => entry(id).expected as ExpectedVolume
export const expectedDisk = (id: 'disk-mbr' | 'disk-gpt'): ExpectedDisk => entry(id).expected as ExpectedDisk
export const expectedFossil = (): ExpectedFossil => entry('fossil').expected as ExpectedFossil

const expanded = new Map<string, Buffer>()

function expand(id: string): Buffer {
  const known = expanded.get(id)
  if (known !== undefined) return known
  const { encoding, file, sha256 } = entry(id)
  const stored = readFileSync(join(folder, file))
  const image = encoding === 'gzip' ? gunzipSync(stored) : assembled(JSON.parse(stored.toString()) as Pieces)
  const found = createHash('sha256').update(image).digest('hex')
  if (found !== sha256) throw new Error(`fixture ${id} expands to SHA-256 ${found}, disks.json says ${sha256}`)
  expanded.set(id, image)
  return image
}

function assembled({ size, pieces, ops }: Pieces): Buffer {
  const image = Buffer.alloc(size)
  for (const { of, from, bytes, at } of pieces) expand(of).copy(image, at, from, from + bytes)
  for (const { at, hex } of ops) image.write(hex, at, 'hex')
  return image
}

/** The image in memory the caller owns; up to 100 MiB. */
export function loadDisk(id: string): Buffer {
  return Buffer.from(expand(id))
}

export async function expandDisk(id: string, path: string): Promise<void> {
  await writeFile(path, expand(id))
}
