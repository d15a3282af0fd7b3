// A line at the very beginning of a file that createStore made (venti programs never read there: PartBlank). It tells our
// own arenas from those of a venti that has an index somewhere. In the latter the "indexed" counters belong to that index:
// raising them would make its owner skip our clumps when the file is taken back, so they stay as they were found. Only in
// our own do we set them, when an arena is sealed.

import { headSizeBytes } from '../format/constants.ts'

const mark = Buffer.from('venti-mirror store\n', 'latin1')
/** As much of the file as is needed to look for the mark. */
export const storeMarkBytes = mark.length

export function encodeStoreMark(): Uint8Array {
  const sector = new Uint8Array(headSizeBytes)
  sector.set(mark)
  return sector
}

export function hasStoreMark(bytes: Uint8Array): boolean {
  return mark.equals(bytes.subarray(0, mark.length))
}
