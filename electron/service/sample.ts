// The sample partition that comes with the program, unpacked into the data folder with its 9fat, so that everything can be
// tried without a venti at hand. What is there from an earlier time stays as it is while a mirror is about it.

import { open, readFile, rename, stat, unlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { AppError } from '../../shared/errors.ts'
import type { MirrorState } from '../../shared/model/mirror.ts'
import type { RootScore } from '../../shared/model/score.ts'
import { appendedText, fossilizeLine, newestScoreLine } from '../engine/bookkeeping/rootscor.ts'
import { errnoOf } from '../engine/errno.ts'
import type { FileChange } from '../engine/fat/edit.ts'
import { changeNinefat, readNinefat, textBytes } from '../engine/fat/ninefat.ts'
import { makeFolder } from '../engine/make-folder.ts'
import { findRoots } from '../engine/ninefat/find-roots.ts'
import { judgeWrcmd } from '../engine/ninefat/judge-wrcmd.ts'
import { planWrcmd } from '../engine/ninefat/plan-wrcmd.ts'
import { listMirrors } from '../engine/state/mirror-file.ts'
import { openSourceView } from '../engine/sync/source-view.ts'
import type { ServiceContext } from './context.ts'
import { bundledDay } from './sample-days.ts'

export type Sample = { readonly arenas: string; readonly ninefat: string }

/** The bundle names the day; the mirror of it goes on when a later day is put in its place. */
const parts = [
  { bundled: bundledDay(1), name: 'sample.img' },
  { bundled: 'sample-9fat.img.gz', name: 'sample-9fat.img' },
] as const

async function bytesOf(sampleDir: string, bundled: string): Promise<Uint8Array> {
  const path = join(sampleDir, bundled)
  try {
    return await promisify(gunzip)(await readFile(path))
  } catch (error) {
    throw new AppError('source-open', `cannot read the sample ${path}`, {
      data: { path, safe: 'Nothing was changed.', next: 'Install the program anew, or choose a source of your own.' },
      cause: error,
    })
  }
}

/** Whole, or not at all: a crash leaves nothing that looks like a partition. */
async function put(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.new`
  try {
    const file = await open(temporary, 'w', 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await unlink(temporary).catch(() => undefined)
    throw new AppError('state-write', `cannot unpack the sample to ${path}: ${errnoOf(error)}`, { cause: error })
  }
}

const sampleFolder = (stateDir: string): string => join(stateDir, 'sample')

/** Where it is, or will be. */
export function samplePaths(stateDir: string): Sample {
  const folder = sampleFolder(stateDir)
  return { arenas: join(folder, parts[0].name), ninefat: join(folder, parts[1].name) }
}

/** Its source is the partition in the data folder, whatever its name. */
export function isOfSample({ source }: Pick<MirrorState, 'source'>, stateDir: string): boolean {
  return source.spec === resolve(samplePaths(stateDir).arenas)
}

/** What the machine of the sample calls its fossil. */
const fossilPartition = '/dev/sdE0/fossil'

type Context = Pick<ServiceContext, 'stateDir' | 'sampleDir' | 'environment' | 'now'>

type Known = { readonly firstArena: number; readonly newestRoot: RootScore | null }

async function lookAt(arenas: string): Promise<Known> {
  const view = await openSourceView(arenas)
  try {
    const { roots } = await findRoots(view)
    return { firstArena: view.arenas[0]?.entry.start ?? 0, newestRoot: roots[0]?.score ?? null }
  } finally {
    await view.close()
  }
}

/** What fossilize would have added; nothing where it did already. */
function rootLine(newestRoot: RootScore | null, rootscor: string | null): readonly FileChange[] {
  if (newestRoot === null || newestScoreLine(rootscor ?? '')?.score === newestRoot) return []
  const line = fossilizeLine(newestRoot, fossilPartition, null)
  return [{ kind: 'append', name: 'rootscor', content: textBytes(appendedText(rootscor, [line])) }]
}

/**
 * The sample's 9fat is ours to change: its wrcmd begins with the first arena, for this target (null: the one it names), and
 * its rootscor ends with the newest root of the sample, as fossilize would have left it.
 */
export async function setSampleBooks(
  { arenas, ninefat }: Sample,
  host: string | null,
  context: Context,
): Promise<void> {
  const { environment, stateDir, now } = context
  const { firstArena, newestRoot } = await lookAt(arenas)
  const { wrcmd, rootscor } = await readNinefat(ninefat)
  const place = { arena: null, arenaOffset: firstArena, clumpOffset: 0, partition: null }
  const wish = { ninefat, source: arenas, host, ...place }
  const plan = await planWrcmd(wish, { wrcmd: wrcmd.text, rootscor: rootscor.text }, { environment })
  const changes: readonly FileChange[] = [
    { kind: 'replace', name: 'wrcmd', content: textBytes(plan.line) },
    ...rootLine(newestRoot, rootscor.text),
  ]
  await changeNinefat(ninefat, () => changes, { stateDir, now: now() })
}

/** The newest root of the sample stands last in its rootscor; wrcmd stays as it is. Rejects as changing a 9fat does. */
export async function recordSampleRoot({ arenas, ninefat }: Sample, { stateDir, now }: Context): Promise<void> {
  const { newestRoot } = await lookAt(arenas)
  await changeNinefat(ninefat, ({ rootscor }) => rootLine(newestRoot, rootscor.text), { stateDir, now: now() })
}

/** In the place of the day before, at once as a whole. Rejects with source-open or state-write. */
export async function putSampleDay({ arenas }: Sample, day: number, sampleDir: string): Promise<void> {
  await put(arenas, await bytesOf(sampleDir, bundledDay(day)))
}

/** As it is bundled, it speaks of the arenas of another machine. */
async function fitBooks(sample: Sample, context: Context): Promise<void> {
  const { wrcmd } = await readNinefat(sample.ninefat)
  const { problems } = await judgeWrcmd(wrcmd.text ?? '', { ninefat: sample.ninefat, source: sample.arenas })
  if (problems.some(({ severity }) => severity === 'error')) await setSampleBooks(sample, null, context)
}

/** A mirror that cannot be read may be about it. */
async function isOfNobody(stateDir: string): Promise<boolean> {
  const { mirrors, unreadable, broken } = await listMirrors(stateDir)
  return unreadable.length === 0 && broken.length === 0 && !mirrors.some((mirror) => isOfSample(mirror, stateDir))
}

/** Rejects with source-open or state-write, and with what changing a 9fat does. */
export async function unpackSample(context: Context): Promise<Sample> {
  const { stateDir, sampleDir } = context
  const folder = sampleFolder(stateDir)
  try {
    await makeFolder(folder, 0o700)
  } catch (error) {
    throw new AppError('state-write', `cannot make the folder ${folder}: ${errnoOf(error)}`, { cause: error })
  }
  // With no mirror about it, what is left of an earlier time is nobody's: it begins with the first day.
  const isFree = await isOfNobody(stateDir)
  for (const { bundled, name } of parts) {
    const path = join(folder, name)
    const isThere = await stat(path).then(
      () => true,
      () => false,
    )
    if (!isThere || isFree) await put(path, await bytesOf(sampleDir, bundled))
  }
  const sample = samplePaths(stateDir)
  await fitBooks(sample, context)
  return sample
}
