// Numbers as people type them on the command line: sizes and rates with k, m, g, t (binary, either case) or in hex as
// Plan 9 tools take them, and seconds. Everything is checked here, so that a command gets a number it can use.

const units: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

/** 512m, 1.5g, 4096, 0x10000, 0x10k: whole bytes, at least one; null when it is none of these. */
export function parseSize(text: string): number | null {
  const match = /^(0x[0-9a-f]+|\d+(?:\.\d+)?)([kmgt]?)$/i.exec(text)
  if (match === null) return null
  const [, digits, unit] = match as unknown as [string, string, string]
  const bytes = Math.round(Number(digits) * (units[unit.toLowerCase()] as number))
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null
}

/** A size for each second; "/s" behind it is allowed. */
export function parseRate(text: string): number | null {
  return parseSize(text.replace(/\/s$/i, ''))
}

/** Seconds, also 0.5, as milliseconds; more than a day is a mistake. */
export function parseSeconds(text: string): number | null {
  if (!/^\d+(\.\d+)?s?$/i.test(text)) return null
  const ms = Math.round(Number.parseFloat(text) * 1000)
  return ms > 0 && ms <= 86_400_000 ? ms : null
}

/** A byte address: decimal or 0x, without the leading zero that Plan 9 tools would read as octal. */
export function parseAddress(text: string): number | null {
  if (!/^(0|[1-9]\d*|0x[0-9a-f]+)$/i.test(text)) return null
  const address = Number(text)
  return Number.isSafeInteger(address) ? address : null
}

/** An offset as wrcmd has it, always with 0x. */
export function parseHex(text: string): number | null {
  return /^0x/i.test(text) ? parseAddress(text) : null
}
