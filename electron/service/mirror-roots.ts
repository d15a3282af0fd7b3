// The roots of a mirror from everywhere they are known: the rootscor of its 9fat, its fossil, the arenas of its source, and
// those pasted in this session. One entry for a score, newest first as far as anything says when it was made.

import { asAppError } from '../../shared/errors.ts'
import type { MirrorState } from '../../shared/model/mirror.ts'
import { zeroScore, type RootScore } from '../../shared/model/score.ts'
import type { RootView } from '../../shared/model/window.ts'
import { countOf } from '../../shared/text/format.ts'
import { rootsOf } from '../engine/bookkeeping/rootscor.ts'
import { maskScoresIn } from '../engine/bookkeeping/wrcmd-words.ts'
import { readNinefat, shownText } from '../engine/fat/ninefat.ts'
import { fossilInfoOf } from '../engine/ninefat/collect-roots.ts'
import type { ArenaRoots } from './arena-roots.ts'
import { fossilOf } from './mirror-preferences.ts'

export type MirrorRoot = Pick<RootView, 'from' | 'place' | 'name' | 'at'> & { readonly score: RootScore }
export type MirrorRoots = { readonly roots: readonly MirrorRoot[]; readonly problems: readonly string[] }

/** More are not listed; each place keeps the newest. */
const maxListed = 2000
const maxProblems = 50

type Part = { readonly roots: readonly MirrorRoot[]; readonly problems: readonly string[] }

const nothing: Part = { roots: [], problems: [] }

/** Never rejects: a place that cannot be read takes nothing from the others. */
async function told(place: string, work: () => Promise<Part>): Promise<Part> {
  try {
    return await work()
  } catch (thrown) {
    return { roots: [], problems: [`${place}: ${asAppError(thrown).message}`] }
  }
}

async function ofNinefat(path: string): Promise<Part> {
  const { rootscor, problems } = await readNinefat(path)
  const found = rootsOf(rootscor.text ?? '').filter(({ isEmpty }) => !isEmpty)
  const roots = found.map(({ score, line }): MirrorRoot => {
    return { score, from: 'rootscor', place: `line ${line} of rootscor`, name: null, at: null }
  })
  return { roots, problems: problems.map((one) => `${path}: ${one}`) }
}

async function ofFossil(path: string): Promise<Part> {
  const { last, isEmpty } = await fossilInfoOf(path)
  if (isEmpty) return nothing
  return {
    roots: [{ score: last, from: 'fossil', place: 'last archive of fossil', name: null, at: null }],
    problems: [],
  }
}

async function ofArenas(mirror: MirrorState, arenas: ArenaRoots): Promise<Part> {
  const { roots, problems } = await arenas.find(mirror)
  return {
    roots: roots.map(({ score, arena, offset, name, time }): MirrorRoot => {
      const place = `${arena} at 0x${offset.toString(16)}`
      const shownName = name === null ? null : maskScoresIn(shownText(name))
      return { score, from: 'arenas', place, name: shownName, at: timeText(time) }
    }),
    problems,
  }
}

/** 0 is what a writer without a clock leaves. */
const timeText = (seconds: number): string | null => (seconds === 0 ? null : new Date(seconds * 1000).toISOString())

/**
 * When each was made, as far as the order of its list tells: a line of rootscor is at least as new as those above it. In
 * milliseconds; what nothing is known of counts as new.
 */
function timesOf(newestFirst: readonly MirrorRoot[]): readonly number[] {
  const times = newestFirst.map(({ at }) => (at === null ? null : Date.parse(at)))
  let known: number | null = null
  for (let i = times.length - 1; i >= 0; i--) {
    known = times[i] ?? known
    times[i] = known
  }
  known = null
  return times.map((time) => {
    known = time ?? known
    return known ?? Number.POSITIVE_INFINITY
  })
}

/** Of those made at the same time, or nobody knows when. */
const order = { pasted: 0, fossil: 1, rootscor: 2, arenas: 3 } as const

/** `lists` by how much their word counts; within each newest first. */
function merged(lists: readonly (readonly MirrorRoot[])[]): readonly MirrorRoot[] {
  const blocks = new Map(lists.flat().flatMap((one) => (one.from === 'arenas' ? [[one.score, one] as const] : [])))
  const seen = new Set<RootScore>()
  const timed: { readonly root: MirrorRoot; readonly time: number }[] = []
  for (const list of lists) {
    const own: MirrorRoot[] = []
    for (const root of list) {
      if (seen.has(root.score)) continue
      seen.add(root.score)
      const block = blocks.get(root.score)
      own.push(block === undefined ? root : { ...root, name: block.name, at: block.at })
    }
    const times = timesOf(own)
    for (const [i, root] of own.entries()) timed.push({ root, time: times[i] as number })
  }
  const newestFirst = timed.toSorted((a, b) => {
    return a.time === b.time ? order[a.root.from] - order[b.root.from] : b.time - a.time
  })
  return newestFirst.map(({ root }) => root)
}

/** Never rejects. */
export async function mirrorRoots(
  mirror: MirrorState,
  arenas: ArenaRoots,
  pasted: readonly RootScore[] = [],
): Promise<MirrorRoots> {
  const ninefat = mirror.bookkeeping?.ninefat ?? null
  const fossil = fossilOf(mirror)
  const parts = await Promise.all([
    ninefat === null ? nothing : told('rootscor', async () => await ofNinefat(ninefat)),
    fossil === null ? nothing : told('fossil', async () => await ofFossil(fossil)),
    told('arenas', async () => await ofArenas(mirror, arenas)),
  ])
  const own = pasted.map((score): MirrorRoot => ({ score, from: 'pasted', place: 'pasted', name: null, at: null }))
  const lists = [...parts.map(({ roots }) => roots), own]
  const all = merged(lists).filter(({ score }) => (score as string) !== zeroScore)
  const problems = parts.flatMap((part) => part.problems).map(maskScoresIn)
  const more = all.length - maxListed
  return {
    roots: all.slice(0, maxListed),
    problems: [
      ...problems.slice(0, maxProblems),
      ...(problems.length > maxProblems ? [countOf(problems.length - maxProblems, 'more problem')] : []),
      ...(more > 0 ? [`${countOf(more, 'older root')} not listed`] : []),
    ],
  }
}
