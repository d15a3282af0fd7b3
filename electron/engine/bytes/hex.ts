// Hex text of bytes and numbers, in the forms Plan 9 people read: scores as 40 digits, offsets with 0x.

const pairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i++) text += pairs[bytes[i] as number] as string
  return text
}

/** Value of each digit by its character code; -1 for everything else. */
const digitValues = Int8Array.from({ length: 128 }, (_, code) => {
  const digit = String.fromCharCode(code)
  return /[0-9a-f]/i.test(digit) ? Number.parseInt(digit, 16) : -1
})

/** Bytes of an even number of hex digits, or null. */
export function fromHex(text: string): Uint8Array | null {
  if (text.length % 2 !== 0) return null
  const bytes = new Uint8Array(text.length / 2)
  return putHex(text, bytes, 0) ? bytes : null
}

/** Writes the bytes of hex digits at `at`; false where a character is none. Runs once per block, so it makes nothing. */
export function putHex(text: string, into: Uint8Array, at: number): boolean {
  for (let i = 0; i + 1 < text.length; i += 2) {
    const high = digitValues[text.charCodeAt(i)] ?? -1
    const low = digitValues[text.charCodeAt(i + 1)] ?? -1
    if (high < 0 || low < 0) return false
    into[at + (i >> 1)] = (high << 4) | low
  }
  return true
}

/** A number as the scripts write it: 0x974d1, and 0x0 for zero. */
export function hexNumber(value: number): string {
  return `0x${value.toString(16)}`
}
