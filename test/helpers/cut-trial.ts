// One edit of one volume, cut everywhere: what a state must look like to keep R6, and what the next run and a restore must
// make of it. Judged by a reader of its own (plain-fat.ts) and, where it is installed, by fsck.fat.

import { expect } from 'vitest'
import { decodeBackup, encodeBackup, type Backup, type BackupStep } from '../../electron/engine/fat/backup.ts'
import type { FileChange } from '../../electron/engine/fat/edit.ts'
import { editVolume, type NinefatTexts, type VolumeChanged } from '../../electron/engine/fat/edit-volume.ts'
import { textBytes } from '../../electron/engine/fat/ninefat-text.ts'
import { restoreEdit, volumeIdentityOf } from '../../electron/engine/fat/restore-edit.ts'
import type { EditPlan } from '../../electron/engine/fat/edit.ts'
import { CutDisk, cutStates, overlayOf, withOverlay } from './cut-disk.ts'
import { FsckBench, leftoverComplaints } from './fat-tools.ts'
import { inspectFat, isSameFile, type PlainFile, type PlainVolume } from './plain-fat.ts'
import { scratchDir } from './scratch.ts'

export type Wish = { readonly name: 'wrcmd' | 'rootscor'; readonly kind: FileChange['kind']; readonly text: string }

export type Trial = {
  readonly image: Uint8Array
  readonly wishes: readonly Wish[]
  /** In place or in the last cluster: clean at every cut, and nothing written but data and directory. */
  readonly isClean: boolean
  /** The image itself is what a cut left. */
  readonly startsCut?: boolean
  /** fsck.fat complains of the image to begin with: it looks behind the end of a directory. */
  readonly isOddToFsck?: boolean
}

/** When every edit of a trial happens. */
export const editTime = new Date(2024, 4, 17, 12, 30, 8)

/** As a sync would: the line is set; a root is appended unless it stands there, and then nothing is. */
export function changesFor(wishes: readonly Wish[]): (current: NinefatTexts) => readonly FileChange[] {
  return (current) =>
    wishes.map(({ name, kind, text }) => {
      const isThere = kind === 'append' && current[name].text?.endsWith(text) === true
      return { kind, name, content: textBytes(isThere ? '' : text) }
    })
}

type Edited = { readonly disk: CutDisk; readonly result: VolumeChanged; readonly backup: Backup | null }

async function backupOf(disk: CutDisk, plan: EditPlan, steps: readonly BackupStep[]): Promise<Backup> {
  const place = { name: disk.name, file: disk.name, offset: 0, sizeBytes: disk.sizeBytes }
  const volume = await volumeIdentityOf(disk)
  const files = plan.files.map(({ name, procedure }) => ({ name, procedure }))
  const at = editTime.toISOString()
  const text = encodeBackup({ id: 'one', at, kind: 'edit', restored: null, place, volume, files, steps })
  return decodeBackup(text, 'one')
}

export async function editImage(image: Uint8Array, wishes: readonly Wish[]): Promise<Edited> {
  const disk = new CutDisk(image)
  let backup: Backup | null = null
  const result = await editVolume(disk, changesFor(wishes), {
    now: editTime,
    openRegion: () => Promise.resolve(disk),
    saveBackup: async (_, plan, steps) => {
      expect(disk.events, 'the backup comes before the first write').toEqual([])
      backup = await backupOf(disk, plan, steps)
      return backup.id
    },
    discardBackup: () => Promise.reject(new Error('a backup of an edit that was made')),
  })
  return { disk, result, backup }
}

export async function restoreImage(image: Uint8Array, backup: Backup, force = false): Promise<CutDisk> {
  const disk = new CutDisk(image)
  await restoreEdit(disk, backup, {
    force,
    openRegion: () => Promise.resolve(disk),
    saveBackup: () => Promise.resolve('two'),
    discardBackup: () => Promise.resolve(),
  })
  return disk
}

const upper = (name: string): string => name.toUpperCase()

/** Content of a file before and after, null where there is none. */
type Ends = { readonly before: string | null; readonly after: string; readonly mayBePadded: boolean }

function endsOf(base: PlainVolume, { name, kind, text }: Wish): Ends {
  const before = base.files.get(upper(name))?.content ?? null
  return { before, after: kind === 'append' ? (before ?? '') + text : text, mayBePadded: kind === 'replace' }
}

function isOldOrNew(content: string | null, { before, after, mayBePadded }: Ends): boolean {
  if (content === before || content === after) return true
  if (content === null || !mayBePadded) return false
  return [before, after].some(
    (text) => text !== null && content.startsWith(text) && /^\n*$/.test(content.slice(text.length)),
  )
}

/** All of an entry but modification time, first cluster and length. */
const keptOf = ({ entry }: PlainFile): string => entry.slice(0, 44)

function requireOldOrNew(base: PlainVolume, now: PlainVolume, wishes: readonly Wish[]): void {
  for (const wish of wishes) {
    const file = now.files.get(upper(wish.name)) ?? null
    const ends = endsOf(base, wish)
    if (!isOldOrNew(file?.content ?? null, ends))
      throw new Error(`${wish.name} is neither old nor new: ${JSON.stringify({ found: file?.content, ...ends })}`)
    const old = base.files.get(upper(wish.name))
    if (old !== undefined && file !== null && (keptOf(old) !== keptOf(file) || old.entryAt !== file.entryAt))
      throw new Error(`the entry of ${wish.name} changed in more than time, cluster and length`)
  }
}

