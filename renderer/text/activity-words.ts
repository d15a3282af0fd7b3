// Lines of the activity as sentences. Pure.

import type { ActivityLine, RunTarget } from '../../shared/model/window.ts'
import { capital, count, counted, dayWords, duration, hex, printable, size } from './format.ts'

type Tone = 'ok' | 'late' | 'bad' | 'plain' | 'sealed'
export type ActivityWords = {
  readonly tone: Tone
  readonly label: string
  readonly headline: string
  readonly details: readonly string[]
  /** Lines to be read character by character, each after what it is. */
  readonly code: readonly { readonly what: string; readonly text: string }[]
  /** How long it took; null for what takes no time. */
  readonly took: string | null
}

export type ActivityDay = { readonly title: string; readonly lines: readonly ActivityLine[] }

/** "05:31", in the time zone of the machine. */
export function clockOf(iso: string): string {
  const date = new Date(iso)
  return `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`
}

/** Newest first as they come; "Today", "Yesterday", "18 November". */
export function activityDays(lines: readonly ActivityLine[], now: number): readonly ActivityDay[] {
  const days = new Map<string, ActivityLine[]>()
  for (const line of lines) {
    const words = dayWords(line.at, now)
    const title = /^\d/.test(words) ? words : capital(words.slice(0, words.lastIndexOf(' ')))
    const day = days.get(title)
    if (day === undefined) days.set(title, [line])
    else day.push(line)
  }
  return [...days].map(([title, ofDay]) => ({ title, lines: ofDay }))
}

function targetSentence({ name, ok, error, sent, present, bytesSent }: RunTarget): string {
  const shown = printable(name)
  if (!ok)
    return `${shown}: ${printable(error ?? 'not reached')}. Its position is kept; the next sync goes on from there.`
  const there = present > 0 ? `, ${count(present)} were there already` : ''
  return sent === 0 && present === 0
    ? `${shown}: nothing new.`
    : `${shown}: ${counted(sent, 'block')} sent (${size(bytesSent)})${there}.`
}

function runWords(line: Extract<ActivityLine, { kind: 'run' }>): ActivityWords {
  const { result, targets, damage, durationMs } = line
  const sent = Math.max(0, ...targets.map((one) => one.sent))
  const failed = targets.filter(({ ok }) => !ok).map(({ name }) => printable(name))
  const headlines = {
    ok: sent === 0 ? 'Synced: nothing was new' : `Synced: ${counted(sent, 'new block')}`,
    attention:
      failed.length > 0
        ? `Synced, but not to ${failed.join(' and ')}`
        : `Synced, with ${counted(damage, 'damaged place')}`,
    failed: 'The sync did not come through',
    cancelled: 'The sync was stopped; it goes on from its last checkpoint',
  } as const
  const tones = { ok: 'ok', attention: 'late', failed: 'bad', cancelled: 'plain' } as const
  const labels = { ok: 'synced', attention: 'needs a look', failed: 'failed', cancelled: 'stopped' } as const
  return {
    tone: tones[result],
    label: labels[result],
    headline: headlines[result],
    details: [
      ...targets.map(targetSentence),
      ...(damage > 0 ? [`${counted(damage, 'damaged place')} in the source; what is good was sent.`] : []),
    ],
    code: [],
    took: duration(durationMs),
  }
}

function checkWords(line: Extract<ActivityLine, { kind: 'check' }>): ActivityWords {
  const { result, root, name, depth, blocks, missing, corrupt, repaired, drill, durationMs } = line
  // What a check that passed has shown, and what one that did not has done.
  const passed = depth === 'full' ? 'every block was read back' : 'every block is there'
  const done = depth === 'full' ? 'each one read back' : 'each one asked for'
  const where = printable(name)
  const headlines = {
    ok: `${root} is whole on ${where}`,
    failed: `${root} is not whole on ${where}`,
    cancelled: `The check of ${root} on ${where} was stopped`,
  } as const
  return {
    tone: result === 'ok' ? 'ok' : result === 'failed' ? 'bad' : 'plain',
    label: result === 'ok' ? 'whole' : result === 'failed' ? 'not whole' : 'stopped',
    headline: headlines[result],
    details: [
      `${counted(blocks, 'block')}, ${result === 'ok' ? passed : done}.`,
      ...faultsOf(missing, corrupt, repaired),
      ...(drill === null ? [] : [`Restore drill: ${counted(drill, 'file')} read whole.`]),
    ],
    code: [],
    took: duration(durationMs),
  }
}

function faultsOf(missing: number, corrupt: number, repaired: number): readonly string[] {
  const parts = [
    ...(missing > 0 ? [`${count(missing)} missing`] : []),
    ...(corrupt > 0 ? [`${count(corrupt)} damaged`] : []),
    ...(repaired > 0 ? [`${count(repaired)} sent again`] : []),
  ]
  return parts.length === 0 ? [] : [`${parts.join(', ')}.`]
}

/** `nameOf`: what the user calls the target with this dial string. */
export function activityWords(line: ActivityLine, nameOf: (dial: string) => string): ActivityWords {
  if (line.kind === 'run') return runWords(line)
  if (line.kind === 'check') return checkWords(line)
  if (line.kind === 'rollover') {
    const { fromArena, fromOffset, toArena, toArenaOffset, wrcmdBefore, wrcmdAfter, dial } = line
    return {
      tone: 'sealed',
      label: 'rollover',
      headline: `${printable(fromArena)} is complete on ${printable(nameOf(dial))}, ${printable(toArena)} took over`,
      details: [
        `${printable(fromArena)} ends at ${hex(fromOffset)}; ${printable(toArena)} begins at ${toArenaOffset}, the number for wrarena -o.`,
      ],
      code: [
        ...(wrcmdBefore === null ? [] : [{ what: 'wrcmd was', text: printable(wrcmdBefore) }]),
        ...(wrcmdAfter === null ? [] : [{ what: 'wrcmd is', text: printable(wrcmdAfter) }]),
      ],
      took: null,
    }
  }
  const { damage, words, owedTo } = line
  const owed = owedTo.map((dial) => printable(nameOf(dial)))
  return {
    tone: 'late',
    label: 'damage',
    headline: `${damage.arena === '' ? 'The partition' : printable(damage.arena)} is damaged at ${hex(damage.offset)}`,
    details: [
      `${capitalAfterArena(printable(words))}.`,
      owed.length === 0
        ? 'No target lacks a block because of it.'
        : `Left out on ${owed.join(' and ')}; sent as soon as a good copy is seen.`,
    ],
    code: [],
    took: null,
  }
}

/** The names of arenas stay as they are. */
const capitalAfterArena = (text: string): string => (text.startsWith('byte ') ? capital(text) : text)
