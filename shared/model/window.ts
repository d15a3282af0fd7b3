// What the window shows: JSON-safe pictures of mirrors, runs, checks and trees, made by the service. Nobody outside the
// service sees a device path that the user did not choose, or a root score that was not revealed: both are spoken of by id.

import type { ArenaState } from './arena.ts'
import type { WrarenaCommand, WrcmdProblem } from './bookkeeping.ts'
import type { ExtractFailure } from './extract.ts'
import type { ListedFile } from './listing.ts'
import type { PartitionKind } from './partition.ts'
import type { DamageReport, Rollover, TargetPhase } from './run.ts'
import type { FaultyBlock, TreeProblem, VerifyDepth } from './verify.ts'

/** A file, device, partition or folder that the user chose in this session, or that a mirror remembers. */
export type PlaceId = string & { readonly __brand: 'PlaceId' }
/** A root score, kept by the service. */
export type RootId = string & { readonly __brand: 'RootId' }
export type JobId = string & { readonly __brand: 'JobId' }
export type QuestionId = string & { readonly __brand: 'QuestionId' }

/** What went wrong, in the three sentences of explain-error. */
export type Problem = {
  readonly code: string
  readonly happened: string
  readonly safe: string
  readonly next: string
}

// Choosing places

export type Place = { readonly id: PlaceId; readonly path: string }

export type FolderEntry = { readonly name: string; readonly isFolder: boolean; readonly sizeBytes: number | null }
/** One folder of the computer that the service runs on, for choosing a file or a folder there. */
export type FolderListing = {
  readonly path: string
  readonly parent: string | null
  /** Folders first, by name. */
  readonly entries: readonly FolderEntry[]
  /** More than are listed. */
  readonly isCut: boolean
}

export type RawDiskChoice = {
  readonly path: string
  readonly sizeBytes: number | null
  readonly model: string | null
  readonly canOpen: boolean
  readonly problem: string | null
  readonly advice: string | null
}

export type PartitionChoice = {
  readonly place: Place
  readonly name: string
  readonly kind: PartitionKind
  readonly sizeBytes: number
  /** In words: "6 arenas, version 3, blocks of 8 KiB". */
  readonly found: string
}

export type SourceTotals = {
  readonly arenas: number
  readonly sealed: number
  readonly empty: number
  readonly blocks: number
  /** Uncompressed bytes: what a first copy sends. */
  readonly bytes: number
  readonly usedBytes: number
  readonly sizeBytes: number
  readonly damage: number
}

/** What a path turned out to be. */
export type SourceLook = {
  readonly place: Place
  readonly kind: 'arenas' | 'disk' | 'config' | '9fat' | 'fossil' | 'other'
  /** On a whole disk; of a bare partition that one. */
  readonly partitions: readonly PartitionChoice[]
  /** Null unless it can be a source as it is. */
  readonly totals: SourceTotals | null
  readonly problems: readonly string[]
}

export type TargetTest = {
  /** Canonical; null when it is no dial string at all. */
  readonly dial: string | null
  readonly ok: boolean
  readonly problem: Problem | null
  /** Protocol version, "04" or "02". */
  readonly version: string | null
  readonly roundTripMs: number | null
  /** Whether it answers existence probes as the real servers do. */
  readonly answersProbes: boolean | null
  readonly freeBytes: number | null
  /** The very server whose disk is the source. */
  readonly isSource: boolean
  readonly command: string
}

export type WrcmdLook = {
  readonly place: Place
  /** Null: there is no wrcmd yet. */
  readonly line: string | null
  readonly command: WrarenaCommand | null
  readonly arena: string | null
  readonly problems: readonly WrcmdProblem[]
  readonly proposal: string | null
  readonly remarks: readonly string[]
  /** Roots in rootscor. */
  readonly roots: number
  /** It is a 9fat, and nothing is wrong with the line: a sync may follow it. */
  readonly canImport: boolean
  readonly problem: Problem | null
  readonly shell: string
}

/** What setting wrcmd did, or with a dry run would do. */
export type WrcmdSet = {
  readonly before: string | null
  readonly after: string
  readonly arena: string | null
  readonly isWritten: boolean
  readonly backup: string | null
  readonly remarks: readonly string[]
  readonly look: WrcmdLook
  readonly command: string
}

// Mirrors

export type LocalStore = {
  readonly folder: string
  readonly dial: string
  readonly isServed: boolean
  readonly sizeBytes: number
}

