// From what a person types to the sources behind it: an arenas partition or image, FILE:lo-hi, or a venti configuration
// (a text file, or embedded in a partition) that names several arena partitions. Authority for the path forms:
// plan9port srv/part.c initpart; for configurations: srv/config.c.

import { stat } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { AppError, asAppError } from '../../../shared/errors.ts'
import {
  decodeVentiConfig,
  embeddedConfigOffset,
  embeddedConfigText,
  looksLikeVentiConfig,
  maxConfigBytes,
  type VentiConfig,
} from '../bookkeeping/venti-conf.ts'
import { partBlankBytes, partitionMagic } from '../venti/format/constants.ts'
import type { BlockSource } from './block-source.ts'
import { fileExists, openFileSource } from './file-source.ts'
import { rangeSource } from './range-source.ts'

export type OpenedSource = {
  /** The text that was given. */
  readonly spec: string
  /** One source for each arena partition, in fill order. */
  readonly partitions: readonly BlockSource[]
  /** The configuration the partitions were found through, when there was one. */
  readonly config: VentiConfig | null
}

const units: Record<string, number> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

function parseBound(text: string): number | null {
  const match = /^(0x[0-9a-f]+|\d+)([kmgt]?)$/i.exec(text)
  if (match === null) return null
  return Number(match[1]) * (units[(match[2] as string).toLowerCase()] as number)
}

/** FILE:lo-hi as { file, low, high }; null when the text behind the last colon is not a range. */
export function parseRangePath(path: string): { file: string; low: number; high: number | null } | null {
  const colon = path.lastIndexOf(':')
  if (colon <= 0) return null
  const bounds = path.slice(colon + 1)
  const dash = bounds.indexOf('-')
  if (dash < 0 || bounds === '-') return null
  const lowText = bounds.slice(0, dash)
  const highText = bounds.slice(dash + 1)
  const low = lowText === '' ? 0 : parseBound(lowText)
  const high = highText === '' ? null : parseBound(highText)
  if (low === null || (highText !== '' && high === null)) return null
  return { file: path.slice(0, colon), low, high }
}

/** One path as one source. */
export async function openPath(path: string): Promise<BlockSource> {
  if (await fileExists(path)) return await openFileSource(path)
  const range = parseRangePath(path)
  if (range === null) {
    const colon = path.lastIndexOf(':')
    if (colon > 1 && /^[a-z]/i.test(path.slice(colon + 1)) && (await fileExists(path.slice(0, colon)))) {
      throw new AppError(
        'source-open',
        `cannot open ${path}: partitions by name inside a disk are not read by this version. Give the byte range instead: ${path.slice(0, colon)}:START-END`,
      )
    }
    return await openFileSource(path)
  }
  const outer = await openFileSource(range.file)
  try {
    const high = range.high ?? outer.sizeBytes
    if (high <= range.low) {
      throw new AppError('source-open', `${path}: the range is empty; expected FILE:START-END with START below END`)
    }
    return rangeSource(outer, range.low, high - range.low, path)
  } catch (error) {
    await outer.close()
    throw error
  }
}

/** A bad sector in the blank area, or a line nobody can use, is no reason not to read the arenas behind it. */
async function embeddedConfigOf(source: BlockSource): Promise<VentiConfig | null> {
  try {
    const text = embeddedConfigText(await source.read(embeddedConfigOffset, maxConfigBytes))
    return text === null ? null : decodeVentiConfig(text, `${source.name}: configuration at ${embeddedConfigOffset}`)
  } catch {
    return null
  }
}

async function hasPartitionHeader(source: BlockSource): Promise<boolean> {
  if (source.sizeBytes < partBlankBytes + 4) return false
  const magic = await source.read(partBlankBytes, 4)
  return new DataView(magic.buffer, magic.byteOffset).getUint32(0) === partitionMagic
}

async function configOf(source: BlockSource): Promise<VentiConfig | null> {
  if (source.sizeBytes <= maxConfigBytes) {
    const text = new TextDecoder('latin1').decode(await source.read(0, source.sizeBytes))
    return looksLikeVentiConfig(text) ? decodeVentiConfig(text, source.name) : null
  }
  if (source.sizeBytes < embeddedConfigOffset + maxConfigBytes) return null
  return await embeddedConfigOf(source)
}

async function openAll(paths: readonly string[], config: string): Promise<BlockSource[]> {
  const opened: BlockSource[] = []
  try {
    for (const path of paths) opened.push(await openPath(path))
    return opened
  } catch (error) {
    await Promise.all(opened.map(async (source) => await source.close()))
    const cause = asAppError(error)
    throw new AppError(cause.code, `${config}: ${cause.message}`, { cause })
  }
}

/** Which bytes of which file or disk a path means, whatever its spelling; null when it is not here. */
async function placeOf(path: string): Promise<string | null> {
  const range = (await fileExists(path)) ? null : parseRangePath(path)
  try {
    const status = await stat(range?.file ?? path, { bigint: true })
    const file = status.isBlockDevice() ? `device ${status.rdev}` : `${status.dev} ${status.ino}`
    return `${file} ${range?.low ?? 0}-${range?.high ?? ''}`
  } catch {
    return null
  }
}

/** All are here, and `spec` is one of them: a copy of a partition elsewhere must not lead to the original. */
async function areOneVenti(paths: readonly string[], spec: string): Promise<boolean> {
  const own = await placeOf(spec)
  const places = await Promise.all(paths.map(placeOf))
  return own !== null && !places.includes(null) && places.includes(own)
}

/**
 * An arena partition stands for itself, unless its embedded configuration names several partitions that are all here, it
 * among them: then they are one source, as they are one venti. Relative names in a configuration file count from its
 * folder. Rejects with `source-open`, `source-read` or `bad-config`.
 */
export async function openSource(spec: string): Promise<OpenedSource> {
  const first = await openPath(spec)
  try {
    const config = await configOf(first)
    const isPartition = await hasPartitionHeader(first)
    if (config === null || (isPartition && config.arenas.length < 2)) {
      return { spec, partitions: [first], config: isPartition ? config : null }
    }
    const paths = config.arenas.map((path) => (isAbsolute(path) ? path : join(dirname(first.name), path)))
    if (isPartition && !(await areOneVenti(paths, spec))) {
      return { spec, partitions: [first], config }
    }
    const partitions = await openAll(paths, spec)
    await first.close()
    return { spec, partitions, config }
  } catch (error) {
    await first.close().catch(() => undefined)
    throw error
  }
}
