// What a mirror would be called after its source: the disk, because that is what its owner has in hand; with the partition
// where the disk has several arenas partitions. A name is made of it by mirrorNameFor.

import { extname } from 'node:path'
import { listPath } from '../engine/disk/list-path.ts'
import { fileOfPath } from '../engine/source/place.ts'
import { parseNamePath } from '../engine/source/path-forms.ts'

/** Of disk images; what is no extension stays in the name. */
const imageExtensions: ReadonlySet<string> = new Set(['.img', '.bin', '.raw', '.dd', '.iso', '.conf'])

async function hasSeveralArenas(disk: string): Promise<boolean> {
  try {
    const { partitions } = await listPath(disk, false)
    return partitions.filter(({ kind }) => kind === 'arenas').length > 1
  } catch {
    return false
  }
}

/** A path whose last element is the wish. Never rejects. */
export async function mirrorWish(source: string): Promise<string> {
  const disk = await fileOfPath(source)
  if (disk === source) return source
  const extension = extname(disk).toLowerCase()
  const stem = imageExtensions.has(extension) ? disk.slice(0, -extension.length) : disk
  const name = parseNamePath(source)?.name ?? null
  return name !== null && (await hasSeveralArenas(disk)) ? `${stem}-${name}` : stem
}
