// Everything that a host said to a page over its WebSocket, as text: for what must not be in it.

import type { Page } from 'playwright-core'

/** Called before the page is opened. */
export function watchFrames(page: Page): { heard(): string } {
  const texts: string[] = []
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => texts.push(String(payload)))
  })
  return { heard: () => texts.join('\n') }
}