export type TargetView = {
  readonly dial: string
  /** What the user calls it; else a short form of the dial string. */
  readonly name: string
  /** The embedded server in a folder on this computer. */
  readonly store: LocalStore | null
  readonly state: 'unknown' | 'reachable' | 'unreachable'
  readonly roundTripMs: number | null
  readonly problem: Problem | null
  readonly behindBlocks: number
  readonly behindBytes: number
  /** ISO 8601; null before the first. */
  readonly lastSync: string | null
  readonly lastVerified: { readonly at: string; readonly depth: VerifyDepth; readonly blocks: number } | null
  readonly isLate: boolean
}

export type RunTarget = {
  readonly dial: string
  readonly name: string
  readonly ok: boolean
  readonly error: string | null
  readonly blocks: number
  readonly sent: number
  readonly present: number
  readonly bytesSent: number
}
/** Lines of the activity, newest first. */
export type ActivityLine = { readonly id: string; readonly mirror: string; readonly at: string } & (
  | {
      readonly kind: 'run'
      readonly result: 'ok' | 'attention' | 'failed' | 'cancelled'
      readonly durationMs: number
      readonly targets: readonly RunTarget[]
      readonly damage: number
      readonly rollovers: number
    }
  | ({
      readonly kind: 'rollover'
      /** The line in wrcmd before and after; null where no 9fat follows. */
      readonly wrcmdBefore: string | null
      readonly wrcmdAfter: string | null
    } & Rollover)
  | {
      readonly kind: 'check'
      readonly result: 'ok' | 'failed' | 'cancelled'
      readonly root: string
      readonly dial: string
      readonly name: string
      readonly depth: VerifyDepth
      readonly blocks: number
      readonly missing: number
      readonly corrupt: number
      readonly repaired: number
      readonly drill: number | null
      readonly durationMs: number
    }
  | {
      readonly kind: 'damage'
      readonly damage: DamageReport
      readonly words: string
      readonly owedTo: readonly string[]
    }
)

export type Forecast = {
  /** Bytes of arena room used up a day, from the history of syncs; null: too short a history to say. */
  readonly bytesPerDay: number | null
  readonly activeArena: string | null
  readonly activeFullDays: number | null
  readonly partitionFullDays: number | null
}

/** All that Overview shows of one mirror. `sequence` grows with every change. */
export type MirrorView = {
  readonly name: string
  readonly sequence: number
  readonly source: { readonly path: string; readonly problem: Problem | null; readonly totals: SourceTotals | null }
  readonly targets: readonly TargetView[]
  readonly newestRoot: {
    readonly id: RootId
    readonly score: string
    readonly at: string | null
    readonly from: 'rootscor' | 'fossil' | 'arenas'
  } | null
  /** What the next sync sends to whichever target lacks most, and in which arenas. */
  readonly toSend: { readonly blocks: number; readonly bytes: number; readonly arenas: readonly string[] }
  /** At the rate of earlier runs; null: never measured. */
  readonly estimateSeconds: readonly [low: number, high: number] | null
  readonly lastRun: Extract<ActivityLine, { kind: 'run' }> | null
  readonly lastRollover: Extract<ActivityLine, { kind: 'rollover' }> | null
  readonly forecast: Forecast
  readonly damage: number
  readonly ninefat: string | null
  readonly wrcmd: string | null
  readonly fossil: string | null
  readonly limitBytesPerSecond: number | null
  readonly verifyAfterSync: boolean
  /** Set for a mirror of the sample: which of its days the source stands at, the first being 1. */
  readonly sample: { readonly day: number; readonly days: number } | null
  /** When a target or a check is called late. */
  readonly lateAfterHours: number
  readonly isLate: boolean
  readonly job: JobId | null
  readonly command: string
}

/** Column by column, because there may be thousands of arenas. `states` and the columns of `targets` run in step with `names`. */
export type ArenaMap = {
  readonly mirror: string | null
  readonly partitions: readonly string[]
  /** Index into `partitions`, byte address of the head (the number for wrarena -o), room, room used, clumps. */
  readonly partition: readonly number[]
  readonly names: readonly string[]
  readonly offsets: readonly number[]
  readonly sizes: readonly number[]
  readonly used: readonly number[]
  readonly clumps: readonly number[]
  readonly states: readonly ArenaState[]
  readonly damage: readonly number[]
  /** Clump offsets up to which each target has each arena. */
  readonly targets: readonly { readonly dial: string; readonly name: string; readonly cursors: readonly number[] }[]
}

