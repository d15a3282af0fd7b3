// What a partition is, by what is in it. Every look is small and bounded; a place that cannot be read is said and taken for
// nothing. Venti's and fossil's formats leave the first blocks of a partition alone, so an older FAT boot sector may still
// stand there: they are asked first, and a 9fat is what remains (it may be written to, they may not).

import { AppError, asAppError } from '../../../shared/errors.ts'
import type { PartitionKind, PartitionListing } from '../../../shared/model/partition.ts'
import { maskScore } from '../../../shared/model/score.ts'
import { countOf, formatBytes, formatCount } from '../../../shared/text/format.ts'
import { readFossilLast } from '../fossil/fossil-last.ts'
import { fossilHeaderOffset, fossilMagic } from '../fossil/header.ts'
import { readOrBadPlace } from '../source/bad-place.ts'
import type { BlockSource } from '../source/block-source.ts'
import { openArenaPartition } from '../venti/arena/arena-partition.ts'
import { partBlankBytes, partitionMagic } from '../venti/format/constants.ts'
import { decodeBloomHeader, decodeIndexSection } from './index-section.ts'
import { isNvram } from './nvram.ts'
import { recogniseFatVolume } from './recognise-fat.ts'

export type Recognised = Pick<PartitionListing, 'kind' | 'found' | 'details'>
export type RecogniseOptions = {
  /** Its name in a table: all there is to tell a swap by. */
  readonly name?: string | null
  /** Root scores in full (R10). */
  readonly showScores?: boolean
}

const headBytes = 8192
const sectorBytes = 512
/** Linux writes this at the end of the first page of a swap partition. */
const swapMark = 'SWAPSPACE2'
const swapMarkAt = 4096 - swapMark.length
/** Larger than this is no partition for one sector of keys. */
const maxNvramBytes = 1024 * 1024

/** The places where magic numbers stand. */
type Looks = {
  readonly head: Uint8Array
  readonly fossil: Uint8Array
  readonly venti: Uint8Array
  readonly unreadable: readonly string[]
}

async function lookAt(source: BlockSource): Promise<Looks> {
  const unreadable: string[] = []
  const look = async (offset: number, length: number): Promise<Uint8Array> => {
    const end = Math.min(offset + length, source.sizeBytes)
    if (end <= offset) return new Uint8Array(0)
    const bytes = await readOrBadPlace(source, offset, end - offset)
    if (bytes instanceof Uint8Array) return bytes
    unreadable.push(bytes.message)
    return new Uint8Array(0)
  }
  return {
    head: await look(0, headBytes),
    fossil: await look(fossilHeaderOffset, sectorBytes),
    venti: await look(partBlankBytes, sectorBytes),
    unreadable,
  }
}

function magicOf(bytes: Uint8Array): number | null {
  return bytes.length < 4 ? null : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
}

/** What is found where the magic is right: a valid one, or a damaged one with its reason. */
type Finding = Recognised & { readonly isValid: boolean }

const damaged = (kind: PartitionKind, what: string, error: unknown): Finding => ({
  kind,
  found: `${what}: ${asAppError(error).message}`,
  details: {},
  isValid: false,
})

async function findArenas(source: BlockSource, looks: Looks): Promise<Finding | null> {
  if (magicOf(looks.venti) !== partitionMagic) return null
  try {
    const { header, entries, damage } = await openArenaPartition(source)
    const bad = damage.length === 0 ? '' : `; ${countOf(damage.length, 'finding')} of damage in its table`
    const blocks = formatBytes(header.blockSize)
    return {
      kind: 'arenas',
      found: `${countOf(entries.length, 'arena')}, version ${header.version}, blocks of ${blocks}${bad}`,
      details: { arenas: entries.length, arenaBlockSize: header.blockSize },
      isValid: true,
    }
  } catch (error) {
    return damaged('arenas', 'damaged arena partition', error)
  }
}

function findSection(looks: Looks): Finding | null {
  const section = decodeIndexSection(looks.venti)
  if (section === null) return null
  if (typeof section === 'string')
    return { kind: 'isect', found: `damaged index section: ${section}`, details: {}, isValid: false }
  const { name, index, version, buckets, blockSize } = section
  const found = `index section ${name} of index ${index}, version ${version}, ${formatCount(buckets)} buckets of ${formatBytes(blockSize)}`
  return { kind: 'isect', found, details: {}, isValid: true }
}

