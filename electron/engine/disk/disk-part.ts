// A disk by its tables: what resolving a path and listing a disk both start from.

import type { PartitionScheme } from '../../../shared/model/partition.ts'

export type DiskPart = {
  /** Unique on this disk: what stands behind the colon of DISK:NAME. */
  readonly name: string
  /** `container`: a Plan 9 partition; `plan9`: a part of one, by its table; `other`: anything else. */
  readonly role: 'container' | 'plan9' | 'other'
  /** Name in its own table, before it was made unique; null without one. */
  readonly tableName: string | null
  /** What the table says it is. */
  readonly title: string
  readonly offset: number
  readonly sizeBytes: number
  /** Of a container: how many partitions its table gives it. */
  readonly parts: number
}
export type DiskLayout = {
  readonly scheme: PartitionScheme
  readonly sectorBytes: number
  /** Empty for a bare partition. */
  readonly parts: readonly DiskPart[]
  readonly problems: readonly string[]
}
