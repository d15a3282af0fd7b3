// Bytes of a preview as text, and as the lines of a hex dump. Pure.

const perLine = 16

export function bytesOf(base64: string): Uint8Array {
  const text = atob(base64)
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

/** A character that a page cuts in half is left for the next one. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8').decode(bytes, { stream: true })
}

export type HexLine = { readonly offset: string; readonly hex: string; readonly text: string }

export function hexLines(bytes: Uint8Array, from: number): readonly HexLine[] {
  const lines: HexLine[] = []
  for (let at = 0; at < bytes.length; at += perLine) {
    const some = bytes.subarray(at, at + perLine)
    lines.push({
      offset: (from + at).toString(16).padStart(8, '0'),
      hex: [...some].map((byte) => byte.toString(16).padStart(2, '0')).join(' '),
      text: [...some].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join(''),
    })
  }
  return lines
}

/** All lines of a dump, as xxd and Plan 9's xd -c show them side by side. */
export function hexText(bytes: Uint8Array, from: number): string {
  return hexLines(bytes, from)
    .map(({ offset, hex, text }) => `${offset}  ${hex.padEnd(perLine * 3)} ${text}`)
    .join('\n')
}