async function findFossil(source: BlockSource, looks: Looks, showScores: boolean): Promise<Finding | null> {
  if (magicOf(looks.fossil) !== fossilMagic) return null
  try {
    const { label, blockSize, last, isEmpty, archiving, warnings } = await readFossilLast(source)
    const score = isEmpty ? null : showScores ? `vac:${last}` : maskScore(last)
    const words = [
      `blocks of ${formatBytes(blockSize)}`,
      score === null ? 'never archived' : `last archive ${score}`,
      ...(archiving ? ['an archive is in progress'] : []),
      ...warnings,
    ]
    const details = { label, fossilLast: score }
    return { kind: 'fossil', found: `fossil "${label}", ${words.join(', ')}`, details, isValid: true }
  } catch (error) {
    return { ...damaged('fossil', 'damaged fossil', error), details: { fossilLast: null } }
  }
}

function findBloom(looks: Looks): Finding | null {
  const bloom = decodeBloomHeader(looks.head)
  if (bloom === null) return null
  return typeof bloom === 'string'
    ? { kind: 'bloom', found: `damaged bloom filter: ${bloom}`, details: {}, isValid: false }
    : { kind: 'bloom', found: `bloom filter of ${formatBytes(bloom.sizeBytes)}`, details: {}, isValid: true }
}

function findKeys(source: BlockSource, looks: Looks): Recognised | null {
  if (source.sizeBytes > maxNvramBytes || !isNvram(looks.head)) return null
  return { kind: 'nvram', found: 'keys of this machine (secret, not shown)', details: {} }
}

function findSwap(looks: Looks): Recognised | null {
  const mark = String.fromCharCode(...looks.head.subarray(swapMarkAt, swapMarkAt + swapMark.length))
  return mark === swapMark ? { kind: 'swap', found: 'swap of Linux', details: {} } : null
}

/** Swap has no form, nor has an nvram that nobody wrote to yet; then the name is all there is, and that is said. */
function byName(source: BlockSource, name: string | null): Recognised | null {
  if (name === 'swap') return { kind: 'swap', found: 'by its name only: swap has no form of its own', details: {} }
  if (name === 'nvram' && source.sizeBytes <= maxNvramBytes)
    return { kind: 'nvram', found: 'by its name only: it holds no keys with right checksums', details: {} }
  return null
}

function unknown(looks: Looks, name: string | null): Recognised {
  const { head, fossil, venti, unreadable } = looks
  const isBlank = unreadable.length === 0 && [head, fossil, venti].every((bytes) => bytes.every((byte) => byte === 0))
  const what = isBlank ? 'nothing there: zeros wherever a known form begins' : 'nothing known by its content'
  const claim = name === null || name === '' ? '' : `; its name says ${JSON.stringify(name)}`
  return { kind: 'unknown', found: `${what}${claim}`, details: {} }
}

function withNotes(recognised: Recognised, notes: readonly string[]): Recognised {
  const { kind, found, details } = recognised
  return { kind, found: [found, ...notes].join('; '), details }
}

/** Rejects with `source-read` only when the source as a whole can no longer be read. */
export async function recognise(source: BlockSource, options: RecogniseOptions = {}): Promise<Recognised> {
  const { name = null, showScores = false } = options
  const looks = await lookAt(source)
  const findings = [
    await findArenas(source, looks),
    findSection(looks),
    await findFossil(source, looks, showScores),
    findBloom(looks),
  ].filter((finding) => finding !== null)
  const valid = findings.filter(({ isValid }) => isValid)
  const fat = await recogniseFatVolume(source, looks.head)
  const notes = looks.unreadable.map((message) => `not readable everywhere: ${message}`)
  const [first, ...others] = [...valid, ...(fat === null ? [] : [fat])]
  const older = others.map(({ kind }) => `the header of an older ${kind} still stands in it`)
  if (first !== undefined) return withNotes(first, [...older, ...notes])
  const rest = findKeys(source, looks) ?? findSwap(looks) ?? findings[0] ?? byName(source, name)
  return withNotes(rest ?? unknown(looks, name), notes)
}

/** The kind alone, of a partition without a name. */
export async function recogniseKind(source: BlockSource): Promise<PartitionKind> {
  try {
    return (await recognise(source)).kind
  } catch (error) {
    if (error instanceof AppError && error.code === 'source-read') return 'unknown'
    throw error
  }
}
