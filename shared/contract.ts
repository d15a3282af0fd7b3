// The contract between the window and whoever does the work: what may be asked and what is told. IPC, the worker's port
// and the WebSocket all carry exactly this; the service validates every request at run time (service/validate.ts).

import type {
  ActivityLine,
  AppView,
  ArenaMap,
  FolderListing,
  JobId,
  JobView,
  MachineAnswer,
  MachineQuestionView,
  MirrorView,
  MutualPlan,
  Place,
  PlaceId,
  Preview,
  Problem,
  QuestionId,
  RawDiskChoice,
  RecoveryCard,
  RootId,
  RootView,
  Settings,
  SetupDraft,
  SetupPlan,
  SetupStep,
  SourceLook,
  TargetTest,
  TreePage,
  WrcmdLook,
  WrcmdSet,
} from './model/window.ts'
import type { VerifyDepth } from './model/verify.ts'

type Nothing = Record<string, never>
type Call<In, Out> = { readonly asked: In; readonly answer: Out }

/** Paths appear in `places.look`, `places.folder` and `places.list` only: that is how a user names one. */
export type Requests = {
  'app.view': Call<Nothing, AppView>

  /** What was typed is in no picture, file or message. */
  'machine.answer': Call<{ readonly id: QuestionId; readonly answer: MachineAnswer }, null>

  'places.disks': Call<Nothing, readonly RawDiskChoice[]>
  /** Lists a folder of the computer the service runs on; null: the user's home. */
  'places.list': Call<{ readonly path: string | null }, FolderListing>
  /** Opens what the user named, read-only, and says what it is. */
  'places.look': Call<{ readonly path: string }, SourceLook>
  /** A folder to extract to or to keep an embedded store in; made when absent. */
  'places.folder': Call<{ readonly path: string }, Place>

  'setup.begin': Call<Nothing, SetupDraft>
  'setup.discard': Call<Nothing, null>
  'setup.step': Call<{ readonly step: SetupStep }, SetupDraft>
  'setup.source': Call<{ readonly place: PlaceId }, SetupDraft>
  /** A partition with sample data, made in the data folder. */
  'setup.sample': Call<Nothing, SetupDraft>
  'setup.name': Call<{ readonly name: string }, SetupDraft>
  'setup.test': Call<{ readonly dial: string }, TargetTest>
  'setup.addTarget': Call<{ readonly dial: string; readonly name: string }, SetupDraft>
  /** The embedded server in a folder; `sizeBytes` of room for the store. */
  'setup.addStore': Call<{ readonly folder: PlaceId; readonly name: string; readonly sizeBytes: number }, SetupDraft>
  'setup.removeTarget': Call<{ readonly dial: string }, SetupDraft>
  /** Null: no 9fat. */
  'setup.ninefat': Call<{ readonly place: PlaceId | null }, SetupDraft>
  'setup.fossil': Call<{ readonly place: PlaceId | null }, SetupDraft>
  'setup.plan': Call<Nothing, SetupPlan>
  /** Makes the mirror and begins the bulk copy, or goes on with it. */
  'setup.copy': Call<Nothing, { readonly draft: SetupDraft; readonly job: JobId }>
  /** `disk`: a disk or an image of the other machine that can be reached from here; null: none. */
  'setup.mutual': Call<{ readonly disk: PlaceId | null }, MutualPlan>
  'setup.finish': Call<Nothing, null>

  /** Looks at the source and greets the targets anew. */
  'mirror.refresh': Call<{ readonly mirror: string }, MirrorView>
  'mirror.arenas': Call<{ readonly mirror: string }, ArenaMap>
  'mirror.change': Call<
    {
      readonly mirror: string
      readonly limitBytesPerSecond?: number | null
      readonly verifyAfterSync?: boolean
      readonly targetNames?: Readonly<Record<string, string>>
    },
    MirrorView
  >
  'mirror.addTarget': Call<{ readonly mirror: string; readonly dial: string; readonly name: string }, MirrorView>
  'mirror.removeTarget': Call<{ readonly mirror: string; readonly dial: string }, MirrorView>
  /** Forgets the mirror's state; nothing on any venti changes. */
  'mirror.forget': Call<{ readonly mirror: string }, null>
  /** A mirror of the sample only: its source becomes what it would have been a day later. */
  'sample.nextDay': Call<{ readonly mirror: string }, MirrorView>

  /** Null: all targets. */
  'sync.start': Call<{ readonly mirror: string; readonly dials: readonly string[] | null }, JobId>
  'job.pause': Call<{ readonly job: JobId }, JobView>
  'job.resume': Call<{ readonly job: JobId }, JobView>
  'job.cancel': Call<{ readonly job: JobId }, JobView>

  'roots.list': Call<
    { readonly mirror: string },
    { readonly roots: readonly RootView[]; readonly problems: readonly string[] }
  >
  'roots.paste': Call<{ readonly mirror: string; readonly text: string }, RootView>
  /** The score in full, because the user asked to see it. */
  'roots.reveal': Call<{ readonly root: RootId }, { readonly score: string }>
  'check.start': Call<
    {
      readonly mirror: string
      readonly root: RootId
      readonly dial: string
      readonly depth: VerifyDepth
      readonly repair: boolean
    },
    JobId
  >
  'tree.list': Call<
    {
      readonly root: RootId
      readonly dial: string
      readonly path: string
      readonly from: number
      readonly count: number
    },
    TreePage
  >
  'tree.preview': Call<
    { readonly root: RootId; readonly dial: string; readonly path: string; readonly offset: number },
    Preview
  >
  'extract.start': Call<
    { readonly root: RootId; readonly dial: string; readonly path: string; readonly folder: PlaceId },
    JobId
  >
  /** Only for a root whose whole tree was read back on that target (depth full). */
  'recovery.card': Call<
    { readonly mirror: string; readonly root: RootId; readonly dial: string; readonly reveal: boolean },
    RecoveryCard
  >

  'activity.list': Call<
    {
      readonly mirror: string | null
      readonly kinds: readonly ActivityLine['kind'][]
      readonly from: number
      readonly count: number
    },
    { readonly lines: readonly ActivityLine[]; readonly total: number }
  >
  /** The same as text: JSON lines or comma-separated values, scores masked. */
  'activity.export': Call<
    {
      readonly mirror: string | null
      readonly kinds: readonly ActivityLine['kind'][]
      readonly format: 'json' | 'csv'
    },
    { readonly fileName: string; readonly text: string }
  >
  'settings.change': Call<Partial<Settings>, Settings>
  'wrcmd.look': Call<{ readonly place: PlaceId; readonly source: PlaceId | null }, WrcmdLook>
  /**
   * Writes wrcmd as `venti-mirror wrcmd set` does, with a backup: the line the program itself would put there for `host`
   * (null: the one that the line names). `before` is what the user saw there; another line is refused and nothing changed.
   */
  'wrcmd.set': Call<
    {
      readonly place: PlaceId
      readonly source: PlaceId
      readonly host: string | null
      readonly before: string | null
      readonly dryRun: boolean
    },
    WrcmdSet
  >
}

