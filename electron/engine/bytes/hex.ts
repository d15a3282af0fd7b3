// Hex text of bytes and numbers, in the forms Plan 9 people read: scores as 40 digits, offsets with 0x.

const pairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i++) text += pairs[bytes[i] as number] as string
  return text
}

/** Bytes of an even number of hex digits, or null. */
export function fromHex(text: string): Uint8Array | null {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return null
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

/** A number as the scripts write it: 0x974d1, and 0x0 for zero. */
export function hexNumber(value: number): string {
  return `0x${value.toString(16)}`
}
