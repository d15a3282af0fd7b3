// Syncs begun by hand, and pause, resume and cancel for jobs of every kind.

import { AppError } from '../../shared/errors.ts'
import { syncCommand } from './commands.ts'
import type { Core } from './core.ts'
import type { Handlers } from './handlers.ts'
import { knownMirror } from './known-mirror.ts'
import type { MirrorChanges } from './mirror-changes.ts'
import { verifiesAfterSync } from './mirror-preferences.ts'
import { startSync } from './sync-job.ts'

type Names = 'sync.start' | 'job.pause' | 'job.resume' | 'job.cancel'

export function syncHandlers(core: Core, changes: MirrorChanges): Pick<Handlers, Names> {
  const { stateDir, jobs, stores } = core
  return {
    'sync.start': async ({ mirror: name, dials }) => {
      const mirror = await knownMirror(stateDir, name)
      const known = new Set(mirror.targets.map(({ dial }) => dial))
      const stranger = dials?.find((dial) => !known.has(dial))
      if (stranger !== undefined) throw new AppError('usage', `${stranger} is no target of mirror ${name}`)
      await stores.retry()
      const open = jobs.openSync(name)
      // One that is paused is what the user means to go on with.
      if (open?.state === 'paused') return jobs.resume(open.id).id
      if (open !== null) {
        throw new AppError('usage', `mirror ${name} is being synced already`, {
          data: { safe: 'The sync that was begun goes on.', next: 'Watch it, or cancel it first.' },
        })
      }
      const verify = verifiesAfterSync(mirror)
      // In the mirror's own order, whatever the page's was.
      const chosen = dials === null ? null : [...known].filter((dial) => dials.includes(dial))
      const command = syncCommand({ source: name, dials: chosen ?? [], verify }, core)
      return startSync(core, changes, { mirror, dials: chosen, verify, command })
    },
    'job.pause': ({ job }) => Promise.resolve().then(() => jobs.pause(job)),
    'job.resume': ({ job }) => Promise.resolve().then(() => jobs.resume(job)),
    'job.cancel': ({ job }) => Promise.resolve().then(() => jobs.cancel(job)),
  }
}
