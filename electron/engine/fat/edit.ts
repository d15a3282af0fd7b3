// The words between planning a change of a 9fat (pure, plan-edit.ts) and making it (apply-edit.ts): a list of sector
// writes with flushes between them, in the order that keeps R6. Procedures: plan9-disks.md 3.6.

/** What is wanted of one file in the root directory. Names are 8.3 without a dot: wrcmd, rootscor. */
export type FileChange =
  | { readonly kind: 'replace'; readonly name: string; readonly content: Uint8Array }
  | { readonly kind: 'append'; readonly name: string; readonly content: Uint8Array }

export type SectorWrite = {
  readonly kind: 'write'
  /** Counted from the start of the volume, in its own sectors. */
  readonly sector: number
  /** One whole sector. */
  readonly bytes: Uint8Array
  /** For the log and for errors: "data of wrcmd", "FAT 2", "root directory". */
  readonly what: string
}
export type EditStep = SectorWrite | { readonly kind: 'flush' }

export type PlannedFile = {
  readonly name: string
  readonly procedure: 'in-place' | 'copy' | 'append' | 'create'
  /** null: it was not there. */
  readonly before: Uint8Array | null
  readonly after: Uint8Array
}

export type EditPlan = {
  readonly sectorBytes: number
  readonly files: readonly PlannedFile[]
  /** Empty when every file has its content already. */
  readonly steps: readonly EditStep[]
  /** Every sector the plan was made from, as it was: compared with the disk just before the first write. */
  readonly examined: ReadonlyMap<number, Uint8Array>
  /** What an interrupted earlier edit left and this one clears away; empty in the ordinary case. */
  readonly recovered: readonly string[]
  /** A dirty flag, a label: said, and no reason to refuse. */
  readonly warnings: readonly string[]
}
