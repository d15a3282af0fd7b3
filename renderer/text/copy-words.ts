// The sentences of the first copy and of the check behind it: where it is, where it stopped, what each target has. Pure.

import type { VerifyDepth } from '../../shared/model/verify.ts'
import type {
  ArenaMap,
  CheckJobView,
  MirrorView,
  SyncJobView,
  TargetCopy,
  TargetView,
} from '../../shared/model/window.ts'
import { hasPercent, sentPart, type LiveCursors } from '../components/arena-map/arena-view.ts'
import { count, counted, percent, printable, rate, size, timeRange } from './format.ts'
import { capital, listed } from './overview-words.ts'
import { slowestOf } from './run-words.ts'

const takingPart = ({ targets }: SyncJobView): readonly TargetCopy[] => {
  const good = targets.filter(({ phase }) => phase !== 'failed')
  return good.length > 0 ? good : targets
}

const namesOf = (targets: readonly { readonly name: string }[]): string =>
  listed(targets.map(({ name }) => printable(name)))

/** Of the arenas that hold something: the place of this one, from 1, and how many there are. */
export function placeAmongFilled(map: ArenaMap, index: number): readonly [place: number, of: number] {
  let place = 0
  let of = 0
  for (const [at, used] of map.used.entries()) {
    if (used === 0) continue
    of++
    if (at <= index) place = of
  }
  return [Math.max(1, place), of]
}

/** "Copying arena 2 of 4 to basement". */
export function copyHeadline(job: SyncJobView, map: ArenaMap | null): string {
  switch (job.state) {
    case 'pausing':
      return 'Pausing at the next checkpoint …'
    case 'cancelling':
      return 'Stopping at the next checkpoint …'
    case 'paused':
      return 'The copy is paused'
    case 'ended':
      return endedHeadline(job)
    case 'running':
      break
  }
  const to = namesOf(takingPart(job).filter(({ phase }) => phase !== 'done'))
  if (job.stage === 'verify' || to === '') return `Everything is on ${namesOf(takingPart(job))}`
  const arena = slowestOf(job)?.arena ?? null
  if (map === null || arena === null) return `Copying to ${to}`
  const [place, of] = placeAmongFilled(map, arena.index)
  return `Copying arena ${place} of ${of} to ${to}`
}

function endedHeadline(job: SyncJobView): string {
  const good = job.targets.filter(({ phase }) => phase === 'done')
  if (job.result === 'cancelled') return 'The copy was cancelled'
  if (good.length === 0) return 'The copy did not come through'
  return `Everything is on ${namesOf(good)}`
}

/** "41.2 GB of 96.4 GB · 108.0 MB/s · 8 to 9 minutes left": of the target that the copy waits for. */
export function copyLine(job: SyncJobView): string {
  const slowest = slowestOf(job)
  if (slowest === null || slowest.blocksTotal === 0) return 'Looking for what is to be sent …'
  const { bytesDone, bytesTotal, bytesPerSecond, secondsLeft, phase } = slowest
  const parts = [`${size(bytesDone)} of ${size(bytesTotal)}`]
  if (job.state === 'running') {
    if (phase === 'copying' && bytesPerSecond > 0) {
      parts.push(rate(bytesPerSecond))
      parts.push(secondsLeft === null ? 'time left not known yet' : `${timeRange(secondsLeft)} left`)
    } else if (phase === 'syncing') parts.push(`waiting for ${printable(slowest.name)} to confirm`)
    else if (phase === 'waiting') parts.push(`${printable(slowest.name)} cannot be reached now, trying again`)
    else if (phase === 'connecting') parts.push(`connecting to ${printable(slowest.name)}`)
  }
  return parts.join(' · ')
}

/** Of all that is sent, rounded down; null: it is not known yet how much that is. Never 100 before all is confirmed. */
export function copyPercent(job: SyncJobView): number | null {
  const slowest = slowestOf(job)
  if (slowest === null) return null
  if (slowest.phase === 'done') return 100
  if (slowest.blocksTotal === 0) return null
  return Math.min(99, percent(slowest.bytesDone, slowest.bytesTotal))
}

/** Where a copy stands that does not run: "arenas1, 43 % of which are on basement". */
export function stoppedWords(map: ArenaMap, live: LiveCursors): string {
  const places = map.targets.map(({ name }, number) => {
    const at = map.used.findIndex((used, index) => used > 0 && hasPercent(map, live, number, index) < 100)
    if (at < 0) return `${printable(name)} has everything.`
    const has = hasPercent(map, live, number, at)
    const arena = printable(map.names[at] ?? '')
    if (at === map.used.findIndex((used) => used > 0) && has === 0)
      return `${printable(name)} has confirmed nothing yet.`
    return has === 0
      ? `${printable(name)} has everything before ${arena}.`
      : `${printable(name)} has everything before ${arena}, and ${has} % of that.`
  })
  return places.join(' ')
}

export type CopyCell = {
  readonly state: 'empty' | 'waiting' | 'copying' | 'there'
  readonly percent: number
  readonly words: string
}

/** How far one arena is on its way to one target. `number`: of the target in the map. */
export function copyCell(
  map: ArenaMap,
  live: LiveCursors,
  number: number,
  index: number,
  copy: TargetCopy | null,
): CopyCell {
  const clumps = map.clumps[index] ?? 0
  if ((map.used[index] ?? 0) === 0) return { state: 'empty', percent: 0, words: '–' }
  if (copy?.phase === 'done' || hasPercent(map, live, number, index) === 100) {
    return { state: 'there', percent: 100, words: counted(clumps, 'block') }
  }
  const part = Math.min(99, Math.floor(sentPart(map, live, number, index) * 100))
  const arena = copy?.arena?.index === index ? copy.arena : null
  if (arena !== null) return { state: 'copying', percent: part, words: `${part} % of ${counted(clumps, 'block')}` }
  return part === 0
    ? { state: 'waiting', percent: 0, words: 'waiting' }
    : { state: 'waiting', percent: part, words: `${part} % of ${counted(clumps, 'block')}` }
}

