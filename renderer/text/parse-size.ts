// A size as people type it, in the units of the command line's --size: 20g is 20 × 2^30 bytes.

const units: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

/** Null: not a size. */
export function parseSize(text: string): number | null {
  const [, digits, unit] = /^(\d{1,12}(?:\.\d{1,3})?) ?([kmgt]?)(?:i?b)?$/.exec(text.trim().toLowerCase()) ?? []
  if (digits === undefined) return null
  const bytes = Math.floor(Number(digits) * (units[unit ?? ''] as number))
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : null
}

/** The shortest that parseSize reads as just so many bytes: "20g". */
export function sizeText(bytes: number): string {
  const unit = (['t', 'g', 'm', 'k'] as const).find((one) => bytes % (units[one] as number) === 0)
  return unit === undefined ? String(bytes) : `${bytes / (units[unit] as number)}${unit}`
}
