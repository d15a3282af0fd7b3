// Mirrors as the window changes and asks for them. Changes of what a mirror is go to its file under its lock
// (mirror-changes.ts); nothing here sends a block.

import { unlink } from 'node:fs/promises'
import { AppError } from '../../shared/errors.ts'
import type { MirrorState } from '../../shared/model/mirror.ts'
import type { MirrorView } from '../../shared/model/window.ts'
import { historyPath } from '../engine/state/history.ts'
import { lockMirror, mirrorPath } from '../engine/state/mirror-file.ts'
import { verifyLogPath } from '../engine/state/verify-log.ts'
import type { SourceView } from '../engine/sync/source-view.ts'
import { parseDial } from '../engine/venti/client/dial.ts'
import { ArenaMaps } from './arena-maps.ts'
import { arenaMapOf, type SealedArenas } from './arena-map.ts'
import type { Core } from './core.ts'
import { greetTarget } from './greet.ts'
import type { Handlers } from './handlers.ts'
import { knownMirror } from './known-mirror.ts'
import { withPreferences, type MirrorChanges } from './mirror-changes.ts'
import { preferencesOf } from './mirror-preferences.ts'
import { withSource } from './mirror-source.ts'
import { sampleHandlers } from './sample-handlers.ts'
import type { Setup } from './setup.ts'
import { keepUsedStores } from './used-stores.ts'

type Names =
  | 'mirror.refresh'
  | 'mirror.arenas'
  | 'mirror.change'
  | 'mirror.addTarget'
  | 'mirror.removeTarget'
  | 'mirror.forget'
  | 'sample.nextDay'

const maxTargets = 16

function refuseWhileOpen({ jobs }: Core, name: string, what: string): void {
  if (jobs.openSync(name) === null) return
  throw new AppError('usage', `mirror ${name} is being synced: ${what} after that`, {
    data: { safe: 'Nothing was changed; the sync goes on.', next: 'Wait for its end, or cancel it first.' },
  })
}

async function greetAll(core: Core, mirror: MirrorState, view: SourceView | null): Promise<void> {
  const { environment, views } = core
  const { sourceVenti = null } = preferencesOf(mirror)
  const greeted = await Promise.all(
    mirror.targets.map(async ({ dial }) => {
      const { roundTripMs, problem } = await greetTarget(dial, { environment, view, sourceVenti })
      return [dial, { roundTripMs, problem }] as const
    }),
  )
  views.noteGreetings(mirror.name, new Map(greeted))
}

async function viewOf({ views }: Core, name: string): Promise<MirrorView> {
  await views.changed(name)
  const view = views.of(name)
  if (view !== null) return view
  throw new AppError('state-missing', 'there is no mirror of this name in the data folder any more', {
    data: { safe: 'Nothing was read or sent.', next: 'Choose a mirror from the list, or set it up again.' },
  })
}

function withTarget(mirror: MirrorState, dial: string, name: string): MirrorState {
  const target = { dial, cursors: {}, lastSync: null, lastError: null }
  const targets = [...mirror.targets, target]
  return withPreferences(
    { ...mirror, targets },
    { targetNames: { ...preferencesOf(mirror).targetNames, [dial]: name } },
  )
}

function withoutTarget(mirror: MirrorState, dial: string): MirrorState {
  const names = Object.entries(preferencesOf(mirror).targetNames ?? {}).filter(([one]) => one !== dial)
  const targets = mirror.targets.filter((target) => target.dial !== dial)
  return withPreferences({ ...mirror, targets }, { targetNames: Object.fromEntries(names) })
}

export function mirrorHandlers(core: Core, changes: MirrorChanges, setup: Setup): Pick<Handlers, Names> {
  const { stateDir, stores, jobs, tellApp, environment } = core
  const sealed: SealedArenas = new Set()
  const maps = new ArenaMaps()
  const named = async (name: string): Promise<MirrorState> => changes.pendingOf(await knownMirror(stateDir, name))

  return {
    ...sampleHandlers(core, setup, async (name) => await viewOf(core, name)),
    'mirror.refresh': async ({ mirror: name }) => {
      const mirror = await named(name)
      await stores.retry()
      try {
        await withSource(mirror, async (view) => await greetAll(core, mirror, view))
      } catch {
        // The picture says what is wrong with the source.
        await greetAll(core, mirror, null)
      }
      return await viewOf(core, name)
    },

    'mirror.arenas': async ({ mirror: name }) => {
      const state = { sequence: core.views.of(name)?.sequence ?? 0, isSyncing: jobs.openSync(name) !== null }
      return await maps.of(name, state, async () => {
        const mirror = await named(name)
        return await withSource(mirror, async (view) => await arenaMapOf(view, mirror, sealed))
      })
    },

    'mirror.change': async ({ mirror: name, ...change }) => {
      const { targets } = await named(name)
      const dials = new Set(targets.map(({ dial }) => dial))
      const stranger = Object.keys(change.targetNames ?? {}).find((dial) => !dials.has(dial))
      if (stranger !== undefined) throw new AppError('usage', `${stranger} is no target of mirror ${name}`)
      const edit = (mirror: MirrorState): MirrorState => {
        const targetNames = { ...preferencesOf(mirror).targetNames, ...change.targetNames }
        return withPreferences(mirror, { ...change, ...(change.targetNames === undefined ? {} : { targetNames }) })
      }
      await changes.soon(name, edit, jobs.openSync(name) !== null)
      return await viewOf(core, name)
    },

    'mirror.addTarget': async ({ mirror: name, dial: given, name: called }) => {
      const { text: dial } = parseDial(given, environment)
      refuseWhileOpen(core, name, 'add a target')
      const { targets } = await named(name)
      if (targets.some((target) => target.dial === dial)) {
        throw new AppError('usage', `${dial} is a target of mirror ${name} already`)
      }
      if (targets.length >= maxTargets) throw new AppError('usage', `a mirror has at most ${maxTargets} targets here`)
      await changes.now(name, (mirror) => withTarget(mirror, dial, called))
      return await viewOf(core, name)
    },

    'mirror.removeTarget': async ({ mirror: name, dial }) => {
      refuseWhileOpen(core, name, 'remove a target')
      const { targets } = await named(name)
      if (!targets.some((target) => target.dial === dial)) {
        throw new AppError('usage', `${dial} is no target of mirror ${name}`)
      }
      if (targets.length === 1) {
        throw new AppError('usage', `${dial} is the only target of mirror ${name}`, {
          data: { safe: 'Nothing was changed.', next: 'Add another target first, or forget the whole mirror.' },
        })
      }
      await changes.now(name, (mirror) => withoutTarget(mirror, dial))
      await keepUsedStores(core, setup.dials)
      return await viewOf(core, name)
    },

    'mirror.forget': async ({ mirror: name }) => {
      refuseWhileOpen(core, name, 'forget it')
      await knownMirror(stateDir, name)
      const lock = await lockMirror(stateDir, name)
      try {
        await unlink(mirrorPath(stateDir, name))
        // Logs of a mirror that is no more would be taken for those of the next one of that name.
        for (const path of [historyPath(stateDir, name), verifyLogPath(stateDir, name)]) {
          await unlink(path).catch(() => undefined)
        }
      } finally {
        await lock.release()
      }
      core.views.forget(name)
      await setup.mirrorForgotten(name)
      await keepUsedStores(core, setup.dials)
      tellApp()
      return null
    },
  }
}
