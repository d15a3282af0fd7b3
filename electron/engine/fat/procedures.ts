// The four ways to change a small file so that every cut leaves the old or the new content (R6). Letters, order and flushes:
// plan9-disks.md 3.6, where each was tried with a cut after every sector write.

import { AppError } from '../../../shared/errors.ts'
import { directoryEntryBytes } from './boot-sector.ts'
import { clustersFor } from './chain.ts'
import { attributes, endSlot, freeSlot, isLongNameEntry, longNameEntryChecksum } from './directory.ts'
import type { EditDraft, EntryTime } from './edit-draft.ts'
import { encodeShortName, shortNameChecksum } from './names.ts'
import type { FileReading } from './read-file.ts'

const newline = 0x0a

export type ExistingFile = {
  readonly name: string
  readonly reading: FileReading
  readonly after: Uint8Array
}

/** The clusters that hold the content, as they were read, become part of what the plan rests on. */
function examineData(draft: EditDraft, { chain, clusterBytes }: FileReading): void {
  const size = draft.layout.clusterBytes
  for (const [i, cluster] of chain.clusters.entries()) {
    draft.examine(draft.sectorOf(cluster), clusterBytes.subarray(i * size, (i + 1) * size))
  }
}

/** A. Old and new text in one sector: the write of that sector is the commit. */
export function planInPlace(draft: EditDraft, { name, reading, after }: ExistingFile, modified: EntryTime): void {
  const { file, bytes: before } = reading
  const sector = draft.sectorOf(file.firstCluster)
  const setLength = (): void => {
    draft.setEntryFields(file.slot, { length: after.length, modified })
    draft.writeRootSector(file.slot, `length of ${name}`)
    draft.flush()
  }
  examineData(draft, reading)
  if (after.length > before.length) {
    const grown = draft.copyOf(sector).fill(newline, before.length, after.length)
    draft.write(sector, grown, `data of ${name}, room for the new text`)
    draft.flush()
    setLength()
  }
  const text = draft.copyOf(sector).fill(newline, after.length, Math.max(before.length, after.length))
  text.set(after)
  draft.write(sector, text, `data of ${name}`)
  draft.flush()
  if (after.length < before.length) setLength()
}

/** B. A copy in new clusters; the directory sector is the commit. Nothing is freed before it. */
export function planCopy(draft: EditDraft, { name, reading, after }: ExistingFile, modified: EntryTime): void {
  const { file, chain } = reading
  examineData(draft, reading)
  const first = placeContent(draft, name, after)
  draft.setEntryFields(file.slot, { firstCluster: first, length: after.length, modified })
  draft.writeRootSector(file.slot, `entry of ${name}`)
  draft.flush()
  if (chain.clusters.length > 0) draft.free(chain.clusters, `old clusters of ${name}`)
}

/** Data and chain of content that no entry refers to yet; the first cluster, 0 for nothing. */
function placeContent(draft: EditDraft, name: string, content: Uint8Array): number {
  const clusters = draft.allocate(clustersFor(draft.layout, content.length), name)
  if (clusters.length === 0) return 0
  draft.writeClusters(clusters, content, `data of ${name}`)
  draft.flush()
  draft.chain(clusters, `clusters of ${name}`)
  return clusters[0] as number
}

/** C. The new text fits behind the old one in the last cluster: it shows when the length is set. */
export function planAppend(draft: EditDraft, { name, reading, after }: ExistingFile, modified: EntryTime): void {
  const { file, bytes: before, chain } = reading
  const { sectorBytes, clusterBytes } = draft.layout
  examineData(draft, reading)
  for (let at = before.length; at < after.length; at = (Math.floor(at / sectorBytes) + 1) * sectorBytes) {
    const cluster = chain.clusters[Math.floor(at / clusterBytes)] as number
    const inSector = at % sectorBytes
    const sector = draft.sectorOf(cluster) + Math.floor((at % clusterBytes) / sectorBytes)
    const bytes = draft.copyOf(sector)
    bytes.set(after.subarray(at, at - inSector + sectorBytes), inSector)
    draft.write(sector, bytes, `data of ${name}`)
  }
  draft.flush()
  draft.setEntryFields(file.slot, { length: after.length, modified })
  draft.writeRootSector(file.slot, `length of ${name}`)
  draft.flush()
}

/** D. A new file: content first, its entry last. */
export function planCreate(
  draft: EditDraft,
  { name, after, volumeName }: { name: string; after: Uint8Array; volumeName: string },
  modified: EntryTime,
): void {
  const shortName = encodeShortName(name)
  const slot = freeSlotFor(draft, shortName, volumeName)
  const first = placeContent(draft, name, after)
  const entry = draft.entryBytes(slot)
  const extendsDirectory = entry[0] === endSlot
  entry.fill(0)
  entry.set(shortName)
  entry[11] = attributes.archive
  const view = new DataView(entry.buffer, entry.byteOffset, entry.byteLength)
  view.setUint16(14, modified.time, true)
  view.setUint16(16, modified.date, true)
  view.setUint16(18, modified.date, true)
  draft.setEntryFields(slot, { firstCluster: first, length: after.length, modified })
  if (extendsDirectory) moveEndMark(draft, slot, name)
  draft.writeRootSector(slot, `entry of ${name}`)
  draft.flush()
}

/** What stands behind the end mark are no files; it must not become one when the mark moves on. */
function moveEndMark(draft: EditDraft, slot: number, name: string): void {
  const { rootEntries, sectorBytes } = draft.layout
  const next = slot + 1
  if (next === rootEntries || draft.entryBytes(next)[0] === endSlot) return
  draft.entryBytes(next).fill(0)
  const perSector = sectorBytes / directoryEntryBytes
  if (next % perSector !== 0) return
  // The mark goes into the next sector, which must be on disk before the entry that relies on it.
  draft.writeRootSector(next, `end mark behind ${name}`)
  draft.flush()
}

/** The first free slot, else the end mark. A long name that lost its entry must not be taken for the new file's. */
function freeSlotFor(draft: EditDraft, shortName: Uint8Array, volumeName: string): number {
  const { rootEntries } = draft.layout
  const checksum = shortNameChecksum(shortName)
  for (let slot = 0; slot < rootEntries; slot++) {
    const first = draft.entryBytes(slot)[0]
    if (first !== freeSlot && first !== endSlot) continue
    const previous = slot === 0 ? null : draft.entryBytes(slot - 1)
    const isAfterOrphan =
      previous !== null &&
      previous[0] !== freeSlot &&
      isLongNameEntry(previous) &&
      longNameEntryChecksum(previous) === checksum
    if (!isAfterOrphan) return slot
    if (first === endSlot) break
  }
  throw new AppError('full-9fat', `${volumeName}: the root directory has no free entry left of ${rootEntries}`, {
    data: { rootEntries },
  })
}
