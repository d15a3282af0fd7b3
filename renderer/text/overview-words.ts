// The sentences of the overview: what is to do, what stands where, how old it is, how a run went. Pure, so that every one
// of them is tested; names of targets and arenas come from disks and servers and are made printable where they are put in.

import type { Forecast, MirrorView, TargetView } from '../../shared/model/window.ts'
import { age, count, counted, moment, printable, size } from './format.ts'

const hourMs = 3_600_000

/** A piece of a sentence; a name that carries it stands out. */
export type Piece = string | { readonly strong: string }

export const plain = (pieces: readonly Piece[]): string =>
  pieces.map((piece) => (typeof piece === 'string' ? piece : piece.strong)).join('')

const strong = (name: string): Piece => ({ strong: printable(name) })

/** "a", "a and b", "a, b and c". */
export function listed(words: readonly string[]): string {
  if (words.length <= 1) return words[0] ?? ''
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

function strongList(names: readonly string[]): readonly Piece[] {
  return names.flatMap((name, index): readonly Piece[] => {
    if (index === 0) return [strong(name)]
    return [index === names.length - 1 ? ' and ' : ', ', strong(name)]
  })
}

const namesOf = (targets: readonly TargetView[]): readonly string[] => targets.map(({ name }) => name)
const shown = (targets: readonly TargetView[]): string => listed(namesOf(targets).map(printable))

/** "3 days", "9 hours", since then; null: never. */
function awayFor(iso: string | null, now: number): string | null {
  return iso === null ? null : age(iso, now).replace(/ ago$/, '')
}

/** The service calls a target late for a sync or for a check that is overdue: this is the sync. */
export function isSyncLate({ isLate, lastSync }: TargetView, { lateAfterHours }: MirrorView, now: number): boolean {
  return isLate && (lastSync === null || now - Date.parse(lastSync) > lateAfterHours * hourMs)
}

/** Those a sync can reach now, as far as is known; all of them when none can be. */
function withinReach(mirror: MirrorView): readonly TargetView[] {
  const reachable = mirror.targets.filter(({ state }) => state !== 'unreachable')
  return reachable.length > 0 ? reachable : mirror.targets
}

const mostBehind = (targets: readonly TargetView[]): TargetView | null =>
  targets.reduce<TargetView | null>(
    (most, one) => (most === null || one.behindBlocks > most.behindBlocks ? one : most),
    null,
  )

/** The answer to "is everything mirrored?", in one sentence. */
export function headline(mirror: MirrorView, now: number): string {
  if (mirror.source.problem !== null) return 'The source cannot be read'
  if (mirror.targets.length === 0) return 'This mirror has no target yet'
  const away = mirror.targets.filter(({ state }) => state === 'unreachable')
  const toSend = mostBehind(withinReach(mirror))?.behindBlocks ?? 0
  if (away.length < mirror.targets.length && toSend > 0) {
    const isFirst = mirror.targets.every(({ lastSync }) => lastSync === null)
    return isFirst
      ? `${counted(toSend, 'block')} to send for the first time`
      : `${counted(toSend, 'new block')} to send`
  }
  const behind = away.filter((target) => target.behindBlocks > 0 || isSyncLate(target, mirror, now))
  if (behind.length > 1) return `${shown(behind)} cannot be reached`
  const [target] = behind
  if (target !== undefined) {
    const ago = awayFor(target.lastSync, now)
    if (ago === null) return `${printable(target.name)} was never reached`
    return ago === 'just now'
      ? `${printable(target.name)} cannot be reached`
      : `${printable(target.name)} has been away for ${ago}`
  }
  return `Everything is on ${shown(mirror.targets)}`
}

/** What is late, in words; null: nothing that the headline does not say. */
export function lateWords(mirror: MirrorView, now: number): string | null {
  const late = mirror.targets.filter((target) => isSyncLate(target, mirror, now))
  if (late.length > 1) return `${shown(late)} are behind`
  const [target] = late
  if (target !== undefined) {
    const ago = awayFor(target.lastSync, now)
    if (headline(mirror, now).startsWith(printable(target.name))) return null
    return `${printable(target.name)} ${ago === null ? 'was never synced' : `is ${ago} behind`}`
  }
  if (!mirror.isLate) return null
  return mirror.targets.some(({ lastVerified }) => lastVerified !== null) ? 'a check is overdue' : 'never checked'
}

function inArenas(arenas: readonly string[]): readonly Piece[] {
  if (arenas.length === 0) return []
  if (arenas.length > 3) {
    return [
      ` in ${count(arenas.length)} arenas, `,
      strong(arenas[0] as string),
      ' to ',
      strong(arenas.at(-1) as string),
    ]
  }
  return [' in ', ...strongList(arenas)]
}

/** What is new, in which arenas, and which target lacks what. */
export function explanation(mirror: MirrorView): readonly Piece[] {
  const { targets, toSend } = mirror
  if (targets.length === 0) return ['Add a target under Settings, and the first sync can begin.']
  const behind = targets.filter(({ behindBlocks }) => behindBlocks > 0)
  const complete = targets.filter(({ behindBlocks }) => behindBlocks === 0)
  if (behind.length === 0) {
    const totals = mirror.source.totals
    const all =
      totals === null ? '' : `All ${counted(totals.blocks, 'block')} of ${counted(totals.arenas, 'arena')} are there. `
    const away = targets.filter(({ state }) => state === 'unreachable')
    if (away.length === 0) return [all, 'Nothing new was written since.']
    return [all, ...strongList(namesOf(away)), ' cannot be reached at the moment; nothing is waiting for it.']
  }
  const most = mostBehind(behind) as TargetView
  const pieces: Piece[] = []
  if (behind.every(({ behindBlocks }) => behindBlocks === most.behindBlocks)) {
    pieces.push(size(most.behindBytes), ...inArenas(toSend.arenas), '. ')
    if (complete.length > 0) pieces.push('Everything is on ', ...strongList(namesOf(complete)), '; ')
    const isWhole = complete.length === 0
    pieces.push(...strongList(namesOf(behind)), behind.length === 1 ? ' lacks ' : ' lack ')
    pieces.push(isWhole ? 'just these.' : `${counted(most.behindBlocks, 'block')}.`)
  } else {
    if (complete.length > 0) pieces.push('Everything is on ', ...strongList(namesOf(complete)), '; ')
    const each = behind.toSorted((one, other) => one.behindBlocks - other.behindBlocks)
    for (const [index, { name, behindBlocks, behindBytes }] of each.entries()) {
      const blocks = index === 0 ? ` lacks ${counted(behindBlocks, 'block')}` : ` ${count(behindBlocks)}`
      if (index > 0) pieces.push(', ')
      pieces.push(strong(name), `${blocks} (${size(behindBytes)})`)
    }
    pieces.push(...inArenas(toSend.arenas), '.')
  }
  const away = behind.filter(({ state }) => state === 'unreachable')
  if (away.length > 0) {
    pieces.push(
      ' ',
      ...strongList(namesOf(away)),
      ` cannot be reached and will catch up from where ${away.length === 1 ? 'it' : 'each'} stands.`,
    )
  }
  return pieces
}

export type SampleDayWords = { readonly title: string; readonly text: string; readonly canGoOn: boolean }

/** What can be tried next with a mirror of the sample. */
export function sampleDayWords({ sample, toSend }: Pick<MirrorView, 'sample' | 'toSend'>): SampleDayWords {
  const { day, days } = sample ?? { day: 1, days: 1 }
  const title = `Sample data, day ${day} of ${days}`
  if (day >= days) {
    const last =
      toSend.blocks > 0 ? 'This is the last day of the sample: sync it.' : 'That was the last day of the sample.'
    return { title, text: `${last} Set up a mirror of your own next.`, canGoOn: false }
  }
  const text =
    toSend.blocks > 0
      ? 'Sync first: what this day brought is not on every target yet. Then the next day can be added.'
      : 'Its source gets what a day of archiving adds, a new root among it. Then the daily sync can be tried.'
  return { title, text, canGoOn: toSend.blocks === 0 }
}

export type Age = {
  readonly label: string
  readonly value: string
  /** Exact time, for a title; null: there is none. */
  readonly at: string | null
  readonly details: readonly { readonly text: string; readonly isLate: boolean; readonly isMono?: boolean }[]
  /** What is late about it; null: nothing. */
  readonly late: string | null
}

const newest = (times: readonly (string | null)[]): string | null =>
  times.reduce<string | null>((latest, at) => (at !== null && (latest === null || at > latest) ? at : latest), null)

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const rootFrom = { rootscor: 'rootscor', fossil: 'fossil', arenas: 'found in the arenas' } as const

/** The three ages: newest root, last acknowledged sync, last passed verification. */
export function agesOf(mirror: MirrorView, now: number): readonly [Age, Age, Age] {
  const { newestRoot, targets } = mirror
  const synced = newest(targets.map(({ lastSync }) => lastSync))
  const lateTargets = targets.filter((target) => isSyncLate(target, mirror, now))
  const verified = targets.filter(({ lastVerified }) => lastVerified !== null)
  const best = verified.toSorted((one, other) =>
    (other.lastVerified?.at ?? '').localeCompare(one.lastVerified?.at ?? ''),
  )[0]
  const check = best?.lastVerified ?? null
  const isOld = (at: string | null): boolean => at === null || now - Date.parse(at) > mirror.lateAfterHours * hourMs
  const isCheckLate = isOld(check?.at ?? null)
  return [
    {
      label: 'Newest root on the source',
      value: newestRoot === null ? 'none known' : newestRoot.at === null ? 'date unknown' : age(newestRoot.at, now),
      at: newestRoot?.at ?? null,
      details:
        newestRoot === null
          ? [{ text: 'Verify finds roots in the arenas, or takes a score you paste', isLate: false }]
          : [
              { text: newestRoot.score, isLate: false, isMono: true },
              {
                text: `${rootFrom[newestRoot.from]}${newestRoot.at === null ? '' : `, ${moment(newestRoot.at, now)}`}`,
                isLate: false,
              },
            ],
      late: null,
    },
    {
      label: 'Last acknowledged sync',
      value: age(synced, now),
      at: synced,
      details: targets.map((target) => ({
        text: `${printable(target.name)} ${shortAge(target.lastSync, now)}`,
        isLate: isSyncLate(target, mirror, now),
      })),
      late: lateTargets.length === 0 ? null : `${shown(lateTargets)} late`,
    },
    {
      label: 'Last passed verification',
      value: age(check?.at ?? null, now),
      at: check?.at ?? null,
      details:
        best === undefined || check === null
          ? [{ text: 'No root was checked yet', isLate: false }]
          : [
              {
                text: `${check.depth === 'full' ? 'every block read back' : 'every block there'}, ${counted(check.blocks, 'block')}`,
                isLate: false,
              },
              ...targets.map(({ name, lastVerified }) => ({
                text: `${printable(name)} ${shortAge(lastVerified?.at ?? null, now)}`,
                isLate: isOld(lastVerified?.at ?? null),
              })),
            ],
      late: isCheckLate && synced !== null ? (best === undefined ? 'never checked' : 'late') : null,
    },
  ]
}

/** "1 d", "5 h", "now", "never". */
export function shortAge(iso: string | null, now: number): string {
  if (iso === null) return 'never'
  const ms = Math.max(0, now - Date.parse(iso))
  if (ms < 60_000) return 'now'
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`
  return ms < 48 * 3_600_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} d`
}

/** "19 days", "7 weeks", "4 months", "2 years". */
export function span(days: number): string {
  if (days < 1) return 'less than a day'
  if (days < 60) return counted(Math.round(days), 'day')
  return days < 700 ? counted(Math.round(days / 30.44), 'month') : counted(Math.round(days / 365.25), 'year')
}

/** "arenas3 full in about 19 days; the partition in about 2 years"; null: too short a history. */
export function forecastWords(forecast: Forecast): string | null {
  const { activeArena, activeFullDays, partitionFullDays } = forecast
  const about = (days: number): string => (days < 1 ? span(days) : `about ${span(days)}`)
  const parts: string[] = []
  if (activeArena !== null && activeFullDays !== null)
    parts.push(`${printable(activeArena)} full in ${about(activeFullDays)}`)
  if (partitionFullDays !== null) {
    parts.push(`the partition ${parts.length === 0 ? 'full ' : ''}in ${about(partitionFullDays)}`)
  }
  return parts.length === 0 ? null : parts.join('; ')
}

export type RolloverWords = {
  readonly title: string
  /** The line in wrcmd before and after; null: this rollover did not move it. */
  readonly lines: { readonly before: string | null; readonly after: string | null } | null
  /** Where it did not: what wrcmd says all the same; null: no 9fat follows. */
  readonly standing: string | null
}

/** The last rollover; null: none yet. wrcmd speaks for one target, so that of another leaves it alone. */
export function rolloverWords({ lastRollover, targets, wrcmd }: MirrorView, now: number): RolloverWords | null {
  if (lastRollover === null) return null
  const { at, dial, fromArena, toArena, wrcmdBefore, wrcmdAfter } = lastRollover
  const name = targets.length < 2 ? undefined : targets.find((target) => target.dial === dial)?.name
  const where = name === undefined ? '' : ` on ${printable(name)}`
  const title = `Rolled over ${age(at, now)}${where}: ${printable(fromArena)} filled, ${printable(toArena)} took over.`
  const isMoved = wrcmdBefore !== null || wrcmdAfter !== null
  return { title, lines: isMoved ? { before: wrcmdBefore, after: wrcmdAfter } : null, standing: isMoved ? null : wrcmd }
}
