// One entry of a partition table as bytes of the disk, whatever the table.

import { hexNumber } from '../bytes/hex.ts'

export type Span = {
  readonly isPlan9: boolean
  /** Number of the entry in its table, from 1. */
  readonly slot: number
  /** What its table says it is, in words. */
  readonly title: string
  /** Its name in a GPT; null without one. */
  readonly name: string | null
  readonly offset: number
  readonly sizeBytes: number
  /** What its table gives it beyond the end of the disk; not part of `sizeBytes`. */
  readonly cutBytes: number
}

/**
 * The span as far as the disk reaches, or null with the reason in `problems`. Only a Plan 9 partition may be cut off: those
 * inside it are judged one by one.
 */
export function fitSpan(span: Span, diskBytes: number, problems: string[]): Span | null {
  const { offset, sizeBytes, slot, title } = span
  const end = offset + sizeBytes
  if (Number.isSafeInteger(end) && sizeBytes > 0 && end <= diskBytes) return span
  const place = `partition ${slot} (${title})`
  const range = `${hexNumber(offset)} to ${hexNumber(end)}`
  if (!Number.isSafeInteger(end) || sizeBytes <= 0) {
    problems.push(`${place} is left out: its range ${range} makes no sense`)
    return null
  }
  const beyond = `${place} reaches from ${range}, but the disk ends at ${hexNumber(diskBytes)}`
  if (!span.isPlan9 || offset >= diskBytes) {
    problems.push(`${beyond}: it is left out`)
    return null
  }
  problems.push(`${beyond}: only what is inside is listed`)
  return { ...span, sizeBytes: diskBytes - offset, cutBytes: end - diskBytes }
}
