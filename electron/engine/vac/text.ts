// Strings of an archive: UTF-8 by agreement, anything in practice. They are data: never a path, never printed unchecked.

const lossy = new TextDecoder('utf-8', { ignoreBOM: true })
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

/** Up to here a decoder costs more than the text itself. */
const shortBytes = 32

/** Null where there is more than ASCII in it. Nearly all names of files and people are short and plain. */
function plainText(bytes: Uint8Array): string | null {
  if (bytes.length > shortBytes) return null
  let text = ''
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (byte > 0x7f) return null
    text += String.fromCharCode(byte)
  }
  return text
}

/** What is not UTF-8 shows as U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  return plainText(bytes) ?? lossy.decode(bytes)
}

export function isUtf8(bytes: Uint8Array): boolean {
  if (plainText(bytes) !== null) return true
  try {
    strict.decode(bytes)
    return true
  } catch {
    return false
  }
}

/** For messages and lists on a terminal: control and formatting characters become question marks. */
export function harmlessName(name: string): string {
  return name.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')
}
