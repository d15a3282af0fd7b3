// What the window can ask of the desktop around it, where there is one: in Electron, not in a browser. The same wire as the
// contract (contract.ts), answered by the main process itself.

/** What a person chose about the application on this computer; kept beside the settings of the window. */
export type DesktopSettings = {
  /** Stay in the tray when the window is closed. */
  readonly tray: boolean
  readonly startAtLogin: boolean
  /** "HH:MM" of the local clock: every mirror is synced then; null: not by itself. */
  readonly dailyAt: string | null
  /** Look for a new version once a week; otherwise only when asked. */
  readonly weeklyLook: boolean
}

/** New versions of the application: looked for by the user's wish alone, and told, never downloaded. */
export type UpdatesView = {
  /** Where the maker of the package said they are; null: nowhere, and nobody is ever asked. */
  readonly feed: string | null
  /** The version that runs. */
  readonly running: string
  /** A newer one that was found. */
  readonly found: string | null
  /** The last look that was answered, ISO. */
  readonly lookedAt: string | null
}

/** Why a part of the desktop cannot be had here; null: it can. */
export type Hindrance = string | null

export type DesktopView = {
  readonly settings: DesktopSettings
  readonly logsFolder: string
  readonly startAtLoginHindrance: Hindrance
  /** Name of the store that keeps secrets, or why none can be kept. */
  readonly secrets: { readonly store: string | null; readonly hindrance: Hindrance }
  /** The last daily time that nothing was done at, because the application did not run or the computer slept; ISO. */
  readonly missedAt: string | null
  /** Next daily time, ISO. */
  readonly nextAt: string | null
  readonly updates: UpdatesView
}

type Nothing = Record<string, never>
type Call<In, Out> = { readonly asked: In; readonly answer: Out }

export type DesktopRequests = {
  'desktop.view': Call<Nothing, DesktopView>
  'desktop.change': Call<Partial<DesktopSettings>, DesktopView>
  /** The one that was shown has been seen: a later one stays. */
  'desktop.dismissMissed': Call<{ readonly missedAt: string }, DesktopView>
  /** The system's own dialog; null: nothing was chosen. */
  'desktop.choose': Call<
    { readonly what: 'file' | 'folder'; readonly title: string; readonly start: string | null },
    string | null
  >
  'desktop.openLogs': Call<Nothing, null>
  /** Puts a text about this installation on the clipboard, scores masked; answers how long it is. */
  'desktop.copyReport': Call<Nothing, { readonly characters: number }>
  /** Asks the feed. */
  'desktop.lookForUpdate': Call<Nothing, DesktopView>
  /** Opens the feed's own page in the system's browser. */
  'desktop.openUpdate': Call<Nothing, null>
}

export type DesktopChannel = keyof DesktopRequests
export type DesktopAsked<C extends DesktopChannel> = DesktopRequests[C]['asked']
export type DesktopAnswer<C extends DesktopChannel> = DesktopRequests[C]['answer']

export const desktopChannels = {
  'desktop.view': true,
  'desktop.change': true,
  'desktop.dismissMissed': true,
  'desktop.choose': true,
  'desktop.openLogs': true,
  'desktop.copyReport': true,
  'desktop.lookForUpdate': true,
  'desktop.openUpdate': true,
} as const satisfies Record<DesktopChannel, true>

export function isDesktopChannel(name: unknown): name is DesktopChannel {
  return typeof name === 'string' && Object.hasOwn(desktopChannels, name)
}

/** What the menu, the tray or a notification leads to. */
export type DesktopCommand = 'overview' | 'setup' | 'verify' | 'activity' | 'settings' | 'sync'

export type DesktopEvents = {
  'desktop.view': DesktopView
  'desktop.command': { readonly command: DesktopCommand; readonly mirror: string | null }
}
export type DesktopEventName = keyof DesktopEvents
export type DesktopEventMessage = {
  [E in DesktopEventName]: { readonly event: E; readonly value: DesktopEvents[E] }
}[DesktopEventName]

/** The window's side of it. */
export interface DesktopApi {
  ask<C extends DesktopChannel>(channel: C, asked: DesktopAsked<C>): Promise<DesktopAnswer<C>>
  /** Returns what ends it. */
  on<E extends DesktopEventName>(event: E, told: (value: DesktopEvents[E]) => void): () => void
}
