// What is on a disk: the parts of it, and what each was recognised as. JSON-safe; `partitions DISK --json` prints a
// DiskListing as it is.

export type PartitionScheme =
  /** GPT or MBR with a Plan 9 partition in it, or a Plan 9 table at the very beginning of the disk. */
  | 'gpt'
  | 'mbr'
  | 'plan9'
  /** No table that we know: the source is one partition by itself. */
  | 'bare'

/** By content. Swap, and an nvram that nobody wrote to yet, have none: those are told by name, and `found` says so. */
export type PartitionKind =
  | '9fat'
  | 'nvram'
  | 'fossil'
  | 'arenas'
  | 'isect'
  | 'bloom'
  | 'swap'
  | 'fat'
  /** Has a Plan 9 table in it; its parts are listed after it. */
  | 'plan9'
  | 'unknown'

export type PartitionListing = {
  /** As in DISK:NAME, unique on its disk; the name of the whole for a bare partition is its kind. */
  readonly name: string
  readonly kind: PartitionKind
  /** Byte address in the disk, and size in bytes. */
  readonly offset: number
  readonly size: number
  /** What to write on a command line to mean this partition. */
  readonly path: string
  /** In words, for people: "6 arenas, version 3, blocks of 8 KB" (root scores masked, R10). */
  readonly found: string
  readonly details: {
    readonly arenas?: number
    readonly arenaBlockSize?: number
    readonly fatBits?: 12 | 16 | 32
    readonly label?: string
    readonly hasWrcmd?: boolean
    readonly hasRootscor?: boolean
    /** Masked unless scores were asked for. */
    readonly fossilLast?: string | null
  }
}

export type DiskListing = {
  readonly disk: string
  readonly scheme: PartitionScheme
  readonly sectorBytes: number
  readonly size: number
  readonly partitions: readonly PartitionListing[]
  /** Lines of a table that were dropped, and why; bad checksums; a second table that says otherwise. */
  readonly problems: readonly string[]
}

/** A raw disk of this computer; `partitions --json` without a DISK prints { disks: RawDisk[] }. */
export type RawDisk = {
  readonly path: string
  /** null where it cannot be told without opening it. */
  readonly size: number | null
  readonly model: string | null
  readonly canOpen: boolean
  /** Why it cannot be opened, and exactly what to do about it; null when it can. */
  readonly problem: string | null
  readonly advice: string | null
}
