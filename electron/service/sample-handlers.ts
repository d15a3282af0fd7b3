// A day goes by in the sample: its partition becomes the next one of the bundle, and its newest root is written to its
// rootscor as fossilize would. Whatever a crash leaves is one day or the other; the root of a day that is missing in rootscor
// is written first the next time.

import { AppError } from '../../shared/errors.ts'
import type { MirrorState } from '../../shared/model/mirror.ts'
import type { MirrorView } from '../../shared/model/window.ts'
import { listMirrors, lockMirror } from '../engine/state/mirror-file.ts'
import type { Core } from './core.ts'
import type { Handlers } from './handlers.ts'
import { knownMirror } from './known-mirror.ts'
import { isOfSample, putSampleDay, recordSampleRoot, samplePaths } from './sample.ts'
import type { Setup } from './setup.ts'

async function mirrorsOfSample(stateDir: string): Promise<readonly MirrorState[]> {
  const { mirrors } = await listMirrors(stateDir)
  return mirrors.filter((mirror) => isOfSample(mirror, stateDir))
}

function refuseWhileBusy({ jobs }: Core, mirrors: readonly MirrorState[]): void {
  const names = new Set(mirrors.map(({ name }) => name))
  const open = jobs.views.find(({ mirror, state }) => mirror !== null && names.has(mirror) && state !== 'ended')
  if (open === undefined) return
  const words = { sync: 'being synced', check: 'being checked', extract: 'being restored from' } as const
  throw new AppError('usage', `mirror ${open.mirror} is ${words[open.kind]}: the next day comes after that`, {
    data: { safe: 'Nothing was changed; what is running goes on.', next: 'Wait for its end, or cancel it first.' },
  })
}

async function nextDayOf({ sampleDays, stateDir }: Core): Promise<number> {
  const now = await sampleDays.dayOf(samplePaths(stateDir).arenas)
  if (now === null) {
    throw new AppError('usage', 'the sample in the data folder is none of the days that come with the program', {
      data: { safe: 'Nothing was changed.', next: 'Forget this mirror, and try the sample anew.' },
    })
  }
  if (now.day < now.days) return now.day + 1
  throw new AppError('usage', `the sample is at the last of its ${now.days} days`, {
    data: { safe: 'Nothing was changed.', next: 'Mirror a source of your own, or forget this mirror and begin anew.' },
  })
}

async function goOn(core: Core): Promise<void> {
  const sample = samplePaths(core.stateDir)
  // What a crash left out the last time.
  await recordSampleRoot(sample, core)
  await putSampleDay(sample, await nextDayOf(core), core.sampleDir)
  await recordSampleRoot(sample, core)
}

export function sampleHandlers(
  core: Core,
  setup: Setup,
  viewOf: (name: string) => Promise<MirrorView>,
): Pick<Handlers, 'sample.nextDay'> {
  const { stateDir, views } = core
  return {
    'sample.nextDay': async ({ mirror: name }) => {
      const mirror = await knownMirror(stateDir, name)
      if (!isOfSample(mirror, stateDir)) {
        throw new AppError('usage', `mirror ${name} is no mirror of the sample: its days come by themselves`, {
          data: { safe: 'Nothing was changed.', next: 'Refresh it to see what is new.' },
        })
      }
      const all = await mirrorsOfSample(stateDir)
      refuseWhileBusy(core, all)
      // Against syncs of other processes, too.
      const lock = await lockMirror(stateDir, name)
      try {
        await goOn(core)
      } finally {
        await lock.release()
      }
      if (setup.draft?.source?.place.path === samplePaths(stateDir).arenas) await setup.lookAgain()
      for (const other of all) if (other.name !== name) await views.changed(other.name)
      return await viewOf(name)
    },
  }
}
