// A disk, or a partition by itself, as a listing: what its tables say and what is found in each part. Nothing on it is
// trusted and nothing is written; a bad sector in one partition does not end the listing.

import { asAppError } from '../../../shared/errors.ts'
import type { DiskListing, PartitionListing } from '../../../shared/model/partition.ts'
import { requireSource } from '../source/bad-place.ts'
import type { BlockSource } from '../source/block-source.ts'
import { parseNamePath, parseRangePath } from '../source/path-forms.ts'
import { rangeSource } from '../source/range-source.ts'
import type { DiskPart } from './disk-part.ts'
import { readDiskLayout } from './layout.ts'
import { recognise, type Recognised } from './recognise.ts'

export type ListOptions = {
  /** Root scores in full (R10). */
  readonly showScores?: boolean
  readonly sectorBytes?: number
  /** Where `disk` itself stands in a file, when it is a part of one: paths are then byte ranges of that file. */
  readonly within?: { readonly file: string; readonly offset: number }
}

/** Each costs a few reads; a table that names more is not to be believed (R9). */
const maxListed = 1024

const maxProblems = 200

function cut(problems: readonly string[]): readonly string[] {
  const more = problems.length - maxProblems
  return more <= 0 ? problems : [...problems.slice(0, maxProblems), `${more} more problems are not listed`]
}

/** A part of a larger source, whose end of life is not this one's. */
function partSource(disk: BlockSource, { offset, sizeBytes, name }: DiskPart): BlockSource {
  return { ...rangeSource(disk, offset, sizeBytes, `${disk.name}:${name}`), close: () => Promise.resolve() }
}

function pathOf(disk: BlockSource, part: DiskPart, within: ListOptions['within']): string {
  const { offset, sizeBytes, name } = part
  const path = `${disk.name}:${name}`
  if (within === undefined && parseNamePath(path)?.name === name && parseRangePath(path) === null) return path
  const start = (within?.offset ?? 0) + offset
  return `${within?.file ?? disk.name}:${start}-${start + sizeBytes}`
}

function containerFound(part: DiskPart): Recognised {
  const found = `${part.title}, Plan 9 partition with ${part.parts} ${part.parts === 1 ? 'part' : 'parts'}`
  return { kind: 'plan9', found, details: {} }
}

/** A partition that cannot be read is a line of the listing; a disk that cannot be read any more ends it. */
async function recognisePart(disk: BlockSource, part: DiskPart, showScores: boolean): Promise<Recognised> {
  try {
    return await recognise(partSource(disk, part), { name: part.tableName, showScores })
  } catch (error) {
    const { code, message } = asAppError(error)
    if (code !== 'source-read') throw error
    await requireSource(disk, error)
    return { kind: 'unknown', found: `cannot be read: ${message}`, details: {} }
  }
}

async function listPart(disk: BlockSource, part: DiskPart, options: ListOptions): Promise<PartitionListing> {
  const { name, offset, sizeBytes, role, title } = part
  const { showScores = false, within } = options
  const recognised =
    role === 'container' && part.parts > 0 ? containerFound(part) : await recognisePart(disk, part, showScores)
  const { kind, details } = recognised
  const found = role === 'plan9' || part.parts > 0 ? recognised.found : `${recognised.found} (${title})`
  return { name, kind, offset, size: sizeBytes, path: pathOf(disk, part, within), found, details }
}

/** Rejects with `source-read` when the disk cannot be read at all. */
export async function listDisk(disk: BlockSource, options: ListOptions = {}): Promise<DiskListing> {
  const { sectorBytes: hint, showScores = false, within } = options
  const layout = await readDiskLayout(disk, hint === undefined ? {} : { sectorBytes: hint })
  const { scheme, sectorBytes } = layout
  const common = { disk: disk.name, scheme, sectorBytes, size: disk.sizeBytes }
  if (scheme === 'bare') {
    const problems = cut(layout.problems)
    const { kind, found, details } = await recognise(disk, { showScores })
    const whole = { name: kind, kind, offset: 0, size: disk.sizeBytes, path: disk.name, found, details }
    return { ...common, partitions: [whole], problems }
  }
  const listed = layout.parts.slice(0, maxListed)
  const left = layout.parts.length - listed.length
  const problems = cut([...(left > 0 ? [`${left} more partitions are not listed`] : []), ...layout.problems])
  const partitions: PartitionListing[] = []
  for (const part of listed) partitions.push(await listPart(disk, part, { showScores, ...(within && { within }) }))
  return { ...common, partitions, problems }
}
