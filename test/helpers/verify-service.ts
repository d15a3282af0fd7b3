// The handlers of the Verify and Activity views on the classes of the service itself: no worker, no host, nothing of it
// replaced. Jobs are waited for by their pictures, never by time.

import { onTestFinished } from 'vitest'
import type { ServiceContext } from '../../electron/service/context.ts'
import { JobBook } from '../../electron/service/jobs.ts'
import { PlaceBook } from '../../electron/service/places.ts'
import { problemOf } from '../../electron/service/problem.ts'
import { Publisher } from '../../electron/service/publish.ts'
import { RootBook } from '../../electron/service/roots.ts'
import { verifyHandlers } from '../../electron/service/verify-handlers.ts'
import type { CheckJobView, ExtractJobView, JobId, JobView, Problem, RootView } from '../../shared/model/window.ts'
import { stateDirIn } from './sync-runs.ts'

type Waiting = { readonly isIt: (view: JobView) => boolean; readonly met: (view: JobView) => void }

export type VerifyService = ReturnType<typeof verifyServiceIn>

/** With the state in `folder`/state. */
export function verifyServiceIn(folder: string, options: Partial<ServiceContext> = {}) {
  const waiting = new Set<Waiting>()
  const changed: string[] = []
  const onChange = (view: JobView): void => {
    for (const one of waiting) {
      if (!one.isIt(view)) continue
      waiting.delete(one)
      one.met(view)
    }
  }
  const context: ServiceContext = {
    stateDir: stateDirIn(folder),
    home: folder,
    environment: {},
    version: '0',
    sampleDir: folder,
    now: () => new Date(),
    places: new PlaceBook(),
    roots: new RootBook(),
    jobs: new JobBook(() => new Date(), onChange, onChange),
    publisher: new Publisher(),
    mirrorChanged: (name) => {
      changed.push(name)
      return Promise.resolve()
    },
    ...options,
  }
  const { handlers, close } = verifyHandlers(context)
  onTestFinished(async () => {
    await context.jobs.close()
    await close()
    context.publisher.close()
  })

  const reached = async (job: JobId, isIt: (view: JobView) => boolean): Promise<JobView> => {
    const now = context.jobs.view(job)
    if (isIt(now)) return now
    return await new Promise((met) => waiting.add({ isIt: (view) => view.id === job && isIt(view), met }))
  }

  return {
    context,
    handlers,
    close,
    /** Names told to mirrorChanged. */
    changed,
    reached,
    ended: async (job: JobId): Promise<JobView> => await reached(job, ({ state }) => state === 'ended'),
    checked: async (job: JobId): Promise<CheckJobView> =>
      (await reached(job, ({ state }) => state === 'ended')) as CheckJobView,
    extracted: async (job: JobId): Promise<ExtractJobView> =>
      (await reached(job, ({ state }) => state === 'ended')) as ExtractJobView,
    /** The picture of a root that the arenas of the mirror have. */
    rootView: async (mirror: string, score: string): Promise<RootView> => {
      const { roots } = await handlers['roots.list']({ mirror })
      const masked = `vac:${score.slice(-40, -36)}…${score.slice(-4)}`
      const view = roots.find((one) => one.score === masked)
      if (view === undefined) throw new Error(`no root ${masked} is listed`)
      return view
    },
  }
}

/** What the window is told of a rejection. */
export async function problemIn(answer: Promise<unknown>): Promise<Problem> {
  try {
    await answer
  } catch (thrown) {
    return problemOf(thrown)
  }
  throw new Error('it was answered')
}
