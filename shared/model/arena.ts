// The numbers of one arena as every face shows them.

import type { Damage } from './damage.ts'

export type ArenaState = 'empty' | 'active' | 'full, seal pending' | 'sealed'

export type ArenaSummary = {
  /** Path of the partition it stands in. */
  readonly partition: string
  readonly name: string
  /** Byte address of its head block: the number for wrarena -o. */
  readonly offset: number
  /** Byte address of clump offset 0. */
  readonly dataBase: number
  /** One past its tail block. */
  readonly stop: number
  /** Room for clumps and directory, without head and tail blocks. */
  readonly size: number
  /** Null when neither head nor tail could be read. */
  readonly version: 4 | 5 | null
  readonly clumps: number
  readonly compressedClumps: number
  readonly used: number
  readonly uncompressed: number
  readonly state: ArenaState
  readonly sealScore: string | null
  /** `used` as wrarena prints it: 0x974d1. */
  readonly endOffset: string
  readonly damage: readonly Damage[]
}
