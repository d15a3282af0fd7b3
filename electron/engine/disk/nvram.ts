// The one sector in which Plan 9 keeps its machine key. It has no magic, but a checksum behind each field. Nothing of its
// content leaves this file. Authority: plan9-disks.md 4, plan9port nvcsum.c.

/** Field lengths in disk order, a checksum byte behind each: machine key, auth key, secstore key, authid, authdom. */
const fields = [7, 7, 14, 28, 48]
export const nvramBytes = fields.reduce((sum, length) => sum + length + 1, 0)

function checksum(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => (sum + byte) & 0xff, 9)
}

/** Whether all checksums hold; a sector of zeros has none. */
export function isNvram(bytes: Uint8Array): boolean {
  if (bytes.length < nvramBytes) return false
  let at = 0
  for (const length of fields) {
    if (checksum(bytes.subarray(at, at + length)) !== bytes[at + length]) return false
    at += length + 1
  }
  return true
}
