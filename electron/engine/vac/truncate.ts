// Writers cut trailing zeros off leaves, so every leaf is extended before anything in it is believed: even the 120-byte top
// block of an archive is sometimes stored as 119. Authority: plan9port libventi/zero.c vtzeroextend.

/** The leaf in its full length. Borrows when nothing was cut off. */
export function extendLeaf(stored: Uint8Array, fullBytes: number): Uint8Array {
  if (stored.length >= fullBytes) return stored.subarray(0, fullBytes)
  const full = new Uint8Array(fullBytes)
  full.set(stored)
  return full
}
