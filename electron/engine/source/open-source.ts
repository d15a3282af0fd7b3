// From what a person types to the sources behind it: an arenas partition or image, FILE:lo-hi, DISK:NAME, or a venti
// configuration (a text file, or embedded in a partition) that names several arena partitions. Authority for
// configurations: plan9port srv/config.c; the path forms are in path-forms.ts.

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
import { besideSshPath, parseSshPath } from '../ssh/address.ts'
import type { BlockSource } from './block-source.ts'
import { openFileSource } from './any-file.ts'
import { placeKey, resolvePlace } from './place.ts'
import { rangeSource } from './range-source.ts'

export type OpenedSource = {
  /** The text that was given. */
  readonly spec: string
  /** One source for each arena partition, in fill order. */
  readonly partitions: readonly BlockSource[]
  /** The configuration the partitions were found through, when there was one. */
  readonly config: VentiConfig | null
}

/** One path as one source. Rejects with source-open, source-read or no-such-partition. */
export async function openPath(path: string): Promise<BlockSource> {
  const { file, offset, sizeBytes } = await resolvePlace(path)
  const outer = await openFileSource(file)
  try {
    if (file === path) return outer
    const end = sizeBytes === null ? outer.sizeBytes : offset + sizeBytes
    if (end <= offset) {
      throw new AppError('source-open', `${path}: the range is empty; expected FILE:START-END with START below END`)
    }
    return rangeSource(outer, offset, end - offset, path)
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
    throw new AppError(cause.code, `${config}: ${cause.message}`, { cause, data: cause.data })
  }
}

/** On the machine that the configuration is on. */
function besideConfig(config: string, path: string): string {
  const remote = parseSshPath(config)
  if (remote !== null) return besideSshPath(remote, path)
  return isAbsolute(path) ? path : join(dirname(config), path)
}

/** All are here, and `spec` is one of them: a copy of a partition elsewhere must not lead to the original. */
async function areOneVenti(paths: readonly string[], spec: string): Promise<boolean> {
  const own = await placeKey(spec)
  const places = await Promise.all(paths.map(placeKey))
  return own !== null && !places.includes(null) && places.includes(own)
}

/**
 * An arena partition stands for itself, unless its embedded configuration names several partitions that are all here, it
 * among them: then they are one source, as they are one venti. Relative names in a configuration file count from its
 * folder. Rejects with `source-open`, `source-read`, `no-such-partition` or `bad-config`.
 */
export async function openSource(spec: string): Promise<OpenedSource> {
  const first = await openPath(spec)
  try {
    const config = await configOf(first)
    const isPartition = await hasPartitionHeader(first)
    if (config === null || (isPartition && config.arenas.length < 2)) {
      return { spec, partitions: [first], config: isPartition ? config : null }
    }
    const paths = config.arenas.map((path) => besideConfig(first.name, path))
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
