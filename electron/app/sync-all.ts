// Every mirror at once: from the tray, where a person waits for it, or at the daily time, when nobody does.

import type { AppView } from '../../shared/model/window.ts'
import type { KeepGoing } from './habits/keep-going.ts'
import { needsNetwork } from './habits/needs-network.ts'
import type { Telling } from './telling.ts'

export async function syncNow(keep: KeepGoing, { mirrors }: AppView, why: string): Promise<void> {
  await keep.begin(
    mirrors.map(({ name }) => ({ mirror: name, dials: null })),
    why,
  )
}

export async function syncDaily(keep: KeepGoing, telling: Telling, { mirrors }: AppView, why: string): Promise<void> {
  for (const { name } of mirrors) telling.dailyBegins(name)
  await keep.beginWhenPossible(
    mirrors.map(({ name, source, targets }) => {
      const isLocal = !needsNetwork(targets.map(({ dial }) => dial)) && !source.path.startsWith('ssh://')
      return { mirror: name, dials: null, isLocal }
    }),
    why,
  )
}
