// Whether bytes of a file read as text: UTF-8 without control characters. Pure.

/** A character may begin before the piece or end behind it. */
const longestRest = 3

// Tabs, line ends and form feeds belong to texts.
const control = /[^\P{Cc}\t\n\f\r]/u

function withoutRestOfCharacter(bytes: Uint8Array): Uint8Array {
  let from = 0
  while (from < longestRest && from < bytes.length && ((bytes[from] as number) & 0xc0) === 0x80) from++
  return bytes.subarray(from)
}

/** `isStart` and `isEnd`: the piece begins or ends where the file does. Nothing at all reads as text. */
export function readsAsText(bytes: Uint8Array, { isStart, isEnd }: { isStart: boolean; isEnd: boolean }): boolean {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  try {
    return !control.test(decoder.decode(isStart ? bytes : withoutRestOfCharacter(bytes), { stream: !isEnd }))
  } catch {
    return false
  }
}
