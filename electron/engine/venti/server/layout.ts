// Where the arenas of a new partition go, exactly as fmtarenas lays them out (plan9port srv/fmtarenas.c,
// venti-arenas.md 2 and 3). Pure: sizes in, header and table out, or an error with the numbers that do not fit.

import { AppError } from '../../../../shared/errors.ts'
import {
  headSizeBytes,
  maxBlockSize,
  maxTableEntries,
  minArenaBytes,
  minBlockSize,
  nameBytes,
  partBlankBytes,
} from '../format/constants.ts'
import { encodeArenaTable } from '../format/arena-table.ts'
import { isPowerOfTwo, roundUp } from '../format/partition-header.ts'

/** fmtarenas gives every table this much, whatever the number of arenas. */
const tableBytes = 512 * 1024

export type LayoutOptions = {
  readonly sizeBytes: number
  readonly arenaBytes: number
  readonly blockSize: number
  readonly namePrefix: string
}

export type Layout = {
  readonly blockSize: number
  readonly tableBase: number
  readonly arenaBase: number
  readonly tableText: string
  readonly arenas: readonly { readonly name: string; readonly start: number; readonly stop: number }[]
}

function refuse(message: string): never {
  throw new AppError('usage', message)
}

function checkName(prefix: string, count: number): void {
  const longest = `${prefix}${count - 1}`
  if (!/^[\x20-\x7e]+$/.test(prefix) || /#/.test(prefix)) {
    refuse(`arena names starting with ${JSON.stringify(prefix)} are not possible: printable ASCII without # is`)
  }
  if (longest.length >= nameBytes)
    refuse(`the arena name ${longest} has ${longest.length} bytes, at most ${nameBytes - 1} fit`)
}

export function planLayout({ sizeBytes, arenaBytes, blockSize, namePrefix }: LayoutOptions): Layout {
  if (!isPowerOfTwo(blockSize) || blockSize < minBlockSize || blockSize > maxBlockSize) {
    refuse(`block size ${blockSize} is not a power of two from ${minBlockSize} to ${maxBlockSize}`)
  }
  if (!Number.isSafeInteger(sizeBytes)) refuse(`a file of ${sizeBytes} bytes is not possible`)
  if (!Number.isSafeInteger(arenaBytes) || arenaBytes < minArenaBytes) {
    refuse(`an arena of ${arenaBytes} bytes is too small: at least ${minArenaBytes} (1 MiB) are needed`)
  }
  const tableBase = roundUp(partBlankBytes + headSizeBytes, blockSize)
  const arenaBase = roundUp(tableBase + tableBytes, blockSize)
  const usable = sizeBytes - (sizeBytes % blockSize)
  if (usable - arenaBase < minArenaBytes) {
    refuse(
      `a file of ${sizeBytes} bytes holds no arena: ${arenaBase} bytes of header and table and at least ${minArenaBytes} for the arena make ${arenaBase + minArenaBytes}`,
    )
  }
  // An arena that is not a whole number of blocks would put the heads behind it off their blocks.
  const step = arenaBytes - (arenaBytes % blockSize)
  // Before the list is built: 31 744 names are the limit, and a wrong unit in a size can ask for millions.
  const count = Math.floor((usable - arenaBase) / step)
  if (count > maxTableEntries) {
    refuse(
      `${sizeBytes} bytes in arenas of ${arenaBytes} make ${count} arenas, at most ${maxTableEntries} are possible: choose larger ones`,
    )
  }
  const arenas: { name: string; start: number; stop: number }[] = []
  for (let start = arenaBase; start < usable;) {
    let stop = start + step
    if (stop >= usable || usable - stop < minArenaBytes) stop = usable
    arenas.push({ name: `${namePrefix}${arenas.length}`, start, stop })
    start = stop
  }
  checkName(namePrefix, arenas.length)
  const tableText = encodeArenaTable(arenas)
  if (tableText.length >= arenaBase - tableBase) {
    refuse(
      `the table of ${arenas.length} arenas needs ${tableText.length} bytes, it has room for ${arenaBase - tableBase}: choose larger arenas`,
    )
  }
  return { blockSize, tableBase, arenaBase, tableText, arenas }
}
