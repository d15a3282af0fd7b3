// The configuration of a venti server, plain or embedded at 248 KiB of one of its partitions. Authority: plan9port
// srv/config.c, conf.rc. Only what names partitions and addresses matters to a reader; other lines are ignored.

import { AppError } from '../../../shared/errors.ts'

/** Where a partition carries its configuration, and how it begins. */
export const embeddedConfigOffset = 248 * 1024
export const maxConfigBytes = 8192
const embeddedMark = 'venti config\n'

export type VentiConfig = {
  readonly index: string | null
  /** Arena partitions in fill order. */
  readonly arenas: readonly string[]
  /** Dial string the server listens on; null when the default applies. */
  readonly address: string | null
  readonly httpAddress: string | null
}

/** Rejects with `bad-config` when no line names an arena partition. */
export function decodeVentiConfig(text: string, source: string): VentiConfig {
  const arenas: string[] = []
  let index: string | null = null
  let address: string | null = null
  let httpAddress: string | null = null
  for (const line of text.split('\n')) {
    const fields = line
      .replace(/#.*/, '')
      .split(/[ \t\r]+/)
      .filter((field) => field !== '')
    const [key, value] = fields
    if (key === undefined || value === undefined) continue
    if (key === 'arenas') arenas.push(value)
    else if (key === 'index') index = value
    else if (key === 'addr') address = value
    else if (key === 'httpaddr') httpAddress = value
  }
  if (arenas.length === 0) {
    throw new AppError('bad-config', `${source}: no line "arenas FILE" in this venti configuration`)
  }
  return { index, arenas, address, httpAddress }
}

/** The text of an embedded configuration, or null when there is none. `bytes` starts at embeddedConfigOffset. */
export function embeddedConfigText(bytes: Uint8Array): string | null {
  const end = bytes.indexOf(0)
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, end < 0 ? bytes.length : end))
  return text.startsWith(embeddedMark) ? text.slice(embeddedMark.length) : null
}

/** True when a small file looks like a configuration rather than anything else: text with an arenas or index line. */
export function looksLikeVentiConfig(text: string): boolean {
  return /^[\t\n\r\x20-\x7e\u00a0-\u00ff]*$/.test(text) && /^[ \t]*(arenas|index|isect)[ \t]/m.test(text)
}
