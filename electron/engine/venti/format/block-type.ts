// The one-byte block type as it stands on disk and on the wire (plan9port libventi dtype.c). Data and directory pointers
// of a level share one code, and a lookup key is (score, code), so the engine keeps the code and never the API number.

export const wireRoot = 1
export const wireDirectory = 2
export const wireData = 13
/** A clump retired by a repair tool; unknown codes are read as this too. */
export const wireCorrupt = 255

/** True for the codes a client may write: root, directory, pointers of level 1 to 7, data. */
export function isLegalWireType(code: number): boolean {
  return (code >= 1 && code <= 9) || code === wireData
}

/** The number libventi's interfaces and error texts use: 0 data, 8 directory, 9 to 15 pointers, 16 root, 255 corrupt. */
export function apiTypeOf(code: number): number {
  if (code === wireRoot) return 16
  if (code === wireDirectory) return 8
  if (code >= 3 && code <= 9) return code + 6
  if (code === wireData) return 0
  return 255
}
