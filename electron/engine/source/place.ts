// Where a path leads, before anything of it is opened for good: which bytes of which file or device. Reading and the one
// kind of writing (the 9fat) start from the same answer, so they cannot mean different places.

import { stat } from 'node:fs/promises'
import { AppError } from '../../../shared/errors.ts'
import type { DiskLayout } from '../disk/disk-part.ts'
import { readDiskLayout } from '../disk/layout.ts'
import { recogniseKind } from '../disk/recognise.ts'
import { parseSshPath, sshAddressText } from '../ssh/address.ts'
import type { BlockSource } from './block-source.ts'
import { fileExists, openFileSource } from './any-file.ts'
import { deviceSectorBytes } from './file-source.ts'
import { parseNamePath, parseRangePath, type NamePath } from './path-forms.ts'

export type Place = {
  /** The path as the user gave it. */
  readonly name: string
  /** File or device that holds the bytes. */
  readonly file: string
  readonly offset: number
  /** null: to the end of the file. */
  readonly sizeBytes: number | null
}

/** The file or device that a path of any form leads into. An existing file of that whole name comes first. */
export async function fileOfPath(path: string): Promise<string> {
  if (await fileExists(path)) return path
  return parseRangePath(path)?.file ?? parseNamePath(path)?.file ?? path
}

async function noSuchPartition(disk: BlockSource, name: string, layout: DiskLayout): Promise<AppError> {
  const { parts, problems, scheme } = layout
  const data = { disk: disk.name, name, partitions: parts.map((part) => part.name).join(' ') }
  if (scheme === 'bare') {
    const kind = await recogniseKind(disk)
    const what = kind === 'unknown' ? 'nothing known' : `one ${kind} partition by itself`
    const message = `${disk.name} has no partition ${JSON.stringify(name)}: there is no partition table on it, it is ${what}`
    return new AppError('no-such-partition', message, { data })
  }
  const list = parts.length === 0 ? 'it has none that can be used' : `it has ${data.partitions.replaceAll(' ', ', ')}`
  // A line that was left out may be the one that is wanted.
  const left = problems.filter((problem) => problem.includes(name))
  const why = left.length === 0 ? '' : `. ${left.join('. ')}`
  return new AppError('no-such-partition', `${disk.name} has no partition ${JSON.stringify(name)}; ${list}${why}`, {
    data,
  })
}

async function resolveName(path: string, { file, name }: NamePath): Promise<Place> {
  const disk = await openFileSource(file)
  try {
    const sectorBytes = await deviceSectorBytes(file)
    const layout = await readDiskLayout(disk, sectorBytes === null ? {} : { sectorBytes })
    const part = layout.parts.find((one) => one.name === name)
    if (part !== undefined) return { name: path, file, offset: part.offset, sizeBytes: part.sizeBytes }
    // A partition by itself has its kind for a name, so that scripts need not know which of both it is.
    if (layout.scheme === 'bare' && name !== 'unknown' && (await recogniseKind(disk)) === name)
      return { name: path, file, offset: 0, sizeBytes: disk.sizeBytes }
    throw await noSuchPartition(disk, name, layout)
  } finally {
    await disk.close()
  }
}

/**
 * FILE, FILE:lo-hi or DISK:NAME. A FILE that is not there is left for opening it to say. Rejects with source-open,
 * source-read or no-such-partition.
 */
export async function resolvePlace(path: string): Promise<Place> {
  if (await fileExists(path)) return { name: path, file: path, offset: 0, sizeBytes: null }
  const range = parseRangePath(path)
  if (range !== null) {
    const { file, low, high } = range
    if (high !== null && high <= low) {
      throw new AppError('source-open', `${path}: the range is empty; expected FILE:START-END with START below END`)
    }
    return { name: path, file, offset: low, sizeBytes: high === null ? null : high - low }
  }
  const named = parseNamePath(path)
  if (named !== null) return await resolveName(path, named)
  return { name: path, file: path, offset: 0, sizeBytes: null }
}

/** The same text for two spellings of the same bytes; null when they are not here. */
export async function placeKey(path: string): Promise<string | null> {
  try {
    const { file, offset, sizeBytes } = await resolvePlace(path)
    const remote = parseSshPath(file)
    if (remote !== null) {
      const end = sizeBytes === null ? '' : offset + sizeBytes
      return `${sshAddressText(remote.address)}${remote.path} ${offset}-${end}`
    }
    const status = await stat(file, { bigint: true })
    const holder = status.isBlockDevice() ? `device ${status.rdev}` : `${status.dev} ${status.ino}`
    const end = sizeBytes === null ? (status.isFile() ? Number(status.size) : '') : offset + sizeBytes
    return `${holder} ${offset}-${end}`
  } catch {
    return null
  }
}
