// The bytes of wrcmd and rootscor as text and back. One character per byte (ISO 8859-1): to the scripts both files are
// bytes, and whatever stands in them must come back unchanged. What a person types or sees is UTF-8, as Plan 9 has it.

import { AppError } from '../../../shared/errors.ts'
import { hexNumber } from '../bytes/hex.ts'

const chunk = 8192

/** One character per byte. */
export function bytesText(bytes: Uint8Array): string {
  // Not TextDecoder: its latin1 is windows-1252. In pieces, because a call takes only so many arguments.
  let text = ''
  for (let at = 0; at < bytes.length; at += chunk) text += String.fromCharCode(...bytes.subarray(at, at + chunk))
  return text
}

/** The inverse of `bytesText`. Rejects characters above U+00FF: what a person typed goes through `typedText` first. */
export function textBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0xff)
      throw new AppError(
        'bug',
        `a text for the 9fat holds U+${hexNumber(code).slice(2)} at ${i}, expected one character per byte`,
      )
    bytes[i] = code
  }
  return bytes
}

/** What a person typed (any Unicode) as the text of a 9fat file. */
export function typedText(text: string): string {
  return bytesText(new TextEncoder().encode(text))
}

/** For showing: UTF-8 as its characters, anything else byte for byte. */
export function shownText(text: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(textBytes(text))
  } catch {
    return text
  }
}
