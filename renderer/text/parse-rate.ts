// A rate as people type it, in the units of the command line's --limit: 500k is 500 × 1024 bytes a second.

const units: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }

/** Null: no limit (empty). Undefined: not a rate. */
export function parseRate(text: string): number | null | undefined {
  const trimmed = text.trim().toLowerCase()
  if (trimmed === '') return null
  const [, digits, unit] = /^(\d{1,12})([kmg]?)$/.exec(trimmed) ?? []
  if (digits === undefined) return undefined
  const bytes = Number(digits) * (units[unit ?? ''] as number)
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined
}

/** The shortest that parseRate reads as just so many bytes: "10m". */
export function rateText(bytesPerSecond: number): string {
  const unit = (['g', 'm', 'k'] as const).find((one) => bytesPerSecond % (units[one] as number) === 0)
  return unit === undefined ? String(bytesPerSecond) : `${bytesPerSecond / (units[unit] as number)}${unit}`
}
