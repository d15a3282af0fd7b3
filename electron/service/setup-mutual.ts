// The way back, for a second machine that keeps a copy of this one: what to run there so that its venti is mirrored to the one
// whose arenas were copied here, and, where a disk of that machine can be reached from here, the line for its wrcmd. Looks
// only; nothing of this machine but the address of its venti stands in the commands.

import { hostname, networkInterfaces } from 'node:os'
import { AppError } from '../../shared/errors.ts'
import type { PartitionListing } from '../../shared/model/partition.ts'
import type { MutualPlan, SetupDraft } from '../../shared/model/window.ts'
import { parseWrcmd } from '../engine/bookkeeping/wrcmd.ts'
import { listPath } from '../engine/disk/list-path.ts'
import { readNinefat, shownText } from '../engine/fat/ninefat.ts'
import { ownWrcmd, partitionThere } from '../engine/ninefat/own-wrcmd.ts'
import { fileOfPath, placeKey } from '../engine/source/place.ts'
import { ventiPort } from '../engine/venti/client/dial.ts'
import { shellWord, syncCommand } from './commands.ts'
import type { Core } from './core.ts'
import { problemOf } from './problem.ts'
import { lookAtWrcmd, shownWrcmd } from './wrcmd-look.ts'

/** How other machines may reach this one, if at all. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  const outer = all.find(({ family, internal }) => family === 'IPv4' && !internal)
  return outer?.address ?? hostname()
}

/** With the first arena where the real one is not known: a line without -o is none that wrarena can follow. */
const usualFirstArena = 794_624

type Found = {
  readonly ninefat: string | null
  readonly arenas: string | null
  /** What is missing, or wrong, in sentences. */
  readonly words: readonly string[]
}

const lastElement = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** Of several arenas partitions the one that its wrcmd means; never chosen between those that fit. */
async function arenasOf(
  partitions: readonly PartitionListing[],
  ninefat: string | null,
): Promise<{ readonly path: string | null; readonly word: string | null }> {
  const [first, second] = partitions
  if (first === undefined) return { path: null, word: 'There is no arenas partition on it.' }
  if (second === undefined) return { path: first.path, word: null }
  const texts = ninefat === null ? null : await readNinefat(ninefat).catch(() => null)
  const command = texts === null || texts.wrcmd.text === null ? null : parseWrcmd(texts.wrcmd.text).command
  const meant = partitions.filter(({ name }) => command !== null && name === lastElement(command.partition))
  if (meant.length === 1) return { path: (meant[0] as PartitionListing).path, word: null }
  const names = partitions.map(({ name }) => name).join(', ')
  return {
    path: null,
    word: `It has several arenas partitions (${names}), and its wrcmd does not say which one is meant: choose one of them.`,
  }
}

async function lookAtDisk(path: string): Promise<Found> {
  // A partition by its name leads to the whole disk, where the other one stands.
  const disk = await fileOfPath(path)
  const { partitions } = await listPath(disk, false)
  const of = (kind: string): readonly PartitionListing[] => partitions.filter((one) => one.kind === kind)
  const ninefats = of('9fat')
  const ninefat = ninefats.length === 1 ? (ninefats[0]?.path ?? null) : null
  const chosen = of('arenas').filter((one) => one.path === path)
  const arenas = await arenasOf(chosen.length === 1 ? chosen : of('arenas'), ninefat)
  const many = ninefats.length === 0 ? 'no' : 'more than one'
  return {
    ninefat,
    arenas: arenas.path,
    words: [
      ...(ninefat === null ? [`There is ${many} 9fat on it: where its wrcmd is, is not known here.`] : []),
      ...(arenas.word === null ? [] : [arenas.word]),
    ],
  }
}

/** The disk of the source itself is not that of another machine. Rejects with usage. */
async function refuseOwnDisk(path: string, source: string | null): Promise<void> {
  if (source === null) return
  const [own, other] = [await placeKey(await fileOfPath(source)), await placeKey(await fileOfPath(path))]
  if (own === null || own !== other) return
  throw new AppError('usage', `${path} is on the disk of the source itself, not of another machine`, {
    data: { safe: 'Nothing was changed.', next: 'Choose the disk of the other machine, or an image of it.' },
  })
}