export type Channel = keyof Requests
export type Asked<C extends Channel> = Requests[C]['asked']
export type Answer<C extends Channel> = Requests[C]['answer']

/** Whole pictures with a sequence number: one that gets lost costs nothing. */
export type Events = {
  'job.view': JobView
  'mirror.view': MirrorView
  'setup.view': SetupDraft | null
  'settings.view': Settings
  'machine.question': MachineQuestionView
  /** Mirrors were added or forgotten, or jobs dropped from the list: ask for app.view. */
  'app.changed': { readonly sequence: number }
}
export type EventName = keyof Events

export const channels = {
  'app.view': true,
  'machine.answer': true,
  'places.disks': true,
  'places.list': true,
  'places.look': true,
  'places.folder': true,
  'setup.begin': true,
  'setup.discard': true,
  'setup.step': true,
  'setup.source': true,
  'setup.sample': true,
  'setup.name': true,
  'setup.test': true,
  'setup.addTarget': true,
  'setup.addStore': true,
  'setup.removeTarget': true,
  'setup.ninefat': true,
  'setup.fossil': true,
  'setup.plan': true,
  'setup.copy': true,
  'setup.mutual': true,
  'setup.finish': true,
  'mirror.refresh': true,
  'mirror.arenas': true,
  'mirror.change': true,
  'mirror.addTarget': true,
  'mirror.removeTarget': true,
  'mirror.forget': true,
  'sample.nextDay': true,
  'sync.start': true,
  'job.pause': true,
  'job.resume': true,
  'job.cancel': true,
  'roots.list': true,
  'roots.paste': true,
  'roots.reveal': true,
  'check.start': true,
  'tree.list': true,
  'tree.preview': true,
  'extract.start': true,
  'recovery.card': true,
  'activity.list': true,
  'activity.export': true,
  'settings.change': true,
  'wrcmd.look': true,
  'wrcmd.set': true,
} as const satisfies Record<Channel, true>

export const eventNames = {
  'job.view': true,
  'mirror.view': true,
  'setup.view': true,
  'settings.view': true,
  'machine.question': true,
  'app.changed': true,
} as const satisfies Record<EventName, true>

export function isChannel(name: unknown): name is Channel {
  return typeof name === 'string' && Object.hasOwn(channels, name)
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem }

/** Of one request as JSON; what is longer is refused before it is read. */
export const maxRequestBytes = 64 * 1024
/** Of the browser host: where a page shows the token of its link and asks whether it is known, and where its socket is. */
export const sessionPath = '/session'
export const socketPath = '/socket'

/** What goes over a wire, from the window to the service and back. */
export type RequestMessage = { readonly id: number; readonly channel: string; readonly asked: unknown }
export type ReplyMessage = { readonly id: number; readonly result: Result<unknown> }
export type EventMessage = { readonly event: EventName; readonly value: Events[EventName] }
/** The host's own word to a page: whether it may act. Told again now and then, as a sign of life. */
export type ControlMessage = { readonly control: boolean }
/** A page's wish to have control; the one that has it becomes one that looks. */
export type TakeControlMessage = { readonly takeControl: true }

/** The window's side of a connection. */
export interface ServiceApi {
  ask<C extends Channel>(channel: C, asked: Asked<C>): Promise<Answer<C>>
  /** Returns what ends it. */
  on<E extends EventName>(event: E, told: (value: Events[E]) => void): () => void
  /** Whether the connection stands, and whether this page may act; told at once and at every change. */
  onLink(told: (link: { readonly connected: boolean; readonly control: boolean }) => void): () => void
  takeControl(): void
}
