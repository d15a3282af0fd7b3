// What a sync and its plan begin with: whose mirror this is, its lock, the source opened, and R5 checked for every cursor.

import { AppError, asAppError } from '../../../shared/errors.ts'
import type { Cursor, MirrorPreferences, MirrorState } from '../../../shared/model/mirror.ts'
import type { SourceServerResult } from '../../../shared/model/bookkeeping.ts'
import type { Rollover, SyncSnapshot } from '../../../shared/model/run.ts'
import { fileExists } from '../source/any-file.ts'
import { fileOfPath } from '../source/place.ts'
import { listMirrors, lockMirror, mirrorPath } from '../state/mirror-file.ts'
import { parseDial, type Dial, type Environment } from '../venti/client/dial.ts'
import type { FileLock } from '../state/file-lock.ts'
import { beginBookkeeping, type Bookkeeping } from './bookkeeping.ts'
import { readFossilRoot, type FossilRoot } from './fossil-root.ts'
import { chooseMirror, type MirrorChoice } from './mirror-choice.ts'
import { checkCursors } from './same-partition.ts'
import { openBehindServer, type SourceServerOptions } from './source-server.ts'
import { inParallel, openSourceView, type SourceView } from './source-view.ts'

export type SyncOptions = SourceServerOptions & {
  /** A path, or the name of a mirror in the state folder. */
  readonly source: string
  /** Dial strings as typed; may be empty when the mirror has targets already. */
  readonly targets: readonly string[]
  readonly stateDir: string
  /** Which mirror file, when the automatic choice is not wanted. */
  readonly mirrorName?: string
  /** Ask for every block of the source, whatever the cursors say. */
  readonly audit?: boolean
  /** The 9fat whose wrcmd and rootscor follow this mirror; null: not this time. Left out: the one it had before. */
  readonly ninefat?: string | null
  /** A fossil whose last root is recorded in rootscor, as fossilize does. */
  readonly fossil?: string
  /** For each target. */
  readonly limitBytesPerSecond?: number
  readonly checkpointMs?: number
  readonly connectTimeoutMs?: number
  readonly replyTimeoutMs?: number
  /** Before a lost target is tried again, at first; doubles each time. Default 500. */
  readonly retryPauseMs?: number
  /**
   * After the signal fired, for each target: how long what is on its way may take to be acknowledged and synced, so that it
   * is kept. Default: within two seconds, as whoever presses Ctrl-C expects.
   */
  readonly stopPatienceMs?: number
  /** For the sample of blocks that a claim is tried with. Default Math.random. */
  readonly random?: () => number
  /** At most 10 a second. */
  readonly onProgress?: (snapshot: SyncSnapshot) => void
  /** As soon as the new cursor is to be saved. */
  readonly onRollover?: (rollover: Rollover & { readonly at: string }) => void
}

type Resolved = {
  readonly spec: string
  readonly dials: readonly string[]
  readonly name: string | undefined
  readonly preferences: MirrorPreferences
}

/** A name of a mirror stands for its path and targets. Paths come first, so that a file is never mistaken for a name. */
async function resolveSource(options: SyncOptions): Promise<Resolved> {
  const { mirrorName } = options
  const isPath = (await fileExists(options.source)) || /[/\\:]/.test(options.source)
  const nothing = { spec: options.source, dials: options.targets, name: mirrorName, preferences: {} }
  if (isPath && mirrorName === undefined) return nothing
  const { mirrors } = await listMirrors(options.stateDir)
  const named = mirrors.find((one) => one.name === mirrorName)
  const typed = { ...nothing, preferences: named?.preferences ?? {} }
  if (isPath) return typed
  const mirror = mirrors.find((one) => one.name === options.source)
  if (mirror === undefined) return typed
  const dials = options.targets.length > 0 ? options.targets : mirror.targets.map((target) => target.dial)
  // Where the partition went elsewhere, the path it was last seen at is the better message.
  const isThere = await fileExists(await fileOfPath(mirror.source.spec))
  const spec = isThere ? mirror.source.spec : mirror.source.path
  return { spec, dials, name: mirror.name, preferences: mirror.preferences ?? {} }
}

/** What the owner of a mirror chose holds where this call says nothing else. */
function withPreferences(options: SyncOptions, preferences: MirrorPreferences): SyncOptions {
  const { limitBytesPerSecond, sourceVenti, sourceHttp } = preferences
  return {
    ...(limitBytesPerSecond ? { limitBytesPerSecond } : {}),
    ...(sourceVenti ? { sourceVenti } : {}),
    ...(sourceHttp ? { sourceHttp } : {}),
    ...options,
  }
}

