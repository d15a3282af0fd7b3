// Locks of a service that died in this very process: the process lives, so that nobody could take them for left behind.

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { dropOwnLock } from '../engine/state/file-lock.ts'

const suffix = '.lock'

/** Of mirrors and 9fats. Never rejects. */
export async function dropStaleLocks(stateDir: string): Promise<void> {
  for (const folder of [join(stateDir, 'mirrors'), join(stateDir, '9fat')]) {
    const names = await readdir(folder).catch(() => [])
    const locked = names.flatMap((name) => {
      const at = name.indexOf(suffix)
      return at < 0 ? [] : [name.slice(0, at)]
    })
    for (const name of new Set(locked)) await dropOwnLock(join(folder, name))
  }
}
