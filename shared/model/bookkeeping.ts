// What the scripts keep on a 9fat, as reports show it: the command in wrcmd, the lines of rootscor. JSON-safe.

/** A command for wrarena, taken apart. `words` is the whole line as rc would split it. */
export type WrarenaCommand = {
  readonly words: readonly string[]
  readonly program: string
  /** Value of -h as written; null without one ($venti then). */
  readonly host: string | null
  /** Value of -o: byte address of the arena's head in the partition; null without one. */
  readonly arenaOffset: number | null
  readonly partition: string
  /** The last word: clump offset in that arena. */
  readonly clumpOffset: number
}

/** One thing that is wrong, or worth knowing, about a wrcmd. */
export type WrcmdProblem = {
  /** `error`: it would not do what its owner means. `warning`: it works, but not with every script or server. */
  readonly severity: 'error' | 'warning'
  readonly message: string
}

export type WrcmdReport = {
  readonly path: string
  /** The file's text as it is; null when there is none. */
  readonly text: string | null
  readonly command: WrarenaCommand | null
  /** Name of the arena that -o means, when it was checked against a source. */
  readonly arena: string | null
  readonly problems: readonly WrcmdProblem[]
  /** The line that would put it right, where that is known. */
  readonly proposal: string | null
  /** The source it was checked against; null when only the text was. */
  readonly checkedAgainst: string | null
  /** What it does, and why it was not checked against a source: sentences. */
  readonly remarks: readonly string[]
}

/** `wrcmd set`: from the line that was there to the line that is. */
export type WrcmdChange = {
  readonly path: string
  readonly before: string | null
  readonly after: string
  /** False for a dry run, and when the line was there already. */
  readonly written: boolean
  /** Id of the backup that `wrcmd restore` can put back. */
  readonly backup: string | null
  readonly arena: string | null
  readonly checkedAgainst: string | null
  readonly problems: readonly WrcmdProblem[]
  readonly remarks: readonly string[]
}

export type WrcmdRestore = {
  readonly path: string
  /** Of the backup that was put back; null when they were only listed. */
  readonly restored: string | null
  readonly written: boolean
  /** Id of the backup made of what the restore replaced. */
  readonly backup: string | null
  readonly backups: readonly {
    readonly id: string
    readonly at: string
    readonly kind: 'edit' | 'restore'
    readonly files: readonly string[]
  }[]
  readonly remarks: readonly string[]
}

/** A root score found somewhere, newest first in a list. */
export type RootRecord = {
  /** Masked (vac:3223…368f) unless scores were asked for. */
  readonly score: string
  readonly where: 'rootscor' | 'fossil' | 'arenas'
  /** In words: "line 7 of rootscor", "super block", "arenas1 at 0x41ff". */
  readonly place: string
  /** From a rootscor line: the fossil partition, and the rest of the line (the value of $venti). */
  readonly partition: string | null
  readonly venti: string | null
  /** Of the root block itself, where that was read (arenas): fossil calls its roots "fossil", vac leaves the name empty. */
  readonly name: string | null
  readonly type: string | null
  /** When it was written, ISO 8601, where that is known (arenas). */
  readonly at: string | null
  /** "Never archived": the score of nothing. */
  readonly isEmpty: boolean
  /** How many times the same line stands there. */
  readonly times: number
  /** What a venti that was asked has of it; null: none was asked. */
  readonly onTarget: RootOnTarget | null
}

/** How much of the archive below a root a venti has. */
export type RootOnTarget = {
  /** Everything below it is there. */
  readonly complete: boolean
  readonly missing: number
  readonly corrupt: number
  /** False: blocks that lead to others are among those, so more may be missing. */
  readonly isKnownBelow: boolean
  /** What is wrong besides, in words. */
  readonly problem: string | null
}

/** What `roots` found, and recorded where it was asked to. */
export type RootsReport = {
  readonly path: string
  readonly kind: '9fat' | 'fossil' | 'arenas' | 'disk'
  /** Newest first among those of one place. */
  readonly roots: readonly RootRecord[]
  /** What could not be read, so that roots may be missing here. */
  readonly problems: readonly string[]
  readonly notes: readonly string[]
  /** The line added to a rootscor, with its score as in `roots`; null when none was to be. */
  readonly appended: { readonly path: string; readonly line: string; readonly backup: string | null } | null
}

/** What a sync did with wrcmd and rootscor. */
export type BookkeepingResult = {
  readonly path: string
  /** The one target that wrcmd names; null when it names none of them, or is not there. */
  readonly dial: string | null
  readonly before: string | null
  readonly after: string | null
  /** Whether wrcmd and rootscor were brought up to date in this run. */
  readonly written: boolean
  /** The claim of a wrcmd that stood further than our own cursors: what came of it. */
  readonly claim: {
    readonly arena: string
    readonly offset: number
    readonly probed: number
    readonly found: number
    readonly taken: boolean
  } | null
  /** fossil's last root was written to rootscor; false: it was the newest there already; null: nobody asked. */
  readonly rootRecorded: boolean | null
  /** Why it was left alone, with the line to set by hand; null when it was written or nothing had to be. */
  readonly note: string | null
  readonly proposal: string | null
  readonly error: string | null
  readonly errorCode: string | null
}

/** The source's own server, asked through its status pages: what it has written, what of that is on disk. */
export type SourceServerResult = {
  readonly dial: string | null
  readonly http: string | null
  readonly synced: boolean
  readonly arenas: readonly {
    readonly name: string
    readonly serverClumps: number
    readonly diskClumps: number
  }[]
  /** Blocks that were only in that server's memory when it was asked first; null when it could not be asked. */
  readonly foundInMemory: number | null
  /** Blocks that still are, when the arenas were read for the copy; null when it could not be asked. */
  readonly onlyInMemory: number | null
  readonly flushed: boolean
  readonly waitedMs: number
}
