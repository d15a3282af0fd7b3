// What a sync and its plan begin with: whose mirror this is, its lock, the source opened, and R5 checked for every cursor.

import { AppError, asAppError } from '../../../shared/errors.ts'
import type { Cursor, MirrorState } from '../../../shared/model/mirror.ts'
import type { SyncSnapshot } from '../../../shared/model/run.ts'
import { fileExists } from '../source/file-source.ts'
import { parseRangePath } from '../source/open-source.ts'
import { listMirrors, lockMirror, mirrorPath } from '../state/mirror-file.ts'
import { connectVenti } from '../venti/client/client.ts'
import { parseDial, type Dial, type Environment } from '../venti/client/dial.ts'
import type { FileLock } from '../state/file-lock.ts'
import { chooseMirror, type MirrorChoice } from './mirror-choice.ts'
import { checkCursors } from './same-partition.ts'
import { inParallel, openSourceView, type SourceView } from './source-view.ts'

export type SyncOptions = {
  /** A path, or the name of a mirror in the state folder. */
  readonly source: string
  /** Dial strings as typed; may be empty when the mirror has targets already. */
  readonly targets: readonly string[]
  readonly stateDir: string
  /** Which mirror file, when the automatic choice is not wanted. */
  readonly mirrorName?: string
  /** Ask for every block of the source, whatever the cursors say. */
  readonly audit?: boolean
  /** The source's own server: synced before its arenas are read, and refused as a target. */
  readonly sourceVenti?: string
  /** For each target. */
  readonly limitBytesPerSecond?: number
  readonly checkpointMs?: number
  readonly connectTimeoutMs?: number
  readonly replyTimeoutMs?: number
  /** Before a lost target is tried again, at first; doubles each time. Default 500. */
  readonly retryPauseMs?: number
  readonly environment: Environment
  readonly signal?: AbortSignal
  /** At most 10 a second. */
  readonly onProgress?: (snapshot: SyncSnapshot) => void
  readonly onNote?: (line: string) => void
}

/** A name of a mirror stands for its path and targets. Paths come first, so that a file is never mistaken for a name. */
async function resolveSource(
  options: SyncOptions,
): Promise<{ spec: string; dials: readonly string[]; name: string | undefined }> {
  const typed = { spec: options.source, dials: options.targets, name: options.mirrorName }
  if ((await fileExists(options.source)) || /[/\\:]/.test(options.source)) return typed
  const { mirrors } = await listMirrors(options.stateDir)
  const mirror = mirrors.find((one) => one.name === options.source)
  if (mirror === undefined) return typed
  const dials = options.targets.length > 0 ? options.targets : mirror.targets.map((target) => target.dial)
  // Where the partition went elsewhere, the path it was last seen at is the better message.
  const isThere = await fileExists(parseRangePath(mirror.source.spec)?.file ?? mirror.source.spec)
  return { spec: isThere ? mirror.source.spec : mirror.source.path, dials, name: mirror.name }
}

function parseTargets(dials: readonly string[], environment: Environment): readonly Dial[] {
  const parsed = dials.map((dial) => parseDial(dial, environment))
  const distinct = parsed.filter((dial, index) => parsed.findIndex((other) => other.text === dial.text) === index)
  if (distinct.length === 0) throw new AppError('usage', 'no target: name at least one with --to DIAL')
  return distinct
}

/** Asks the source's own server to bring everything to disk, so that the arenas read next are complete. */
async function flushSource(options: SyncOptions, warnings: string[]): Promise<void> {
  if (options.sourceVenti === undefined) return
  try {
    const { signal } = options
    const client = await connectVenti(parseDial(options.sourceVenti, options.environment), {
      connectTimeoutMs: 5000,
      signal,
    })
    try {
      await client.sync()
    } finally {
      await client.close()
    }
  } catch (error) {
    const { message } = asAppError(error)
    warnings.push(
      `the source's own server ${options.sourceVenti} could not be asked to flush (${message}); its newest blocks may not be on disk yet`,
    )
  }
}

export type Prepared = {
  readonly view: SourceView
  readonly mirror: MirrorState
  readonly dials: readonly Dial[]
  readonly warnings: string[]
}

/** `underLock` holds the mirror's lock from before its state is read until the work is done. */
export async function withPrepared<T>(
  options: SyncOptions,
  underLock: boolean,
  work: (prepared: Prepared) => Promise<T>,
): Promise<T> {
  const { spec, dials, name } = await resolveSource(options)
  const typed = dials.length > 0 ? parseTargets(dials, options.environment) : null
  const warnings: string[] = []
  await flushSource(options, warnings)
  const view = await openSourceView(spec)
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
    return await work({ view, mirror, dials: targetsOf(mirror), warnings })
  } finally {
    await lock?.release()
    await view.close()
  }
}

/** Cursors of a target by arena; none for one that is new to the mirror. */
export const cursorsOf = (mirror: MirrorState, dial: Dial): Readonly<Record<string, Cursor>> =>
  mirror.targets.find((target) => target.dial === dial.text)?.cursors ?? {}
