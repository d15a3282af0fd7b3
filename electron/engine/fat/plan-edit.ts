// Plans a change of files in the root directory of a 9fat: every cluster, directory entry and sector of all files together,
// before anything is written. Pure; the steps it returns keep R6 at every cut. Refusals and procedures: plan9-disks.md 3.6.

import { assert } from '../../../shared/assert.ts'
import { AppError } from '../../../shared/errors.ts'
import { checkVolume, clustersInWords, harmlessFindings, type FatCheck } from './check.ts'
import { encodeTime, filesNamed, type FatFile } from './directory.ts'
import type { EditPlan, FileChange, PlannedFile } from './edit.ts'
import { EditDraft } from './edit-draft.ts'
import { encodeShortName, sameName } from './names.ts'
import { planAppend, planCopy, planCreate, planInPlace } from './procedures.ts'
import type { FileReading } from './read-file.ts'
import { maxFileBytes, type FatVolume } from './volume.ts'

const newline = 0x0a
const shownFindings = 3

export type PlanOptions = {
  /** Modification time of every entry that is written; local time, as FAT has no zone. */
  readonly now: Date
}

/** All changes of one file, taken together. */
type Wanted = {
  readonly name: string
  readonly file: FatFile | null
  readonly reading: FileReading | null
  readonly before: Uint8Array | null
  after: Uint8Array
  /** Whatever was there stays in front. */
  isAppend: boolean
}

function refuseDamage(volume: FatVolume, check: FatCheck): void {
  const damage = check.findings.filter(({ kind }) => !harmlessFindings.has(kind))
  if (damage.length === 0) return
  const shown = damage.slice(0, shownFindings).map(({ message }) => message)
  const more = damage.length > shownFindings ? `; and ${damage.length - shownFindings} more` : ''
  throw new AppError('damaged-9fat', `${volume.name}: not changed, because it is damaged: ${shown.join('; ')}${more}`, {
    data: { findings: damage.length, kind: damage[0]?.kind ?? null },
  })
}

/** The one entry of this name, or null. Rejects where an edit could hit something else than the file meant. */
function findFile(volume: FatVolume, name: string): FatFile | null {
  const found = filesNamed(volume.root, name)
  const [file] = found
  if (found.length > 1) {
    const slots = found.map(({ slot }) => slot).join(' and ')
    throw new AppError('damaged-9fat', `${volume.name}: ${found.length} files are called ${name} (entries ${slots})`)
  }
  if (file === undefined) {
    const label = volume.root.files.find(({ isLabel, shortName }) => isLabel && sameName(shortName, name))
    if (label !== undefined) throw new AppError('read-only-9fat', `${volume.name}: ${name} is the volume label`)
    return null
  }
  if (file.isDirectory) throw new AppError('read-only-9fat', `${volume.name}: ${name} is a directory`)
  return file
}

function readingOf(volume: FatVolume, name: string, file: FatFile): FileReading {
  if (file.sizeBytes > maxFileBytes) {
    throw new AppError(
      'damaged-9fat',
      `${volume.name}: ${name} is ${file.sizeBytes} bytes long, more than the ${maxFileBytes} that can be edited`,
    )
  }
  const reading = volume.loaded.get(file.slot)
  assert(reading !== undefined, `${name} is edited without having been loaded`)
  if (!reading.isComplete) {
    throw new AppError(
      'damaged-9fat',
      `${volume.name}: not changed, because it is damaged: ${reading.problems.join('; ')}`,
    )
  }
  return reading
}

function joined(before: Uint8Array, added: Uint8Array): Uint8Array {
  if (added.length === 0) return before
  // These files are read line by line: what is appended must not continue a line that somebody left open.
  const isOpen = before.length > 0 && before.at(-1) !== newline
  const after = new Uint8Array(before.length + (isOpen ? 1 : 0) + added.length)
  after.set(before)
  if (isOpen) after[before.length] = newline
  after.set(added, after.length - added.length)
  return after
}

