// How the contract goes through Electron: the names of the two IPC channels, and what the preload puts into the page.

import type { EventMessage, Result } from './contract.ts'
import type { DesktopEventMessage } from './desktop.ts'

/** window.ventiMirror */
export const bridgeName = 'ventiMirror'
/** invoke(askChannel, channel, asked): a Result. */
export const askChannel = 'venti-mirror:ask'
/** One EventMessage or DesktopEventMessage each. */
export const eventChannel = 'venti-mirror:event'

/** Where the page comes from: a scheme of the application's own, so that nothing of it is a file to the browser. */
export const pageScheme = 'venti-mirror'
export const pageOrigin = `${pageScheme}://window`

export type Bridge = {
  /** Rejects only when the application is ending. */
  ask(channel: string, asked: unknown): Promise<Result<unknown>>
  /** Returns what ends it. */
  onEvent(told: (message: EventMessage | DesktopEventMessage) => void): () => void
}
