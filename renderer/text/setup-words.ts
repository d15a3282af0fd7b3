// The sentences of the set-up: what a path turned out to be, how a target answered, what wrcmd says, how far the copy is, what
// the check found. Pure; names come from disks and servers and are made printable where they are put in.

import type { PartitionKind } from '../../shared/model/partition.ts'
import type {
  SetupDraft,
  SetupPlan,
  SourceLook,
  SourceTotals,
  TargetTest,
  WrcmdLook,
} from '../../shared/model/window.ts'
import { counted, hex, printable, rate, size, timeRange } from './format.ts'

const mebibyte = 2 ** 20
/** What the service makes at least. */
export const smallestStoreBytes = 2 * mebibyte
const usualStoreBytes = 64 * mebibyte

export type Fact = { readonly term: string; readonly value: string; readonly note?: string; readonly isMono?: boolean }

// Source

export const kindWords: Readonly<Record<PartitionKind, string>> = {
  arenas: 'arenas',
  isect: 'index',
  bloom: 'index filter',
  fossil: 'fossil',
  '9fat': '9fat',
  fat: 'FAT',
  nvram: 'nvram',
  swap: 'swap',
  plan9: 'Plan 9 table',
  unknown: 'not recognised',
}

/** "4 arenas: 2 sealed, 1 in use, 1 empty". */
export function arenasWords({ arenas, sealed, empty }: SourceTotals): string {
  const inUse = arenas - sealed - empty
  const parts = [
    ...(sealed > 0 ? [`${sealed} sealed`] : []),
    ...(inUse > 0 ? [`${inUse} in use`] : []),
    ...(empty > 0 ? [`${empty} empty`] : []),
  ]
  return `${counted(arenas, 'arena')}: ${parts.join(', ')}`
}

/** "128 328 blocks, 96.4 GB to send": uncompressed, as it goes over the wire. */
export const amountWords = ({ blocks, bytes }: SourceTotals): string =>
  `${counted(blocks, 'block')}, ${size(bytes)} to send`

export type LookWords = { readonly title: string; readonly text: string }

/** What a path is that cannot be mirrored as it is, and what to choose in its place; null: it can be. */
export function lookWords(look: SourceLook): LookWords | null {
  if (look.totals !== null) return null
  const arenas = look.partitions.filter(({ kind }) => kind === 'arenas').length
  switch (look.kind) {
    case 'disk':
      if (arenas === 0) {
        return {
          title: 'There are no arenas on this disk.',
          text: 'Choose the disk that your venti stores into; the file venti.conf on its 9fat names it.',
        }
      }
      return arenas === 1
        ? { title: 'This is a whole disk.', text: 'Its arenas partition is the one to mirror.' }
        : {
            title: `This is a whole disk with ${arenas} arenas partitions.`,
            text: 'Choose one, or the configuration file of the venti: it stands for all partitions that venti uses.',
          }
    case '9fat':
      return {
        title: 'This is a 9fat, not a store.',
        text: 'It comes in later, as bookkeeping. Choose the arenas partition here.',
      }
    case 'fossil':
      return {
        title: 'This is a fossil, not a venti.',
        text: 'It comes in later, as bookkeeping. Choose the arenas partition of the venti that it archives to.',
      }
    case 'arenas':
      return {
        title: 'This is an arenas partition, but it cannot be read.',
        text: 'Nothing was changed. “venti-mirror arenas PATH --check” says more about what is wrong.',
      }
    case 'config':
      return {
        title: 'This is the configuration of a venti, but its partitions cannot be read.',
        text: 'The paths in it have to be those of this computer.',
      }
    case 'other':
      return {
        title: 'This is nothing that can be mirrored.',
        text: 'An arenas partition is wanted: a raw device such as /dev/sdb3, a whole disk with a Plan 9 partition, an image of either, or the configuration file of a venti. It was only read.',
      }
  }
}

/** The file that a place is in: all but the name of a partition after the colon. */
export function diskOf(path: string): string {
  const at = path.lastIndexOf(':')
  return at > 0 && !path.slice(at).includes('/') ? path.slice(0, at) : path
}

/** Whether both are partitions of one disk. */
export const isSameDisk = (path: string, source: string): boolean =>
  diskOf(path) !== path && diskOf(path) === diskOf(source)

// Targets

/** What to call a target unless its owner says something else: its host, or the machine on the way where that is its own. */
export function nameOfDial(dial: string): string {
  const [, hop, far] = /^ssh:\/\/(?:[^@!]*@)?(\[[^\]]*\]|[^:!]*)(?::\d+)?!([^!]*)/i.exec(dial.trim()) ?? []
  if (hop !== undefined && far !== undefined) {
    return (/^(?:localhost|127(?:\.\d+){3}|\[?::1\]?)$/i.test(far) ? hop : far).slice(0, 64)
  }
  const [first = '', host] = dial.trim().split('!')
  const name = host ?? first.replace(/:\d+$/, '')
  return name.replace(/^\$/, '').slice(0, 64)
}

/** `wish`, with a number behind it when a target is called that already. */
export function freeTargetName(wish: string, { targets }: Pick<SetupDraft, 'targets'>): string {
  const taken = new Set(targets.map(({ name }) => name))
  if (!taken.has(wish)) return wish
  for (let number = 2; ; number++) if (!taken.has(`${wish} ${number}`)) return `${wish} ${number}`
}