/** R6 of one state. Plain errors: this runs thousands of times. */
export function requireR6(base: PlainVolume, image: Uint8Array, { wishes, isClean }: Trial): PlainVolume {
  const now = inspectFat(image)
  const edited = new Set(wishes.map(({ name }) => upper(name)))
  if (now.problems.length > 0) throw new Error(`the volume is damaged: ${now.problems.join('; ')}`)
  if (now.reserved !== base.reserved) throw new Error('reserved sectors changed')
  for (const path of new Set([...base.files.keys(), ...now.files.keys()])) {
    if (edited.has(path)) continue
    if (!isSameFile(base.files.get(path), now.files.get(path))) throw new Error(`${path} changed`)
  }
  requireOldOrNew(base, now, wishes)
  if (isClean && now.lost.length + now.differing.length > 0)
    throw new Error(`not clean: lost ${now.lost.join()}, differing ${now.differing.join()}`)
  return now
}

function requireVerdict(verdict: readonly string[] | null, isClean: boolean): void {
  const wrong = (verdict ?? []).filter((line) => isClean || !leftoverComplaints.some((pattern) => pattern.test(line)))
  if (wrong.length > 0) throw new Error(`fsck.fat: ${wrong.join(' / ')}`)
}

/** Nothing left to complain of, and every file as wished. */
function requireFinished(base: PlainVolume, image: Uint8Array, trial: Trial): void {
  const now = requireR6(base, image, { ...trial, isClean: true })
  for (const wish of trial.wishes) {
    const { after } = endsOf(base, wish)
    const found = now.files.get(upper(wish.name))?.content
    if (found !== after) throw new Error(`${wish.name} is ${JSON.stringify(found)}, wished ${JSON.stringify(after)}`)
  }
}

export type TrialCount = {
  readonly states: number
  readonly restoreStates: number
  readonly judged: number
  readonly writes: number
  /** Which were used, in the order of the wishes. */
  readonly procedures: string
}

/** Cuts the edit everywhere, and its restore; from every state the next run and a restore must come to their end. */
export async function runTrial(trial: Trial): Promise<TrialCount> {
  const { image, wishes, isClean, startsCut = false, isOddToFsck = false } = trial
  const base = inspectFat(image)
  const bench = await FsckBench.open(await scratchDir(), image)
  const judge = async (state: Uint8Array): Promise<readonly string[] | null> =>
    isOddToFsck ? null : await bench.judge(overlayOf(image, state))
  try {
    requireVerdict(await judge(image), !startsCut)
    const { disk, result, backup } = await editImage(image, wishes)
    expect(result.written).toBe(true)
    expect(disk.events.at(-1)).toEqual({ kind: 'flush' })
    requireFinished(base, disk.image, trial)
    if (isClean) requireDataAndDirectoryOnly(base, inspectFat(disk.image), disk, wishes)

    const check = async (state: Uint8Array, what: string): Promise<void> => {
      try {
        requireR6(base, state, trial)
        requireVerdict(await judge(state), isClean)
        const next = await editImage(state, wishes)
        requireFinished(base, next.disk.image, trial)
        requireVerdict(await judge(next.disk.image), true)
        const restored = await restoreImage(state, backup!)
        if (Buffer.compare(restored.image, image) !== 0) throw new Error('the restore left something behind')
      } catch (error) {
        const sectors = [...overlayOf(image, state).keys()].join(', ')
        throw new Error(`${what}, sectors ${sectors}: ${String(error)}`, { cause: error })
      }
    }
    const states = cutStates(image, disk.events)
    for (const overlay of states) await check(withOverlay(image, overlay), 'cut edit')
    const restore = await restoreImage(disk.image, backup!)
    const restoreStates = cutStates(disk.image, restore.events)
    for (const overlay of restoreStates) await check(withOverlay(disk.image, overlay), 'cut restore')
    const writes = disk.events.filter(({ kind }) => kind === 'write').length
    const procedures = backup!.files.map(({ procedure }) => procedure).join(' ')
    return { states: states.length, restoreStates: restoreStates.length, judged: bench.asked, writes, procedures }
  } finally {
    await bench.close()
  }
}

function requireDataAndDirectoryOnly(
  before: PlainVolume,
  after: PlainVolume,
  disk: CutDisk,
  wishes: readonly Wish[],
): void {
  const perCluster = after.sectorOf(3) - after.sectorOf(2)
  const allowed = new Set<number>()
  for (const { name } of wishes) {
    for (const file of [before.files.get(upper(name)), after.files.get(upper(name))]) {
      if (file === undefined) continue
      allowed.add(Math.floor(file.entryAt / 512))
      for (const cluster of file.chain) for (let i = 0; i < perCluster; i++) allowed.add(after.sectorOf(cluster) + i)
    }
  }
  const written = disk.events.flatMap((event) => (event.kind === 'write' ? [event.sector] : []))
  expect(written.filter((sector) => !allowed.has(sector))).toEqual([])
}
