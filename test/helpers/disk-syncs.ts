// Whole disks whose wrcmd names a server of the test, and what stands on their 9fat afterwards, read by a few lines of code
// that know nothing of the engine: the root directory's entry, and the one cluster it leads to.

import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bytesText, changeNinefat, textBytes } from '../../electron/engine/fat/ninefat.ts'
import { expandDisk, expectedDisk, expectedVolume, type ExpectedVolume } from './disk-fixtures.ts'
import { dialOf, stateDirIn, type AnyTarget } from './sync-runs.ts'

export type DiskId = 'disk-mbr' | 'disk-gpt'

export type TestDisk = {
  readonly path: string
  readonly arenas: string
  readonly ninefat: string
  readonly fossil: string
  /** Where the 9fat is in the file. */
  readonly from: number
  readonly to: number
  readonly volume: ExpectedVolume
}

/** The wrcmd of the disks: the end of day 1. */
export const day1Offset = 0x96df0

export function scriptLine(
  target: AnyTarget,
  arenaOffset: number,
  clumpOffset: number,
  path = '/dev/sdE0/arenas',
): string {
  return `venti/wrarena -h ${dialOf(target)} -o ${arenaOffset} ${path} 0x${clumpOffset.toString(16)}`
}

/** Puts a text where wrcmd is, in the way the product does it. */
export async function setWrcmd(folder: string, ninefat: string, text: string): Promise<void> {
  const content = textBytes(text)
  const now = new Date('2019-03-16T12:00:00Z')
  await changeNinefat(ninefat, () => [{ kind: 'replace', name: 'wrcmd', content }], {
    stateDir: join(stateDirIn(folder), 'test'),
    now,
  })
}

/** The disk as a file; its wrcmd names `target` where one is given, and is otherwise as it was. */
export async function diskIn(
  folder: string,
  id: DiskId = 'disk-mbr',
  target: AnyTarget | null = null,
): Promise<TestDisk> {
  const path = join(folder, 'plan9.img')
  await expandDisk(id, path)
  const expected = expectedDisk(id)
  const part = expected.parts.find(({ name }) => name === '9fat')!
  const of = (name: string): string => `${path}:${name}`
  const disk: TestDisk = {
    path,
    arenas: of('arenas'),
    ninefat: of('9fat'),
    fossil: of('fossil'),
    from: part.byteOffset,
    to: part.byteOffset + part.bytes,
    volume: expected['9fat'],
  }
  if (target !== null) await setWrcmd(folder, disk.ninefat, `${scriptLine(target, 794624, day1Offset)}\n`)
  return disk
}

/** A stand-alone 9fat volume as a file. */
export async function volumeIn(folder: string, id: string): Promise<TestDisk> {
  const path = join(folder, '9fat.img')
  await expandDisk(id, path)
  const volume = expectedVolume(id)
  const to = volume.totalSectors * volume.bytesPerSector
  return { path, arenas: '', ninefat: path, fossil: '', from: 0, to, volume }
}

/** The text of a file in the root directory as FAT 1 has it; null when there is none. Files of one cluster only. */
export async function textOn({ path, from, to, volume }: TestDisk, name: string): Promise<string | null> {
  const bytes = Buffer.alloc(to - from)
  const file = await open(path, 'r')
  try {
    await file.read(bytes, 0, bytes.length, from)
  } finally {
    await file.close()
  }
  const short = name.toUpperCase().padEnd(11)
  const { rootOffset, rootEntries, dataOffset, bytesPerSector, sectorsPerCluster } = volume
  for (let at = rootOffset; at < rootOffset + rootEntries * 32 && bytes[at] !== 0; at += 32) {
    if (bytes.toString('latin1', at, at + 11) !== short || (bytes[at + 11]! & 0x08) !== 0) continue
    const size = bytes.readUInt32LE(at + 28)
    const cluster = bytes.readUInt16LE(at + 26)
    if (size === 0) return ''
    if (size > bytesPerSector * sectorsPerCluster) throw new Error(`${name} has ${size} bytes`)
    const start = dataOffset + (cluster - 2) * bytesPerSector * sectorsPerCluster
    return bytesText(bytes.subarray(start, start + size))
  }
  return null
}

/** Offsets of the first and one past the last byte that differ between a disk and its fixture; null when none does. */
export async function changedRange(disk: TestDisk, before: Buffer): Promise<readonly [number, number] | null> {
  const now = await readFile(disk.path)
  if (now.length !== before.length) throw new Error(`${now.length} bytes, ${before.length} before`)
  if (now.equals(before)) return null
  // A step at a time, and byte by byte in the last one: the disks have 60 MB.
  const step = 64 * 1024
  let first = 0
  for (let next = step; now.subarray(0, next).length === next; next += step) {
    if (now.compare(before, first, next, first, next) !== 0) break
    first = next
  }
  while (now[first] === before[first]) first++
  let end = now.length
  while (end > step && now.compare(before, end - step, end, end - step, end) === 0) end -= step
  while (now[end - 1] === before[end - 1]) end--
  return [first, end]
}

/** Overwrites bytes of the image behind everybody's back. */
export async function patchDisk(path: string, at: number, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.write(bytes, 0, bytes.length, at)
  } finally {
    await file.close()
  }
}
