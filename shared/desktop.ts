// What the window can ask of the desktop around it, where there is one: in Electron, not in a browser. The same wire as the
// contract (contract.ts), answered by the main process itself.

export type DesktopView = {
  readonly logsFolder: string
}

type Nothing = Record<string, never>
type Call<In, Out> = { readonly asked: In; readonly answer: Out }

export type DesktopRequests = {
  'desktop.view': Call<Nothing, DesktopView>
  /** The system's own dialog; null: nothing was chosen. */
  'desktop.choose': Call<
    { readonly what: 'file' | 'folder'; readonly title: string; readonly start: string | null },
    string | null
  >
  'desktop.openLogs': Call<Nothing, null>
  /** Puts a text about this installation on the clipboard, scores masked. */
  'desktop.copyReport': Call<Nothing, { readonly characters: number }>
}

export type DesktopChannel = keyof DesktopRequests
export type DesktopAsked<C extends DesktopChannel> = DesktopRequests[C]['asked']
export type DesktopAnswer<C extends DesktopChannel> = DesktopRequests[C]['answer']

export const desktopChannels = {
  'desktop.view': true,
  'desktop.choose': true,
  'desktop.openLogs': true,
  'desktop.copyReport': true,
} as const satisfies Record<DesktopChannel, true>

export function isDesktopChannel(name: unknown): name is DesktopChannel {
  return typeof name === 'string' && Object.hasOwn(desktopChannels, name)
}

/** What the menu or a notification leads to. */
export type DesktopCommand = 'overview' | 'setup' | 'verify' | 'activity' | 'settings' | 'sync'

export type DesktopEvents = {
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
