// Syncs as tests want them: images and state in one scratch folder, targets as sorted lists of blocks, the saved state
// decoded, and the log of an image as an independent walk of its clump headers gives it.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runSync } from '../../electron/engine/sync/job.ts'
import type { SyncOptions } from '../../electron/engine/sync/prepare.ts'
import { decodeMirror } from '../../electron/engine/state/mirror-file.ts'
import type { RunningServer } from '../../electron/engine/venti/server/server.ts'
import type { Cursor, MirrorState } from '../../shared/model/mirror.ts'
import { exitStatusOf, type SyncResult, type TargetResult } from '../../shared/model/run.ts'
import type { Score } from '../../shared/model/score.ts'
import type { FakeStore } from './fake-store.ts'
import type { FakeVenti } from './fake-venti.ts'
import { expandFixture, healthyPartition, loadFixture } from './fixtures.ts'

export type AnyTarget = FakeVenti | RunningServer | string

export const dialOf = (target: AnyTarget): string => {
  if (typeof target === 'string') return target
  return typeof target.dial === 'string' ? target.dial : target.dial.text
}

export type Ran = {
  readonly result: SyncResult
  readonly exit: 0 | 1 | 3
  /** Of the first target named. */
  readonly target: TargetResult
}

/** A fixture as a file in `folder`; the same name again is the same partition some days later. */
export async function imageIn(folder: string, id: string, name = 'source.img'): Promise<string> {
  const path = join(folder, name)
  await expandFixture(id, path)
  return path
}

export const stateDirIn = (folder: string): string => join(folder, 'state')

/** One sync with the state in `folder`/state. */
export async function syncIn(
  folder: string,
  source: string,
  targets: readonly AnyTarget[],
  options: Partial<SyncOptions> = {},
): Promise<Ran> {
  const dials = targets.map(dialOf)
  const result = await runSync({
    source,
    targets: dials,
    stateDir: stateDirIn(folder),
    environment: {},
    retryPauseMs: 10,
    ...options,
  })
  const first = result.targets.find((one) => one.dial === dials[0]) ?? result.targets[0]
  if (first === undefined) throw new Error('a run without targets')
  return { result, exit: exitStatusOf(result), target: first }
}

/** What a target holds, as lines score/type/size, sorted as the manifest sorts them. */
export function blocksOf(store: FakeStore | FakeVenti): string[] {
  return [...store.blocks].map(([key, data]) => `${key}/${data.length}`).toSorted()
}

export type StateFile = { readonly name: string; readonly text: string; readonly mirror: MirrorState }

/** Every mirror file of the state folder, which must all decode. */
export async function stateFiles(folder: string): Promise<readonly StateFile[]> {
  const mirrors = join(stateDirIn(folder), 'mirrors')
  const names = (await readdir(mirrors).catch(() => [])).filter((name) => name.endsWith('.json')).toSorted()
  return await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(mirrors, name), 'utf8')
      const mirror = decodeMirror(text)
      if (typeof mirror === 'string') throw new Error(`${name} does not decode: ${mirror}`)
      return { name, text, mirror }
    }),
  )
}

export async function onlyMirror(folder: string): Promise<MirrorState> {
  const files = await stateFiles(folder)
  if (files.length !== 1) throw new Error(`${files.length} mirror files where one belongs`)
  return (files[0] as StateFile).mirror
}

export function cursorsIn(mirror: Pick<MirrorState, 'targets'>, target: AnyTarget): Readonly<Record<string, Cursor>> {
  return mirror.targets.find((one) => one.dial === dialOf(target))?.cursors ?? {}
}

export type LoggedClump = {
  readonly arena: string
  readonly offset: number
  /** Offset of the clump behind it. */
  readonly next: number
  readonly type: number
  readonly score: Score
  readonly size: number
}

const headerBytes = 38

/** Every clump of a healthy image in log order, by a walk of its own: nothing of the engine is trusted here. */
export function clumpLog(id: string): readonly LoggedClump[] {
  const image = loadFixture(id)
  const clumps: LoggedClump[] = []
  for (const { name, dataBase, used } of healthyPartition(id).arenas) {
    for (let offset = 0; offset < used;) {
      const at = dataBase + offset
      const next = offset + headerBytes + image.readUInt16BE(at + 5)
      const score = image.toString('hex', at + 9, at + 29) as Score
      clumps.push({ arena: name, offset, next, type: image[at + 4]!, score, size: image.readUInt16BE(at + 7) })
      offset = next
    }
  }
  return clumps
}

export const keyOf = (clump: LoggedClump): `${string}/${number}` => `${clump.score}/${clump.type}`

/** What must be on a target's disk by the word of these cursors (R2). */
export function promisedBy(
  log: readonly LoggedClump[],
  cursors: Readonly<Record<string, Cursor>>,
): readonly LoggedClump[] {
  return log.filter((clump) => clump.next <= (cursors[clump.arena]?.offset ?? 0))
}