/** One entry per file, in the order in which the changes name them first. */
function collect(volume: FatVolume, changes: readonly FileChange[]): readonly Wanted[] {
  const wanted: Wanted[] = []
  for (const { kind, name, content } of changes) {
    encodeShortName(name)
    // An empty file is made by replacing, not by appending nothing.
    if (kind === 'append' && content.length === 0) continue
    const file = findFile(volume, name)
    // A long and a short name may mean the same file.
    let one = wanted.find((known) => (file === null ? sameName(known.name, name) : known.file?.slot === file.slot))
    if (one === undefined) {
      const reading = file === null ? null : readingOf(volume, name, file)
      const before = reading === null ? null : new Uint8Array(reading.bytes)
      one = { name, file, reading, before, after: before ?? new Uint8Array(0), isAppend: true }
      wanted.push(one)
    }
    one.isAppend &&= kind === 'append'
    one.after = kind === 'append' ? joined(one.after, content) : content
  }
  return wanted
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

function procedureFor(volume: FatVolume, { file, reading, before, after, isAppend }: Wanted): PlannedFile['procedure'] {
  if (file === null || reading === null || before === null) return 'create'
  const { sectorBytes, clusterBytes } = volume.layout
  if (isAppend && file.firstCluster !== 0 && after.length <= reading.chain.clusters.length * clusterBytes)
    return 'append'
  const fitsOneSector = before.length <= sectorBytes && after.length > 0 && after.length <= sectorBytes
  return fitsOneSector && file.firstCluster !== 0 ? 'in-place' : 'copy'
}

function planFile(volume: FatVolume, draft: EditDraft, wanted: Wanted, now: Date): PlannedFile {
  const { name, file, reading, before } = wanted
  // Owned by the plan: the caller may go on using its bytes.
  const after = new Uint8Array(wanted.after)
  const procedure = procedureFor(volume, wanted)
  const planned = { name, procedure, before, after }
  if (before !== null && sameBytes(before, after)) return planned
  const modified = encodeTime(now)
  if (file === null || reading === null) {
    planCreate(draft, { name, after, volumeName: volume.name }, modified)
    return planned
  }
  if (file.isReadOnly) throw new AppError('read-only-9fat', `${volume.name}: ${name} is marked read-only`)
  const existing = { name, reading, after }
  if (procedure === 'append') planAppend(draft, existing, modified)
  else if (procedure === 'in-place') planInPlace(draft, existing, modified)
  else planCopy(draft, existing, modified)
  return planned
}

/**
 * Clears what an interrupted edit left, so that this one starts from a sound volume. Clusters that are in use in every FAT
 * alike are this program's as well, unless the volume is dirty: then they may belong to whoever was writing.
 */
function planRecovery(draft: EditDraft, check: FatCheck, isDirty: boolean): readonly string[] {
  const clusters = isDirty ? check.differing : check.leftovers
  if (clusters.length === 0) return []
  draft.clear(clusters, 'left by an interrupted edit')
  return [`an interrupted edit left ${clustersInWords(clusters)}, which no file uses: marked free in every FAT`]
}

function warningsOf(volume: FatVolume, check: FatCheck): readonly string[] {
  const shown = volume.isDirty ? (['dirty', 'lost-clusters'] as const) : []
  return check.findings.filter(({ kind }) => shown.some((one) => one === kind)).map(({ message }) => message)
}

/**
 * `volume` was opened with the files that change loaded. Rejects with `damaged-9fat`, `full-9fat`, `read-only-9fat` or
 * `usage`; then nothing may be written. Several changes of one file are made as one.
 */
export function planEdit(volume: FatVolume, changes: readonly FileChange[], { now }: PlanOptions): EditPlan {
  const check = checkVolume(volume)
  refuseDamage(volume, check)
  const wanted = collect(volume, changes)
  const draft = new EditDraft(volume)
  const recovered = planRecovery(draft, check, volume.isDirty)
  const files = wanted.map((one) => planFile(volume, draft, one, now))
  return {
    sectorBytes: volume.layout.sectorBytes,
    files,
    steps: draft.steps,
    examined: draft.examined,
    recovered,
    warnings: warningsOf(volume, check),
  }
}
