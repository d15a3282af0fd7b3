// The forms of a path that mean a part of a file or disk, as text: FILE:lo-hi and DISK:NAME. Only what stands behind the
// last colon counts. Authority: plan9port srv/part.c initpart, venti-arenas.md 8.3; unlike there a name may begin with a
// digit, because 9fat does. Nothing is opened here.

export type RangePath = { readonly file: string; readonly low: number; readonly high: number | null }
export type NamePath = { readonly file: string; readonly name: string }

const units: Record<string, number> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

function parseBound(text: string): number | null {
  const match = /^(0x[0-9a-f]+|\d+)([kmgt]?)$/i.exec(text)
  if (match === null) return null
  return Number(match[1]) * (units[(match[2] as string).toLowerCase()] as number)
}

/** FILE:lo-hi as { file, low, high }; null when the text behind the last colon is not a range. */
export function parseRangePath(path: string): RangePath | null {
  const colon = path.lastIndexOf(':')
  if (colon <= 0) return null
  const bounds = path.slice(colon + 1)
  const dash = bounds.indexOf('-')
  if (dash < 0 || bounds === '-') return null
  const lowText = bounds.slice(0, dash)
  const highText = bounds.slice(dash + 1)
  const low = lowText === '' ? 0 : parseBound(lowText)
  const high = highText === '' ? null : parseBound(highText)
  if (low === null || (highText !== '' && high === null)) return null
  return { file: path.slice(0, colon), low, high }
}

/** DISK:NAME; null for anything else, and for a path on a drive of Windows. */
export function parseNamePath(path: string, platform: string = process.platform): NamePath | null {
  const colon = path.lastIndexOf(':')
  if (colon <= 0 || parseRangePath(path) !== null) return null
  const file = path.slice(0, colon)
  const name = path.slice(colon + 1)
  if (!/^[\p{L}\p{N}][^\p{Cc}\s/\\]*$/u.test(name)) return null
  if (platform === 'win32' && /^([a-z]|\\\\[.?]\\[a-z])$/i.test(file)) return null
  return { file, name }
}
