// What an edit of a 9fat replaced, as JSON: for every sector write, in order, the sector as it was before and the SHA-256 of
// what it became. Enough to walk the edit backwards (undo.ts); what the files hold now is not repeated. Never printed: the
// sectors of rootscor hold root scores (R10).

import { createHash } from 'node:crypto'
import { AppError } from '../../../shared/errors.ts'
import type { Place } from '../source/place.ts'
import type { EditStep } from './edit.ts'

export const backupSchema = 1

export type BackupWrite = {
  readonly kind: 'write'
  readonly sector: number
  readonly what: string
  /** The whole sector just before this write. */
  readonly before: Uint8Array
  /** SHA-256 of what was written, in hex. */
  readonly afterSha256: string
}
export type BackupStep = BackupWrite | { readonly kind: 'flush' }

/** By what a volume is known again. Many volumes share an id; the boot sector's hash adds size, layout and label. */
export type VolumeIdentity = {
  readonly bootSectorSha256: string
  readonly sectorBytes: number
  readonly sizeBytes: number
}

export type Backup = {
  readonly id: string
  readonly at: string
  readonly kind: 'edit' | 'restore'
  /** The backup that a restore put back. */
  readonly restored: string | null
  readonly place: Place
  readonly volume: VolumeIdentity
  readonly files: readonly { readonly name: string; readonly procedure: string }[]
  readonly steps: readonly BackupStep[]
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** `sectorNow` gives each sector as it is before the first step. */
export function backupSteps(steps: readonly EditStep[], sectorNow: (sector: number) => Uint8Array): BackupStep[] {
  const content = new Map<number, Uint8Array>()
  return steps.map((step) => {
    if (step.kind === 'flush') return step
    const before = content.get(step.sector) ?? sectorNow(step.sector)
    content.set(step.sector, step.bytes)
    return { kind: 'write', sector: step.sector, what: step.what, before, afterSha256: sha256(step.bytes) }
  })
}

/** A backup that rotted on its disk must not be put on another. */
const hashOfSteps = (steps: unknown): string => sha256(new TextEncoder().encode(JSON.stringify(steps)))

export function encodeBackup(backup: Backup): string {
  const steps = backup.steps.map((step) =>
    step.kind === 'flush' ? 'flush' : { ...step, kind: undefined, before: Buffer.from(step.before).toString('base64') },
  )
  const stepsSha256 = hashOfSteps(steps)
  return `${JSON.stringify({ schema: backupSchema, ...backup, stepsSha256, steps }, null, 1)}\n`
}

type Json = Record<string, unknown>
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): value is string => typeof value === 'string'
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isHash = (value: unknown): value is string => isText(value) && /^[0-9a-f]{64}$/.test(value)

function decodeStep(value: unknown, volume: VolumeIdentity): BackupStep | null {
  if (value === 'flush') return { kind: 'flush' }
  if (!isObject(value)) return null
  const { sector, what, before, afterSha256 } = value
  if (!isCount(sector) || !isText(what) || !isText(before) || !isHash(afterSha256)) return null
  const bytes = new Uint8Array(Buffer.from(before, 'base64'))
  const fits = bytes.length === volume.sectorBytes && (sector + 1) * volume.sectorBytes <= volume.sizeBytes
  return fits ? { kind: 'write', sector, what, before: bytes, afterSha256 } : null
}

function decodeVolume(value: unknown): VolumeIdentity | null {
  if (!isObject(value)) return null
  const { bootSectorSha256, sectorBytes, sizeBytes } = value
  const fits = isHash(bootSectorSha256) && isCount(sectorBytes) && sectorBytes > 0 && isCount(sizeBytes)
  return fits ? { bootSectorSha256, sectorBytes, sizeBytes } : null
}

function decodePlace(value: unknown): Place | null {
  if (!isObject(value)) return null
  const { name, file, offset, sizeBytes } = value
  const fits = isText(name) && isText(file) && isCount(offset) && (sizeBytes === null || isCount(sizeBytes))
  return fits ? { name, file, offset, sizeBytes } : null
}

/** Rejects a text that is not a whole backup with `no-backup`; `path` is for the message. */
export function decodeBackup(text: string, path: string): Backup {
  const bad = (why: string): AppError => new AppError('no-backup', `${path} cannot be used: ${why}`, { data: { path } })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw bad(`it is not JSON (${error instanceof Error ? error.message : String(error)})`)
  }
  if (!isObject(value)) throw bad('it is not a JSON object')
  if (value['schema'] !== backupSchema)
    throw bad(`its schema is ${JSON.stringify(value['schema'])}, expected ${backupSchema}`)
  const { id, at, kind, restored } = value
  const volume = decodeVolume(value['volume'])
  const place = decodePlace(value['place'])
  if (!isText(id) || !isText(at) || (kind !== 'edit' && kind !== 'restore')) throw bad('id, time or kind is malformed')
  if (restored !== null && !isText(restored)) throw bad('the id it restored is malformed')
  if (volume === null || place === null) throw bad('its place or volume is malformed')
  const files: { name: string; procedure: string }[] = []
  for (const one of Array.isArray(value['files']) ? (value['files'] as unknown[]) : [null]) {
    if (!isObject(one) || !isText(one['name']) || !isText(one['procedure'])) throw bad('its list of files is malformed')
    files.push({ name: one['name'], procedure: one['procedure'] })
  }
  const steps: BackupStep[] = []
  for (const one of Array.isArray(value['steps']) ? (value['steps'] as unknown[]) : [null]) {
    const step = decodeStep(one, volume)
    if (step === null) throw bad(`step ${steps.length + 1} is malformed`)
    steps.push(step)
  }
  if (value['stepsSha256'] !== hashOfSteps(value['steps']))
    throw bad('its steps do not have the hash they were saved with')
  return { id, at, kind, restored, place, volume, files, steps }
}

/** Sectors that the edit wrote, without repetition, in the order of their first write. */
export function sectorsOf(steps: readonly (EditStep | BackupStep)[]): readonly number[] {
  return [...new Set(steps.flatMap((step) => (step.kind === 'write' ? [step.sector] : [])))]
}
