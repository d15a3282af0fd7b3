// Checks as sentences: what was found, why blocks are missing, and what heals them. Pure.

import type { FaultyBlock, MissingReason, VerifyDepth } from '../../shared/model/verify.ts'
import type { CheckResult, RootView } from '../../shared/model/window.ts'
import { capital, count, counted, dayWords, hex, moment, printable } from './format.ts'

export type Healing = 'repair' | 'sync' | 'none'
export type FaultGroup = {
  readonly reason: MissingReason
  readonly faults: readonly FaultyBlock[]
  readonly headline: string
  readonly explanation: string
  readonly healing: Healing
}

/** Where a root is known from: "fossil", "rootscor", "in arenas2". */
export function rootOrigin({ from, place }: Pick<RootView, 'from' | 'place'>): string {
  if (from !== 'arenas') return from
  const end = place.lastIndexOf(' at ')
  return `in ${printable(end < 0 ? place : place.slice(0, end))}`
}

/** "Today 05:00", and of an older one the day alone, with the time of day apart: rows have little room. */
export function rootDay(
  root: Pick<RootView, 'at' | 'from' | 'place'>,
  now: number,
): readonly [day: string, time: string] {
  if (root.at === null) return [rootTitle(root, now), '']
  const words = dayWords(root.at, now)
  return [capital(words), moment(root.at, now).slice(words.length).trim()]
}

/** "Today 05:00"; where nobody knows when, where it stands. */
export function rootTitle({ at, from, place }: Pick<RootView, 'at' | 'from' | 'place'>, now: number): string {
  if (at !== null) return capital(moment(at, now))
  // The name of an arena stays as it is.
  return from === 'arenas' ? printable(place) : capital(printable(place))
}

/** What a check that passed has shown. */
export const depthWords: Readonly<Record<VerifyDepth, string>> = { present: 'all there', full: 'read back' }

/** How a check looks, whatever it finds. */
export const lookWords: Readonly<Record<VerifyDepth, string>> = {
  present: 'each block asked for',
  full: 'each block read back',
}

export type CheckChip = { readonly tone: 'ok' | 'late' | null; readonly text: string; readonly at: string }

/** What the newest check of a root on a target said, in two words. */
export function checkChip({ checks }: Pick<RootView, 'checks'>, dial: string | null): CheckChip {
  const check = checks.find((one) => one.dial === dial)
  if (check === undefined) return { tone: null, text: 'never checked', at: '' }
  const { ok, missing, corrupt, depth, at } = check
  if (ok) return { tone: 'ok', text: depthWords[depth], at }
  if (missing + corrupt === 0) return { tone: 'late', text: 'not whole', at }
  return { tone: 'late', text: missing > 0 ? `${count(missing)} missing` : `${count(corrupt)} damaged`, at }
}

const kinds: Readonly<Record<number, string>> = { 0: 'data', 8: 'directory', 16: 'root' }
export const blockKind = (type: number): string => kinds[type] ?? 'pointer'

/** Offsets of the blocks that stand somewhere, by arena. */
function offsetsOf(faults: readonly FaultyBlock[]): ReadonlyMap<string, readonly number[]> {
  const byArena = new Map<string, number[]>()
  for (const { arena, offset } of faults) {
    if (arena === null || offset === null) continue
    const offsets = byArena.get(arena)
    if (offsets === undefined) byArena.set(arena, [offset])
    else offsets.push(offset)
  }
  return byArena
}

const maxNamed = 3

