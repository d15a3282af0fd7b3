// One text that tells an arena partition from every other, so that a sync can refuse to mirror a partition into itself.
// Version-5 arenas have random clump magics; those of version 4 are all alike, so every arena's name and place count too.
// Two version-4 partitions with the same layout still look the same: nothing in such a partition is unique before the
// first clump.

import { createHash } from 'node:crypto'

export type IdentifiedArena = {
  readonly name: string
  readonly clumpMagic: number
  /** Address of the head block. */
  readonly start: number
}

/** SHA-1, as hex, of one line `name<tab>start<tab>magic` for each arena in the table's order. */
export function partitionId(arenas: readonly IdentifiedArena[]): string {
  const digest = createHash('sha1')
  for (const { name, start, clumpMagic } of arenas) digest.update(`${name}\t${start}\t${clumpMagic.toString(16)}\n`)
  return digest.digest('hex')
}