type There = Pick<MutualPlan, 'ninefat' | 'source' | 'wrcmd' | 'words'> & {
  readonly partition: string
  /** As its owner calls it there; null: not known. */
  readonly ninefatThere: string | null
  readonly isKnown: boolean
}

const nowhere: There = {
  ninefat: null,
  source: null,
  wrcmd: null,
  words: [],
  partition: '/dev/sdE0/arenas',
  ninefatThere: null,
  isKnown: false,
}

/** What is wrong with that disk is said, and the commands are as if it were not there. */
async function lookThere({ places, environment }: Core, path: string, host: string): Promise<There> {
  try {
    const { ninefat, arenas, words } = await lookAtDisk(path)
    const look = ninefat === null ? null : await lookAtWrcmd(ninefat, arenas, places)
    const found = { ...nowhere, ninefat: look, source: arenas === null ? null : places.add(arenas), words }
    if (ninefat === null) return found
    const { wrcmd, rootscor } = await readNinefat(ninefat)
    const texts = { wrcmd: wrcmd.text, rootscor: rootscor.text }
    const { path: partition, isGuessed } = partitionThere(texts, arenas)
    const named = { ...found, partition: shownText(partition), isKnown: !isGuessed }
    const ninefatThere = isGuessed ? null : `${named.partition.slice(0, named.partition.lastIndexOf('/') + 1)}9fat`
    if (arenas === null) return { ...named, ninefatThere }
    const { line } = await ownWrcmd({ ninefat, source: arenas, host }, texts, { environment })
    return { ...named, ninefatThere, wrcmd: shownWrcmd(line) }
  } catch (thrown) {
    const { happened, next } = problemOf(thrown)
    return { ...nowhere, words: [`${happened}. ${next}`] }
  }
}

function wordsFor(others: string, source: string | null, host: string, there: There): readonly string[] {
  const { partition, isKnown, wrcmd } = there
  return [
    `Run one of these on the machine of ${others}: the first on Plan 9, the second where this program is installed.`,
    isKnown
      ? `${partition} is what that machine calls its arenas partition; ${host} is the venti that stores into ${source ?? 'this source'}.`
      : `${partition} stands for the arenas partition of that machine; ${host} for the venti that stores into ${source ?? 'this source'}.`,
    ...(wrcmd === null
      ? [
          `${usualFirstArena} is where the first arena of a partition usually begins; "venti-mirror arenas" shows it.`,
          'Its wrcmd is written by ventiprog after its first run, or here where a disk of that machine can be reached.',
        ]
      : ['ventiprog there follows its wrcmd by itself once this line stands in it.']),
    ...there.words,
  ]
}

/** Rejects with usage for the disk of the source itself. */
export async function mutualPlanOf(
  core: Core,
  { targets, source }: SetupDraft,
  disk: string | null,
): Promise<MutualPlan> {
  const host = `tcp!${ownAddress()}!${ventiPort}`
  const others = targets.filter(({ store }) => store === null)
  if (others.length === 0) {
    const words = [
      'A store on this computer holds nothing but this mirror: there is nothing on it to mirror back.',
      'Add a venti on a second machine as a target to have both keep a copy of each other.',
    ]
    return { commands: [], ninefat: null, source: null, host, wrcmd: null, words }
  }
  const own = source?.place.path ?? null
  if (disk !== null) await refuseOwnDisk(disk, own)
  const there = disk === null ? nowhere : await lookThere(core, disk, host)
  const { partition, ninefatThere, wrcmd } = there
  const usual = `venti/wrarena -h ${host} -o ${usualFirstArena} ${shellWord(partition)} 0x0`
  const names = others.map(({ name }) => name).join(', ')
  return {
    commands: [
      wrcmd ?? usual,
      syncCommand({ source: partition, dials: [host], ninefat: ninefatThere, verify: true }, null),
    ],
    ninefat: there.ninefat,
    source: there.source,
    host,
    wrcmd,
    words: wordsFor(names, own, host, there),
  }
}