/** "arenas3", "arenas2 and arenas3", "5 arenas". */
function arenasOf(faults: readonly FaultyBlock[]): string {
  const names = [...offsetsOf(faults).keys()].map((name) => printable(name))
  if (names.length === 0) return 'the source'
  if (names.length > maxNamed) return counted(names.length, 'arena')
  return names.length === 1 ? (names[0] as string) : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** "offsets 0x442b1b4 to 0x442f07a"; with the arena before them where there are several. */
function placesOf(faults: readonly FaultyBlock[]): string {
  const byArena = offsetsOf(faults)
  if (byArena.size > maxNamed) return `in ${byArena.size} arenas`
  return [...byArena]
    .map(([arena, offsets]) => {
      const sorted = offsets.toSorted((a, b) => a - b)
      const [low, high] = [sorted[0] as number, sorted.at(-1) as number]
      const range = low === high ? `offset ${hex(low)}` : `offsets ${hex(low)} to ${hex(high)}`
      return byArena.size === 1 ? range : `${printable(arena)}: ${range}`
    })
    .join('; ')
}

type Words = (
  faults: readonly FaultyBlock[],
  target: string,
) => Pick<FaultGroup, 'headline' | 'explanation' | 'healing'>

/** One word for one block, another for several. */
const of = (faults: readonly FaultyBlock[], one: string, several: string): string =>
  faults.length === 1 ? one : several
const blocksAre = (faults: readonly FaultyBlock[]): string =>
  `${counted(faults.length, 'block')} ${of(faults, 'is', 'are')}`
const safeIn = (faults: readonly FaultyBlock[]): string =>
  `${of(faults, 'It is', 'They are')} safe in ${arenasOf(faults)}.`

const groups: Readonly<Record<MissingReason, Words>> = {
  'not-sent-yet': (faults, target) => ({
    headline: `${blocksAre(faults)} not on ${target} yet. ${safeIn(faults)}`,
    explanation: `${of(faults, 'It was', 'They were')} written after the last sync (${placesOf(faults)}). Sending just ${of(faults, 'this one', 'these')} takes a moment; the next sync brings ${of(faults, 'it', 'them')} too.`,
    healing: 'repair',
  }),
  'lost-on-target': (faults, target) => ({
    headline: `${blocksAre(faults)} gone from ${target}. ${safeIn(faults)}`,
    explanation: `${of(faults, 'It was', 'They were')} there once (${placesOf(faults)}): ${target} lost ${of(faults, 'it', 'them')}, which is worth a look at that machine. Sending ${of(faults, 'it', 'them')} again heals this archive.`,
    healing: 'repair',
  }),
  'not-on-disk-yet': (faults) => ({
    headline: `${blocksAre(faults)} still in the memory of the source's venti.`,
    explanation: `It writes to disk within a few minutes, or at once when told to flush. Then sync again: that brings ${of(faults, 'it', 'them')}.`,
    healing: 'sync',
  }),
  'damaged-in-source': (faults, target) => ({
    headline: `${blocksAre(faults)} damaged in the source, and not on ${target} either.`,
    explanation: `No good copy is known (${arenasOf(faults)}, ${placesOf(faults)}). If another venti still has ${of(faults, 'it', 'them')}, mirror from there. Everything else in the archive can be read.`,
    healing: 'none',
  }),
  'damaged-on-target': (faults, target) => ({
    headline: `${blocksAre(faults)} damaged on ${target}.`,
    explanation: `Its index knows ${of(faults, 'the block', 'the blocks')} and cannot give ${of(faults, 'it', 'them')} back. Sending again stores nothing: a venti acknowledges what it knows. Repair or replace that arena on ${target}, or mirror to another venti.`,
    healing: 'none',
  }),
  nowhere: (faults) => ({
    headline: `${blocksAre(faults)} in no arena of the source.`,
    explanation: `If the archive is new, ${of(faults, 'it', 'they')} may not be on its disk yet: sync again in a few minutes. Otherwise ${of(faults, 'it is', 'they are')} lost.`,
    healing: 'sync',
  }),
  unknown: (faults) => ({
    headline: `${blocksAre(faults)} missing.`,
    explanation: 'The source could not be asked why. Sync again, and check once more.',
    healing: 'sync',
  }),
}

/** What is still open of a check, by reason; what can be healed first. */
export function faultGroups(result: CheckResult, target: string): readonly FaultGroup[] {
  const open = [...result.missing, ...result.corrupt].filter((fault) => !fault.repaired)
  const order: readonly Healing[] = ['repair', 'sync', 'none']
  const reasons = [...new Set(open.map(({ reason }) => reason))]
  return reasons
    .map((reason) => {
      const faults = open.filter((fault) => fault.reason === reason)
      return { reason, faults, ...groups[reason](faults, printable(target)) }
    })
    .toSorted((a, b) => order.indexOf(a.healing) - order.indexOf(b.healing))
}

export function resultSentence(result: CheckResult, depth: VerifyDepth, target: string): string {
  const { ok, cancelled, blocks, good, repaired } = result
  const where = printable(target)
  if (cancelled) return `Stopped after ${count(good)} blocks. The next check goes on from there.`
  const healed = repaired > 0 ? ` ${counted(repaired, 'block')} had to be sent again.` : ''
  const how = depth === 'full' ? `read back from ${where}, each compared with its score` : `found on ${where}`
  if (ok) return `All ${count(blocks)} blocks ${how}.${healed}`
  return blocks === 0
    ? `Nothing could be checked on ${where}: that is no pass.`
    : `${count(good)} of ${count(blocks)} known blocks ${how}.${healed}`
}

/** What was known of a root on a target before this session: the log keeps counts, not blocks. */
export function earlierSentence(check: RootView['checks'][number] | undefined, target: string): string {
  const where = printable(target)
  if (check === undefined) return `Nobody has looked yet whether this archive is whole on ${where}.`
  const { ok, depth, missing, corrupt } = check
  if (ok)
    return depth === 'full'
      ? `Every block was read back from ${where} and compared with its score.`
      : `Every block is there, as ${where} says itself.`
  const found = [
    ...(missing > 0 ? [`${counted(missing, 'block')} missing`] : []),
    ...(corrupt > 0 ? [`${counted(corrupt, 'block')} damaged`] : []),
  ].join(', ')
  return `Not whole on ${where}${found === '' ? '' : `: ${found}`}.`
}
