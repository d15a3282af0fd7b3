// What must not stand in a log, a report or a notification: root scores in full (R10), and whatever opens a door. Masked
// rather than left out, so that a line can still be read.

import { maskScoresIn } from '../engine/bookkeeping/wrcmd-words.ts'

/** A value in quotes, to their end. */
const quoted = String.raw`"(?:[^"\\\n]|\\.)*"|'[^'\n]*'`

const masks: readonly (readonly [RegExp, string])[] = [
  // Headers, and what has blanks in it: where it is not quoted, the line ends with it.
  [
    new RegExp(String.raw`\b((?:proxy-)?authorization|pass ?phrase)(["']?\s*[=:]\s*)(?:${quoted}|[^\r\n]+)`, 'gi'),
    '$1$2…',
  ],
  [new RegExp(String.raw`(password|passwd)(["']?\s*:\s*)(?:${quoted}|[^\r\n]+)`, 'gi'), '$1$2…'],
  [new RegExp(String.raw`(password|passwd|secret|token)(["']?\s*[=:]\s*)(?:${quoted}|[^\s&,;]+)`, 'gi'), '$1$2…'],
  [/\b(bearer\s+)[\w.~+/=-]{8,}/gi, '$1…'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, '(a private key)'],
  // Of an address: the name and password before the host, and the token of a link to the window.
  [/\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/]+@/gi, '$1…@'],
  [/#[\w-]{20,}/g, '#…'],
]

export function redacted(text: string): string {
  let plain = maskScoresIn(text)
  for (const [pattern, mask] of masks) plain = plain.replace(pattern, mask)
  return plain
}
