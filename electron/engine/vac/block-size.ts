// Block sizes as roots and entries write them: 16 bits, or a floating form for large ones. Authority: plan9port
// libventi/entry.c and root.c (VtEntryBig, VtRootVersionBig).

/** No venti serves a block smaller than this as part of a tree. */
export const minTreeBlockBytes = 256

/** `(v >> 5) << (v & 31)` without the 32-bit overflow of the original. */
export function blockSizeOf(value: number, big: boolean): number {
  return big ? (value >>> 5) * 2 ** (value & 31) : value
}
