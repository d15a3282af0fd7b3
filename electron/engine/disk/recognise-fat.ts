// Tells a 9fat from another FAT: by the Plan 9 partition table in its second sector, by disk/format's name in its boot
// sector, or by files that only a Plan 9 boot partition has. Reads the root directory and nothing else of the volume.

import type { PartitionListing } from '../../../shared/model/partition.ts'
import { AppError } from '../../../shared/errors.ts'
import { formatBytes } from '../../../shared/text/format.ts'
import { bootSectorBytes, decodeBootSector, directoryEntryBytes, recogniseFat } from '../fat/boot-sector.ts'
import { decodeDirectory, filesNamed, type Directory } from '../fat/directory.ts'
import { readOrBadPlace } from '../source/bad-place.ts'
import type { BlockSource } from '../source/block-source.ts'
import { hasPlan9Table } from './plan9-table.ts'

type FatFound = Pick<PartitionListing, 'kind' | 'found' | 'details'>

/** disk/format makes 512 entries at most; of a larger directory this much is looked at. */
const maxRootEntries = 4096
const bootFiles = ['plan9.ini', '9load', '9bootfat', '9boot', 'wrcmd', 'rootscor']
/** OEM name that disk/format writes. */
const plan9Oem = /^plan9/i

/** Null for a FAT32, whose root directory is a file, and where it cannot be read. */
async function rootOf(source: BlockSource, head: Uint8Array): Promise<Directory | null> {
  let layout
  try {
    layout = decodeBootSector(head.subarray(0, bootSectorBytes), source.name)
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
  const slots = Math.min(layout.rootEntries, maxRootEntries)
  const offset = layout.rootSector * layout.sectorBytes
  const length = slots * directoryEntryBytes
  if (offset + length > source.sizeBytes) return null
  const bytes = await readOrBadPlace(source, offset, length)
  return bytes instanceof Uint8Array ? decodeDirectory(bytes, slots) : null
}

/** Null when it is no FAT. `head` holds the first 8192 bytes, as far as there are so many. */
export async function recogniseFatVolume(source: BlockSource, head: Uint8Array): Promise<FatFound | null> {
  const fat = recogniseFat(head)
  if (fat === null) return null
  const { fatBits, label, sectorBytes, sizeBytes } = fat
  const root = await rootOf(source, head)
  const has = (name: string): boolean => root !== null && filesNamed(root, name).some((file) => !file.isDirectory)
  const oem = String.fromCharCode(...head.subarray(3, 11))
  const hasTable = hasPlan9Table(head.subarray(512)) || hasPlan9Table(head.subarray(sectorBytes))
  const isPlan9 = hasTable || plan9Oem.test(oem) || bootFiles.some(has)
  const hasWrcmd = has('wrcmd')
  const hasRootscor = has('rootscor')
  const labelWords = label === '' ? '' : ` "${label}"`
  const words = [`FAT${fatBits}${labelWords}, ${formatBytes(sizeBytes)}`]
  if (isPlan9 && root !== null) {
    const files = [...(hasWrcmd ? ['wrcmd'] : []), ...(hasRootscor ? ['rootscor'] : [])]
    words.push(files.length === 0 ? 'without wrcmd and rootscor' : `with ${files.join(' and ')}`)
  } else if (root === null)
    words.push(fatBits === 32 ? 'its files are not looked at' : 'its root directory cannot be read')
  if (sizeBytes > source.sizeBytes) words.push(`cut short: only ${formatBytes(source.sizeBytes)} of it are there`)
  const files = isPlan9 && root !== null ? { hasWrcmd, hasRootscor } : {}
  return { kind: isPlan9 ? '9fat' : 'fat', found: words.join(', '), details: { fatBits, label, ...files } }
}