// Jobs

export type JobState = 'running' | 'pausing' | 'paused' | 'cancelling' | 'ended'

export type ArenaCopy = {
  readonly name: string
  readonly index: number
  readonly blocksDone: number
  readonly blocksTotal: number
  readonly present: number
}
export type TargetCopy = {
  readonly dial: string
  readonly name: string
  readonly phase: TargetPhase
  readonly blocksDone: number
  readonly blocksTotal: number
  readonly bytesDone: number
  readonly bytesTotal: number
  readonly present: number
  readonly bytesPerSecond: number
  readonly secondsLeft: readonly [low: number, high: number] | null
  /** The arena at hand; finished ones are those before it in the map's order. */
  readonly arena: ArenaCopy | null
  /** Up to where that target has confirmed it, and when. */
  readonly confirmed: { readonly arena: string; readonly offset: number; readonly at: string } | null
  readonly error: string | null
}

/** What a job is doing. `sequence` grows; the newest counts. At most ten a second for all jobs together. */
export type JobView = {
  readonly id: JobId
  readonly sequence: number
  readonly mirror: string | null
  readonly state: JobState
  readonly startedAt: string
  readonly endedAt: string | null
  readonly command: string
  /** Sentences of the last few things that happened, oldest first. */
  readonly notes: readonly string[]
  readonly problem: Problem | null
} & (
  | {
      readonly kind: 'sync'
      readonly stage: 'sync' | 'verify'
      readonly targets: readonly TargetCopy[]
      readonly bytesRead: number
      readonly damage: number
      readonly rollovers: readonly (Rollover & { readonly at: string })[]
      readonly verified: readonly { readonly dial: string; readonly ok: boolean; readonly problem: string | null }[]
      /** How far the check of the newest root is, while it runs. */
      readonly checking?: { readonly known: number; readonly checked: number; readonly faults: number } | null
      readonly result: 'ok' | 'attention' | 'failed' | 'cancelled' | null
    }
  | {
      readonly kind: 'check'
      readonly root: RootId
      readonly score: string
      readonly dial: string
      readonly depth: VerifyDepth
      readonly repair: boolean
      readonly known: number
      readonly checked: number
      readonly faults: number
      readonly blocksPerSecond: number
      readonly path: string
      readonly result: CheckResult | null
    }
  | {
      readonly kind: 'extract'
      readonly root: RootId
      readonly path: string
      readonly folder: string
      readonly files: number
      readonly bytes: number
      readonly skipped: number
      readonly failed: readonly ExtractFailure[]
      readonly at: string
      readonly result: 'ok' | 'attention' | 'failed' | 'cancelled' | null
    }
)
export type SyncJobView = Extract<JobView, { kind: 'sync' }>
export type CheckJobView = Extract<JobView, { kind: 'check' }>
export type ExtractJobView = Extract<JobView, { kind: 'extract' }>

export type CheckResult = {
  readonly ok: boolean
  readonly cancelled: boolean
  readonly blocks: number
  readonly good: number
  readonly bytes: number
  readonly missing: readonly FaultyBlock[]
  readonly corrupt: readonly FaultyBlock[]
  readonly problems: readonly TreeProblem[]
  readonly unlisted: number
  readonly repaired: number
  readonly warnings: readonly string[]
  readonly durationMs: number
}

// Roots and trees

export type RootView = {
  readonly id: RootId
  /** Masked: vac:3223…368f. */
  readonly score: string
  readonly from: 'rootscor' | 'fossil' | 'arenas' | 'pasted'
  readonly place: string
  readonly name: string | null
  readonly at: string | null
  /** Newest check of it on each target. */
  readonly checks: readonly {
    readonly dial: string
    readonly at: string
    readonly ok: boolean
    readonly depth: VerifyDepth
    readonly missing: number
    readonly corrupt: number
  }[]
}

/** Its `path` is from the root of the archive, as tree.list and tree.preview take it. */
export type TreeEntry = ListedFile & {
  /** The last name only, as stored: escape it before it is shown. */
  readonly name: string
}
export type TreePage = {
  readonly path: string
  /** Directories first, then by name. */
  readonly entries: readonly TreeEntry[]
  /** Entries of the directory altogether, where `from` of the next page is below it. */
  readonly total: number
  readonly problems: readonly TreeProblem[]
}