function parseTargets(dials: readonly string[], environment: Environment): readonly Dial[] {
  const parsed = dials.map((dial) => parseDial(dial, environment))
  const distinct = parsed.filter((dial, index) => parsed.findIndex((other) => other.text === dial.text) === index)
  if (distinct.length === 0) throw new AppError('usage', 'no target: name at least one with --to DIAL')
  return distinct
}

export type Prepared = {
  /** With what the owner of the mirror chose. */
  readonly options: SyncOptions
  readonly view: SourceView
  readonly mirror: MirrorState
  readonly dials: readonly Dial[]
  /** Null without a 9fat. */
  readonly bookkeeping: Bookkeeping | null
  readonly sourceServer: SourceServerResult | null
  readonly warnings: string[]
  /** Those of them that say how the source's own server was just now. */
  readonly serverWarnings: readonly string[]
}

/** One that is only remembered, and cannot be read just now, does not end the run. */
async function fossilRootOf(
  fossil: string | undefined,
  remembered: string | null,
  warnings: string[],
): Promise<FossilRoot | null> {
  if (fossil !== undefined) return await readFossilRoot(fossil, warnings)
  if (remembered === null) return null
  try {
    return await readFossilRoot(remembered, warnings)
  } catch (thrown) {
    warnings.push(`${remembered}: its last archive was not recorded: ${asAppError(thrown).message}`)
    return null
  }
}

/** What wrcmd and rootscor say, read under the mirror's lock; null when no 9fat belongs to this mirror. */
async function bookkeepingOf(
  options: SyncOptions,
  view: SourceView,
  mirror: MirrorState,
  dials: readonly Dial[],
  warnings: string[],
): Promise<Bookkeeping | null> {
  const { ninefat, fossil, environment, signal } = options
  const path = ninefat === undefined ? (mirror.bookkeeping?.ninefat ?? null) : ninefat
  if (path === null) {
    if (fossil === undefined) return null
    throw new AppError('usage', 'the root of a fossil is recorded in rootscor on a 9fat: name that with --9fat PATH')
  }
  const wish = {
    path,
    asked: ninefat !== undefined,
    fossil: await fossilRootOf(fossil, mirror.preferences?.fossil ?? null, warnings),
    environment,
    ...(signal === undefined ? {} : { signal }),
  }
  const cursors = (dial: string): Readonly<Record<string, Cursor>> =>
    mirror.targets.find((target) => target.dial === dial)?.cursors ?? {}
  return await beginBookkeeping(wish, view, dials, cursors, warnings)
}

/** `underLock` holds the mirror's lock from before its state is read until the work is done. */
export async function withPrepared<T>(
  asked: SyncOptions,
  underLock: boolean,
  work: (prepared: Prepared) => Promise<T>,
): Promise<T> {
  const { spec, dials, name, preferences } = await resolveSource(asked)
  const options = withPreferences(asked, preferences)
  const typed = dials.length > 0 ? parseTargets(dials, options.environment) : null
  const serverWarnings: string[] = []
  const opening = await openBehindServer(options, async () => await openSourceView(spec), underLock, serverWarnings)
  const { view, server: sourceServer } = opening
  const warnings = [...serverWarnings]
  let lock: FileLock | null = null
  const choose = async (locked: boolean): Promise<MirrorChoice> => {
    const choice = await chooseMirror(options.stateDir, view, name, underLock ? new Date() : null)
    if (!locked) warnings.push(...choice.warnings)
    return choice
  }
  try {
    const targetsOf = (mirror: MirrorState): readonly Dial[] =>
      typed ??
      parseTargets(
        mirror.targets.map((target) => target.dial),
        options.environment,
      )
    let { mirror } = await choose(false)
    // Before the lock: a call that names no target leaves nothing behind.
    targetsOf(mirror)
    while (underLock && lock === null) {
      const wanted = mirror.name
      lock = await lockMirror(options.stateDir, wanted)
      // Another run may have finished between the look and the lock, and may have taken the name of a new mirror.
      mirror = (await choose(true)).mirror
      if (mirror.name === wanted) break
      await lock.release()
      lock = null
    }
    for (const { cursors } of mirror.targets) {
      await checkCursors(view, cursors, mirror.name, mirrorPath(options.stateDir, mirror.name), inParallel)
    }
    const targets = targetsOf(mirror)
    const bookkeeping = await bookkeepingOf(options, view, mirror, targets, warnings)
    return await work({ options, view, mirror, dials: targets, bookkeeping, sourceServer, warnings, serverWarnings })
  } finally {
    await lock?.release()
    await view.close()
  }
}

/** Cursors of a target by arena; none for one that is new to the mirror. */
export const cursorsOf = (mirror: MirrorState, dial: Dial): Readonly<Record<string, Cursor>> =>
  mirror.targets.find((target) => target.dial === dial.text)?.cursors ?? {}