/** Of an arena on its way: the blocks that were found on the target, so that they were not sent. */
export function presentWords(copy: TargetCopy | null, index: number): string {
  return copy?.arena?.index === index ? count(copy.arena.present) : ''
}

/** What a target that failed means for the others; null: none has. */
export function failedWords(job: SyncJobView): { readonly title: string; readonly text: string } | null {
  const failed = job.targets.filter(({ phase }) => phase === 'failed')
  // A pause and a cancel end every target's part in it: nothing is wrong with them.
  const isOurs = job.state === 'paused' || job.state === 'cancelling' || job.state === 'pausing'
  if (failed.length === 0 || isOurs || job.result === 'cancelled') return null
  const others = job.targets.filter(({ phase }) => phase !== 'failed')
  const names = namesOf(failed)
  const goes = job.state === 'ended' ? 'not affected' : others.length === 1 ? 'goes on' : 'go on'
  const title =
    others.length === 0
      ? `${names} cannot be copied to.`
      : job.state === 'ended'
        ? `${names} was left behind; ${namesOf(others)} ${others.length === 1 ? 'is' : 'are'} ${goes}.`
        : `${names} was left behind; ${namesOf(others)} ${goes}.`
  const text = 'What it confirmed so far is kept, and it goes on from there: try again when it can be reached.'
  return { title, text }
}

// The check of the newest root

export type RootVerdict = {
  readonly state: 'unknown' | 'running' | 'whole' | 'faulty'
  readonly words: string
}

/** The newest word there is of the newest root on a target: a check begun here, the copy's own, one of an earlier day. */
export function rootVerdict(target: TargetView, job: SyncJobView | null, check: CheckJobView | null): RootVerdict {
  const name = printable(target.name)
  const isCheckNewer = check !== null && (job === null || check.startedAt > job.startedAt)
  if (isCheckNewer && check !== null) {
    if (check.state !== 'ended') return { state: 'running', words: `Checking ${name} …` }
    if (check.result?.ok === true) return { state: 'whole', words: wholeWords(name, check.result.blocks, check.depth) }
    const faults = (check.result?.missing.length ?? 0) + (check.result?.corrupt.length ?? 0)
    if (check.result?.cancelled === true || faults === 0)
      return { state: 'unknown', words: `Not checked on ${name} yet.` }
    return {
      state: 'faulty',
      words: `${counted(faults, 'block')} of it ${faults === 1 ? 'is' : 'are'} missing or damaged on ${name}.`,
    }
  }
  const found = job?.verified.find(({ dial }) => dial === target.dial)
  if (found?.ok === true) return { state: 'whole', words: `Every block of it is on ${name}.` }
  if (found !== undefined) {
    return {
      state: 'faulty',
      words: `${capital(printable(found.problem ?? 'blocks are missing')).replace(/\.$/, '')}.`,
    }
  }
  if (job !== null && job.state !== 'ended') return { state: 'running', words: `Checking ${name} …` }
  if (target.behindBlocks > 0 || target.lastSync === null) {
    return { state: 'unknown', words: `${name} has not got everything yet, so it was not checked.` }
  }
  if (target.lastVerified !== null) {
    const { blocks, depth } = target.lastVerified
    return { state: 'whole', words: wholeWords(name, blocks, depth) }
  }
  return { state: 'unknown', words: `Not checked on ${name} yet.` }
}

const wholeWords = (name: string, blocks: number, depth: VerifyDepth): string =>
  depth === 'full'
    ? `All ${counted(blocks, 'block')} of it were read back from ${name}.`
    : `All ${counted(blocks, 'block')} of it are on ${name}.`

export type VerifyHeadline = { readonly title: string; readonly text: string }

export function verifyHeadline(mirror: MirrorView, verdicts: readonly RootVerdict[]): VerifyHeadline {
  const has = (state: RootVerdict['state']): boolean => verdicts.some((one) => one.state === state)
  const names = namesOf(mirror.targets)
  const text = 'A backup counts once its newest root leads to every block below it, on the target itself.'
  if (has('running')) return { title: `Checking the newest root on ${names}`, text }
  if (has('faulty')) return { title: 'The newest root is not whole everywhere', text }
  if (has('unknown')) return { title: 'Can the backup be read?', text }
  const isReadBack = mirror.targets.every(({ lastVerified }) => lastVerified?.depth === 'full')
  return { title: isReadBack ? `Every block was read back from ${names}` : `Every block is there, on ${names}`, text }
}

/** The end of the set-up, in a sentence. */
export function doneHeadline({ name, targets }: MirrorView): string {
  const complete = targets.filter(({ behindBlocks, lastSync }) => behindBlocks === 0 && lastSync !== null)
  if (complete.length < targets.length) return `${printable(name)} is set up`
  const mirrored = `${printable(name)} is mirrored to ${namesOf(targets)}`
  if (targets.some(({ lastVerified }) => lastVerified === null)) return mirrored
  return targets.every(({ lastVerified }) => lastVerified?.depth === 'full')
    ? `${mirrored}, and every block was read back`
    : `${mirrored}, and every block is there`
}