export type Preview = {
  readonly path: string
  readonly size: number
  readonly offset: number
  /** Base64 of at most 64 KiB. */
  readonly bytes: string
  /** It reads as UTF-8 without control characters. */
  readonly isText: boolean
}

export type RecoveryCard = {
  readonly dial: string
  readonly verifiedAt: string
  readonly plan9: readonly string[]
  readonly here: readonly string[]
  readonly notes: readonly string[]
  /** Whether the commands hold the whole score. */
  readonly isRevealed: boolean
}

// Set-up and settings

export const setupSteps = ['source', 'targets', 'bookkeeping', 'plan', 'copy', 'verify', 'done'] as const
export type SetupStep = (typeof setupSteps)[number]

export type SetupTarget = {
  readonly dial: string
  readonly name: string
  readonly store: LocalStore | null
  readonly test: TargetTest | null
}

/** The wizard as it was left; kept on disk, so that it can be taken up again also after a crash. */
export type SetupDraft = {
  readonly step: SetupStep
  readonly name: string
  readonly source: SourceLook | null
  readonly isSample: boolean
  readonly targets: readonly SetupTarget[]
  readonly ninefat: WrcmdLook | null
  /** The owner looked at the bookkeeping and wants none. */
  readonly noNinefat: boolean
  readonly fossil: Place | null
  /** Set once the copy began: the mirror exists from then on. */
  readonly mirror: string | null
}

export type SetupPlan = {
  readonly targets: readonly {
    readonly dial: string
    readonly name: string
    readonly blocks: number
    readonly bytes: number
    readonly fits: boolean | null
    readonly freeBytes: number | null
    readonly problem: string | null
  }[]
  readonly totals: SourceTotals
  /** Bytes a second, source read and target written, as just measured; null: it could not be. */
  readonly measuredBytesPerSecond: number | null
  readonly seconds: readonly [low: number, high: number] | null
  readonly warnings: readonly string[]
  readonly command: string
}

/** The command lines and, where its 9fat could be reached, the line to put there, for the other direction. */
export type MutualPlan = {
  readonly commands: readonly string[]
  /** Of the named disk, where it has both: what wrcmd.set takes to write `wrcmd`. */
  readonly ninefat: WrcmdLook | null
  readonly source: Place | null
  readonly host: string
  readonly wrcmd: string | null
  readonly words: readonly string[]
}

export type Theme = 'system' | 'light' | 'dark'
export type Settings = {
  readonly theme: Theme
  readonly lateAfterHours: number
  readonly notifyFailures: boolean
  readonly notifySuccess: boolean
}

/** The whole of what every view needs; a page that was away asks for it once and is up to date. */
// Questions of machines that are reached over SSH

export type MachineQuestion = { readonly id: QuestionId } & (
  | {
      readonly kind: 'host-key'
      /** HOST or HOST:PORT; no user name was sent yet. */
      readonly machine: string
      /** ED25519, RSA, ECDSA. */
      readonly keyType: string
      /** SHA256:… */
      readonly fingerprint: string
    }
  | {
      readonly kind: 'passphrase' | 'password' | 'answer'
      /** USER@HOST, with the port where it is not 22. */
      readonly machine: string
      /** The file of the key, or the words of the machine. */
      readonly what: string
      /** False: what is typed must not be seen. */
      readonly echo: boolean
      /** From 1. */
      readonly attempt: number
    }
)

/** What a person has to answer before somebody can log in, one at a time. */
export type MachineQuestionView = {
  readonly sequence: number
  /** Null: nothing is asked now. */
  readonly question: MachineQuestion | null
  /** Behind this one. */
  readonly waiting: number
}

export type MachineAnswer =
  { readonly kind: 'accept' } | { readonly kind: 'refuse' } | { readonly kind: 'text'; readonly text: string }

export type AppView = {
  readonly sequence: number
  readonly version: string
  readonly platform: string
  readonly dataFolder: string
  readonly mirrors: readonly MirrorView[]
  /** Running, paused and the last few that ended. */
  readonly jobs: readonly JobView[]
  readonly setup: SetupDraft | null
  readonly settings: Settings
  readonly question: MachineQuestionView
  /** State files that could not be read. */
  readonly problems: readonly string[]
}
