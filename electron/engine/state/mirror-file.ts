// mirrors/NAME.json: what is known of a mirror between runs. Checked field by field when read, because a cursor that is
// not true loses blocks in silence; a file that does not pass is set aside under another name, reported, never overwritten.

import { readFile, readdir, rename, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { AppError } from '../../../shared/errors.ts'
import { damageKinds } from '../../../shared/model/damage.ts'
import { mirrorSchema, type Cursor, type MirrorState } from '../../../shared/model/mirror.ts'
import { isScore } from '../../../shared/model/score.ts'
import { makeFolder } from '../make-folder.ts'
import { acquireFileLock, type FileLock } from './file-lock.ts'
import { temporarySuffix, writeAtomically } from './atomic-write.ts'

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
const isText = (value: unknown): boolean => typeof value === 'string'
const isCountOrNull = (value: unknown): boolean => value === null || isCount(value)
const isTextOrNull = (value: unknown): boolean => value === null || isText(value)

function isCursor(value: unknown): value is Cursor {
  if (!isObject(value)) return false
  const last = value['last']
  const lastFits =
    last === null ||
    (isObject(last) && isCount(last['offset']) && isText(last['score']) && isScore(last['score'] as string))
  const { offset, seenTo } = value
  return (
    isCount(value['start']) &&
    (value['version'] === 4 || value['version'] === 5) &&
    isCount(value['clumpMagic']) &&
    isCount(offset) &&
    isCountOrNull(value['clumps']) &&
    isCountOrNull(value['uncompressed']) &&
    isCount(seenTo) &&
    (seenTo as number) >= (offset as number) &&
    lastFits &&
    (last === null || (last['offset'] as number) < (offset as number))
  )
}

function isTarget(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['dial']) &&
    isTextOrNull(value['lastSync']) &&
    isTextOrNull(value['lastError']) &&
    isObject(value['cursors']) &&
    Object.values(value['cursors']).every(isCursor)
  )
}

function isDamageRecord(value: unknown): boolean {
  if (!isObject(value) || !isText(value['firstSeen']) || !Array.isArray(value['owedTo'])) return false
  const damage = value['damage']
  return (
    value['owedTo'].every(isText) &&
    isObject(damage) &&
    isText(damage['kind']) &&
    Object.hasOwn(damageKinds, damage['kind'] as string) &&
    isText(damage['arena']) &&
    isCountOrNull(damage['clumpOffset']) &&
    isCount(damage['partitionOffset']) &&
    isCountOrNull(damage['nextOffset']) &&
    isCountOrNull(damage['index']) &&
    isTextOrNull(damage['score']) &&
    isCountOrNull(damage['type']) &&
    isText(damage['detail'])
  )
}

function isBookkeeping(value: unknown): boolean {
  return isObject(value) && isText(value['ninefat']) && isTextOrNull(value['doubted'] ?? null)
}

const isOptional = (value: unknown, test: (value: unknown) => boolean): boolean => value === undefined || test(value)

function isPreferences(value: unknown): boolean {
  if (!isObject(value)) return false
  const { targetNames = {}, limitBytesPerSecond: limit } = value
  return (
    isOptional(value['fossil'], isTextOrNull) &&
    isObject(targetNames) &&
    Object.values(targetNames).every(isText) &&
    isOptional(value['verifyAfterSync'], (flag) => typeof flag === 'boolean') &&
    isOptional(limit, (rate) => rate === null || (isCount(rate) && rate !== 0)) &&
    isOptional(value['sourceVenti'], isTextOrNull) &&
    isOptional(value['sourceHttp'], isTextOrNull)
  )
}

/** What is wrong with the text of a mirror file, or the mirror. */
export function decodeMirror(text: string): MirrorState | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return `it is not JSON (${error instanceof Error ? error.message : String(error)})`
  }
  if (!isObject(value)) return 'it is not a JSON object'
  if (value['schema'] !== mirrorSchema)
    return `its schema is ${JSON.stringify(value['schema'])}, expected ${mirrorSchema}`
  const source = value['source']
  if (!isText(value['name']) || !isObject(source)) return 'name or source is missing'
  if (
    !isText(source['spec']) ||
    !isText(source['path']) ||
    !isCount(source['blockSize']) ||
    !isCount(source['arenas'])
  ) {
    return 'its source is incomplete'
  }
  if (!Array.isArray(value['targets']) || !value['targets'].every(isTarget))
    return 'a target or cursor in it is malformed'
  if (!Array.isArray(value['damage']) || !value['damage'].every(isDamageRecord))
    return 'a damage record in it is malformed'
  const bookkeeping = value['bookkeeping'] ?? null
  if (bookkeeping !== null && !isBookkeeping(bookkeeping)) return 'what it says of its 9fat is malformed'
  const preferences = value['preferences'] ?? null
  if (preferences !== null && !isPreferences(preferences)) return 'what its owner chose is malformed in it'
  return value as unknown as MirrorState
}

