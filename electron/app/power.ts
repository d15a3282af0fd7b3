// Sleep and waking, as the system tells them.

import { powerMonitor } from 'electron'
import type { KeepGoing } from './habits/keep-going.ts'

export type PowerSurroundings = {
  readonly keep: KeepGoing
  /** What was to go on goes on, or waits for its network. */
  readonly woke: () => void
  readonly endNow: () => Promise<void>
  readonly say: (line: string) => void
}

export function watchPower({ keep, woke, endNow, say }: PowerSurroundings): void {
  powerMonitor.on('suspend', () => {
    say('the computer goes to sleep')
    keep.suspended()
  })
  powerMonitor.on('resume', () => {
    say('the computer woke')
    void keep.woke().then(woke)
  })
  powerMonitor.on('shutdown', () => void endNow())
}
