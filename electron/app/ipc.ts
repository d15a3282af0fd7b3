// The contract over Electron's IPC. Only the page in the main frame of the window is answered; a stranger is rejected. What
// comes is brought to plain JSON of bounded length first, then checked as the service checks everything.

import { ipcMain, type IpcMainInvokeEvent, type WebContents } from 'electron'
import { askChannel, eventChannel } from '../../shared/bridge.ts'
import { maxRequestBytes, type EventMessage, type Result } from '../../shared/contract.ts'
import type { DesktopEventMessage } from '../../shared/desktop.ts'
import type { Problem } from '../../shared/model/window.ts'
import { isOwnFrame } from './guards.ts'

/** The page asks for much less at once. */
const maxOutstanding = 64

const notJson: Problem = {
  code: 'usage',
  happened: 'this is not a request of the window: it is no plain data, or too long',
  safe: 'Nothing was done.',
  next: 'Reload the window (Ctrl-R) and try again.',
}
const tooMany: Problem = {
  code: 'usage',
  happened: 'too many requests are waiting for their answer',
  safe: 'Nothing was done for this one.',
  next: 'Wait a moment and try again.',
}

export type IpcOptions = {
  /** Of the window there is now; null: none. */
  readonly contents: () => WebContents | null
  readonly answer: (channel: string, asked: unknown) => Promise<Result<unknown>>
  readonly refused: (what: string) => void
}

/** Plain data of bounded length; undefined when it is none. */
function asJson(asked: unknown): unknown {
  try {
    const text = JSON.stringify(asked) as string | undefined
    return text === undefined || Buffer.byteLength(text) > maxRequestBytes ? undefined : (JSON.parse(text) as unknown)
  } catch {
    return undefined
  }
}

/** Returns what tells the page an event; it gets lost when there is no page, and the page asks for the whole when it comes. */
export function serveIpc({
  contents,
  answer,
  refused,
}: IpcOptions): (message: EventMessage | DesktopEventMessage) => void {
  let outstanding = 0
  ipcMain.handle(askChannel, async (event: IpcMainInvokeEvent, channel: unknown, asked: unknown) => {
    const own = contents()
    if (own === null || event.sender !== own || !isOwnFrame(event.senderFrame, own.mainFrame)) {
      refused('a message of a stranger')
      throw new Error('refused')
    }
    const plain = asJson(asked)
    if (typeof channel !== 'string' || channel.length > 64 || plain === undefined)
      return { ok: false, problem: notJson }
    if (outstanding >= maxOutstanding) return { ok: false, problem: tooMany }
    outstanding++
    try {
      return await answer(channel, plain)
    } finally {
      outstanding--
    }
  })
  return (message) => {
    const own = contents()
    if (own !== null && !own.isDestroyed()) own.send(eventChannel, message)
  }
}
