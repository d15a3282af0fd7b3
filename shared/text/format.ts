// Numbers as people read them: sizes in binary units, counts with thousands separators, durations, rates, ages. Pure, and
// the same for the command line and the window. English only, so no locale of the machine changes a report.

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']
const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** 1.5 GiB; below 1 KiB without a decimal. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes)
  let unit = 0
  // 1023.95 would be rounded to 1024.0, which is 1.0 of the next unit.
  while (unit < units.length - 1 && value >= (unit === 0 ? 1023.5 : 1023.95)) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`
}

/** Bytes in a time, as a rate; a time too short to measure counts as one millisecond. */
export function formatRateOf(bytes: number, durationMs: number): string {
  return formatRate((bytes * 1000) / Math.max(1, durationMs))
}

/** 1234567 as 1,234,567. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** 1 block, 951 blocks. */
export function countOf(count: number, singular: string, plural: string = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`
}

/** Rounded down, so that 100 % means all of it; nothing to do is 100 %. */
export function percentOf(done: number, total: number): number {
  if (total <= 0) return 100
  return Math.min(100, Math.max(0, Math.floor((done * 100) / total)))
}

/** 340 ms, 2.4 s, 42 s, 3 min 20 s, 2 h 5 min, 3 days 4 h: never more than two units. */
export function formatDuration(ms: number): string {
  const value = Math.max(0, ms)
  if (value < 999.5) return `${Math.round(value)} ms`
  if (value < 9.95 * second) return `${(value / second).toFixed(1).replace(/\.0$/, '')} s`
  if (value < minute - second / 2) return `${Math.round(value / second)} s`
  if (value < hour - second / 2) return twoUnits(value, minute, 'min', second, 's')
  if (value < day - minute / 2) return twoUnits(value, hour, 'h', minute, 'min')
  const text = twoUnits(value, day, 'days', hour, 'h')
  return text.replace(/^1 days/, '1 day')
}

function twoUnits(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const smalls = Math.round(ms / small)
  const perLarge = large / small
  const rest = smalls % perLarge
  const whole = `${formatCount(Math.floor(smalls / perLarge))} ${largeName}`
  return rest === 0 ? whole : `${whole} ${rest} ${smallName}`
}

/** "2 hours ago". A time that is still to come is a clock that was set back, and is said as it is. */
export function formatAge(thenMs: number, nowMs: number): string {
  const age = nowMs - thenMs
  if (Math.abs(age) < minute) return 'just now'
  const text = largestUnit(Math.abs(age))
  return age < 0 ? `${text} in the future` : `${text} ago`
}

function largestUnit(ms: number): string {
  if (ms < hour) return countOf(Math.floor(ms / minute), 'minute')
  if (ms < 2 * day) return countOf(Math.floor(ms / hour), 'hour')
  return countOf(Math.floor(ms / day), 'day')
}

/** What a terminal or a log must not get from a server, a file name or a damaged disk: control characters, escaped. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}|\p{Bidi_Control}|[\u2028\u2029]/gu, (character) => {
    const code = character.codePointAt(0) as number
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`
  })
}