export function mirrorPath(stateDir: string, name: string): string {
  return join(stateDir, 'mirrors', `${name}.json`)
}

export async function writeMirror(stateDir: string, mirror: MirrorState): Promise<void> {
  await writeAtomically(mirrorPath(stateDir, mirror.name), `${JSON.stringify(mirror, null, 1)}\n`)
}

type Listing = {
  readonly mirrors: readonly MirrorState[]
  /** In words: which files cannot be used, and why. */
  readonly problems: readonly string[]
  /** Paths of files that were read and do not decode. */
  readonly broken: readonly string[]
  /** Those of `problems` whose file could not even be read, so that nobody knows what is in it. */
  readonly unreadable: readonly string[]
}

async function mirrorFiles(stateDir: string): Promise<string[]> {
  try {
    return (await readdir(join(stateDir, 'mirrors'))).filter((file) => file.endsWith('.json')).toSorted()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT') return []
    throw new AppError('state-missing', `cannot read the state folder ${stateDir}: ${code ?? String(error)}`, {
      cause: error,
    })
  }
}

/** Every mirror of a state folder. */
export async function listMirrors(stateDir: string): Promise<Listing> {
  const mirrors: MirrorState[] = []
  const problems: string[] = []
  const broken: string[] = []
  const unreadable: string[] = []
  for (const file of await mirrorFiles(stateDir)) {
    const path = join(stateDir, 'mirrors', file)
    let text: string
    try {
      text = await readFile(path, 'utf8')
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error)
      // Moved away since the folder was listed.
      if (code === 'ENOENT') continue
      unreadable.push(`${path} cannot be read (${code})`)
      problems.push(`${path} cannot be read (${code})`)
      continue
    }
    let decoded = decodeMirror(text)
    if (typeof decoded !== 'string' && `${decoded.name}.json` !== file) decoded = `it says it is ${decoded.name}`
    if (typeof decoded === 'string') {
      problems.push(`${path} cannot be used: ${decoded}`)
      broken.push(path)
    } else mirrors.push(decoded)
  }
  return { mirrors, problems, broken, unreadable }
}

/** Moves an unreadable file out of the way, keeping it. Returns its new path. */
export async function setAside(path: string, now: Date): Promise<string> {
  const kept = `${path}.unreadable-${now.toISOString().replaceAll(/[:.]/g, '-')}`
  await rename(path, kept)
  return kept
}

/** Writes that a kill cut short. Only the holder of the lock writes, so none of them is anybody's. */
async function removeAbandoned(path: string): Promise<void> {
  const prefix = `${basename(path)}.`
  const names = await readdir(dirname(path)).catch(() => [])
  for (const name of names) {
    if (name.startsWith(prefix) && name.endsWith(temporarySuffix))
      await unlink(join(dirname(path), name)).catch(() => undefined)
  }
}

/** One process at a time works on a mirror. Rejects with `state-locked`. */
export async function lockMirror(stateDir: string, name: string): Promise<FileLock> {
  const path = mirrorPath(stateDir, name)
  try {
    await makeFolder(join(stateDir, 'mirrors'), 0o700)
    const lock = await acquireFileLock(path)
    await removeAbandoned(path)
    return lock
  } catch (error) {
    if (error instanceof AppError && error.code === 'store-locked') {
      const holder = error.data['pid'] === undefined ? 'another process' : `process ${String(error.data['pid'])}`
      throw new AppError(
        'state-locked',
        `mirror ${name} is being synced by ${holder} (${path}.lock). Nothing was read or sent; try again when it has finished`,
        { cause: error, data: error.data },
      )
    }
    const code = error instanceof AppError ? error.message : ((error as NodeJS.ErrnoException).code ?? String(error))
    throw new AppError('state-write', `cannot use the state folder ${stateDir}: ${code}`, { cause: error })
  }
}

/** A file name from a source's path: letters, digits, dot, dash; never empty. */
export function mirrorNameFor(path: string, taken: ReadonlySet<string>): string {
  const stem = basename(path)
    .replace(/\.(img|bin|conf|raw)$/i, '')
    .replaceAll(/[^A-Za-z0-9.-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 48)
  const base = stem === '' ? 'mirror' : stem
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}-${number}`
    if (!taken.has(name)) return name
  }
}
