// Numbers as the window shows them: thousands apart by narrow no-break spaces, sizes in the decimal units that disks are
// sold in, ages and times of day in words. Exact values go into `title` and into copied text. Pure; English only.

const narrowSpace = '\u202f'
const sizeUnits = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB']
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const meanYear = 365.25 * day
const monthNames = 'January February March April May June July August September October November December'.split(' ')

/** 1 234 567. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, narrowSpace)
}

/** "1 block", "951 blocks". */
export function counted(value: number, singular: string, plural = `${singular}s`): string {
  return `${count(value)} ${value === 1 ? singular : plural}`
}

/** 9.8 MB. */
export function size(bytes: number): string {
  let value = Math.max(0, bytes)
  let unit = 0
  while (unit < sizeUnits.length - 1 && value >= (unit === 0 ? 999.5 : 999.95)) {
    value /= 1000
    unit++
  }
  return unit === 0
    ? `${Math.round(value)} ${value === 1 ? 'byte' : 'bytes'}`
    : `${value.toFixed(1)} ${sizeUnits[unit]}`
}

/** The exact number, for a title: "9 812 345 bytes". */
export const exactSize = (bytes: number): string => `${count(bytes)} bytes`

export const rate = (bytesPerSecond: number): string => `${size(bytesPerSecond)}/s`

/** Rounded down: 100 means all of it. */
export function percent(done: number, total: number): number {
  if (total <= 0) return 100
  return Math.min(100, Math.max(0, Math.floor((done * 100) / total)))
}

/** "8 s", "3 minutes", "2 hours", "5 days", "4 months", "2 years": one unit, for ranges and ages. */
function largest(ms: number, round: (value: number) => number = Math.round): string {
  if (ms < minute) return `${Math.max(1, round(ms / 1000))} s`
  if (ms < hour) return counted(round(ms / minute), 'minute')
  if (ms < 2 * day) return counted(round(ms / hour), 'hour')
  if (ms < 60 * day) return counted(round(ms / day), 'day')
  return ms < 2 * meanYear ? counted(round(ms / (meanYear / 12)), 'month') : counted(round(ms / meanYear), 'year')
}

/** "8 to 9 minutes left" without the last word; null is not known yet. */
export function timeRange(seconds: readonly [low: number, high: number] | null): string {
  if (seconds === null) return 'not known yet'
  const [low, high] = seconds.map((one) => largest(one * 1000)) as [string, string]
  if (low === high) return `about ${low}`
  const [lowNumber, lowUnit] = low.split(' ')
  const [, highUnit] = high.split(' ')
  return lowUnit?.replace(/s$/, '') === highUnit?.replace(/s$/, '') ? `${lowNumber} to ${high}` : `${low} to ${high}`
}

/** "9 hours ago", "just now"; "never" for null. */
export function age(iso: string | null, now: number): string {
  if (iso === null) return 'never'
  const ms = now - Date.parse(iso)
  if (Math.abs(ms) < minute) return 'just now'
  // As people count years: it is not 8 years before they are over.
  return ms < 0 ? `in ${largest(-ms)}` : `${largest(ms, Math.floor)} ago`
}

/** "today 05:00", "yesterday 05:31", "tomorrow 06:00", "18 November 05:00", "2 March 2019 20:00", in the time zone of the machine. */
export function moment(iso: string | null, now: number): string {
  if (iso === null) return 'never'
  const date = new Date(iso)
  const today = new Date(now)
  const clock = `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`
  const startOfToday = new Date(today.getFullYear(), today.getMonth(), today.getDate()).getTime()
  if (date.getTime() >= startOfToday && date.getTime() < startOfToday + day) return `today ${clock}`
  if (date.getTime() >= startOfToday - day && date.getTime() < startOfToday) return `yesterday ${clock}`
  if (date.getTime() >= startOfToday + day && date.getTime() < startOfToday + 2 * day) return `tomorrow ${clock}`
  const year = date.getFullYear() === today.getFullYear() ? '' : ` ${date.getFullYear()}`
  return `${date.getDate()} ${monthNames[date.getMonth()]}${year} ${clock}`
}

/** "today 05:00", "yesterday 05:31", and without the time of day further back: "12 November", "2 March 2019". */
export function dayWords(iso: string, now: number): string {
  const text = moment(iso, now)
  return /^\d/.test(text) ? text.slice(0, text.lastIndexOf(' ')) : text
}

/** "0.9 s", "12 s", "3 minutes": how long something took. */
export function duration(ms: number): string {
  return ms < 9950 ? `${(Math.max(0, ms) / 1000).toFixed(1)} s` : largest(ms)
}

/** "yesterday" as the beginning of a sentence. */
export const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`

/** 0x442b1b4. */
export const hex = (offset: number): string => `0x${offset.toString(16)}`

/** What came from a disk or a server: control characters and marks that turn the writing direction, made visible. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}|\p{Bidi_Control}|[\u2028\u2029]/gu, (character) => {
    const code = character.codePointAt(0) as number
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`
  })
}
