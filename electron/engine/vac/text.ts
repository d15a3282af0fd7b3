// Strings of an archive: UTF-8 by agreement, anything in practice. They are data: never a path, never printed unchecked.

const lossy = new TextDecoder('utf-8', { ignoreBOM: true })
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

/** What is not UTF-8 shows as U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  return lossy.decode(bytes)
}

export function isUtf8(bytes: Uint8Array): boolean {
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