const roundTrip = (ms: number): string => (ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`)

/** Facts of a target that answered. */
export function testFacts(test: TargetTest): readonly Fact[] {
  return [
    ...(test.version === null ? [] : [{ term: 'Protocol', value: `version ${test.version}` }]),
    ...(test.roundTripMs === null ? [] : [{ term: 'Round trip', value: roundTrip(test.roundTripMs) }]),
    { term: 'Room', value: test.freeBytes === null ? 'it does not say' : `${size(test.freeBytes)} free` },
    ...(test.answersProbes === false
      ? [{ term: 'Probes', value: 'not answered: what is there already is sent again' }]
      : []),
  ]
}

/** Room enough for the source as it is when it is full, and for what a store adds. */
export function suggestedStoreBytes(totals: SourceTotals | null): number {
  if (totals === null) return usualStoreBytes
  const wanted = Math.max(usualStoreBytes, totals.sizeBytes, totals.bytes * 1.1)
  const unit = wanted > 8 * 1024 * mebibyte ? 1024 * mebibyte : mebibyte
  return Math.ceil(wanted / unit) * unit
}

/** What to call a store unless its owner says something else: its folder. */
export function storeName(folder: string): string {
  const name = folder.split(/[/\\]/).findLast((part) => part !== '') ?? ''
  return name === '' ? 'second disk' : name.slice(0, 64)
}

// Bookkeeping

export type Verdict = { readonly tone: 'ok' | 'warn' | 'bad'; readonly title: string; readonly text: string }

/** Whether a sync may follow a 9fat, in words. */
export function wrcmdVerdict(look: WrcmdLook): Verdict {
  const errors = look.problems.filter(({ severity }) => severity === 'error')
  if (look.problem !== null) {
    return { tone: 'bad', title: 'The 9fat cannot be used as it is.', text: look.problem.happened }
  }
  if (errors.length > 0) {
    return {
      tone: 'bad',
      title: 'The line in wrcmd does not do what it should, so it is not taken over.',
      text: 'Nothing was changed. Have the right line written here, put it right on its own machine and check again, or go on without a 9fat.',
    }
  }
  if (!look.canImport) {
    return {
      tone: 'bad',
      title: 'The 9fat is not in order, so nothing will be written to it.',
      text: 'Have it checked on its own machine, or go on without a 9fat.',
    }
  }
  if (look.line === null || look.line === '') {
    return {
      tone: 'ok',
      title: 'There is no line in wrcmd yet.',
      text: 'Each sync records it in rootscor as ventiprog would, as soon as a line in wrcmd names one of the targets.',
    }
  }
  return {
    tone: look.problems.length > 0 ? 'warn' : 'ok',
    title: 'The line in wrcmd fits the arenas. Each sync will keep it up to date.',
    text: 'ventiprog goes on from there: the same line, with the new offset, also after an arena has filled.',
  }
}

/** Whether the program's own line may be offered: the volume is in order, and its line is wrong or missing. */
export function canSetWrcmd({ line, problems, problem, canImport }: WrcmdLook): boolean {
  if (problem !== null) return false
  if (line === null || line.trim() === '') return canImport
  return problems.some(({ severity }) => severity === 'error')
}

/** Whom such a line may send to: as the one that is there says, or one of the targets. */
export function wrcmdHosts(
  { command }: Pick<WrcmdLook, 'command'>,
  { targets }: Pick<SetupDraft, 'targets'>,
): readonly { readonly dial: string | null; readonly name: string }[] {
  const named = command?.host ?? null
  return [
    ...(named === null ? [] : [{ dial: null, name: `${named}, as the line says` }]),
    ...targets.map(({ dial, name }) => ({ dial, name })),
  ]
}

/** The line of wrcmd taken apart. */
export function wrcmdFacts({ command, arena }: WrcmdLook): readonly Fact[] {
  if (command === null) return []
  const { program, host, arenaOffset, partition, clumpOffset } = command
  return [
    { term: 'Program', value: printable(program), isMono: true },
    {
      term: 'Sends to',
      value: host === null ? '$venti of its machine' : printable(host),
      isMono: host !== null,
    },
    { term: 'Reads', value: printable(partition), isMono: true },
    {
      term: 'Arena',
      value: arena === null ? 'none begins there' : printable(arena),
      note: arenaOffset === null ? 'no -o: the first of the partition' : `-o ${arenaOffset}`,
    },
    { term: 'Done up to', value: hex(clumpOffset), note: 'offset in that arena', isMono: true },
  ]
}

// Plan

/** "about 3 minutes at 95.0 MB/s, as just measured"; an honest range. */
export function planTime({ seconds, measuredBytesPerSecond }: SetupPlan): string {
  if (seconds === null || measuredBytesPerSecond === null) return 'It could not be measured how long that takes.'
  return `${timeRange(seconds)}: the source was just read at ${rate(measuredBytesPerSecond)}, targets may be slower`
}

export function planHeadline({ targets }: SetupPlan): string {
  const most = targets.reduce((one, other) => (other.bytes > one.bytes ? other : one), { blocks: 0, bytes: 0 })
  return most.blocks === 0 ? 'Nothing is left to copy' : `${counted(most.blocks, 'block')} to copy, ${size(most.bytes)}`
}

/** What the service takes as a name of a mirror. */
export const isMirrorName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/.test(name)

export const targetNames = ({ targets }: Pick<SetupDraft, 'targets'>): readonly string[] =>
  targets.map(({ name }) => printable(name))
