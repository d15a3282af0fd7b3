// The wizard by requests: each answers with the draft as it is afterwards, which is on disk by then (setup.ts).

import { AppError } from '../../shared/errors.ts'
import type { JobId, SetupDraft, SetupStep, SourceLook, TargetTest } from '../../shared/model/window.ts'
import { listPath } from '../engine/disk/list-path.ts'
import { fileExists } from '../engine/source/any-file.ts'
import { fileOfPath } from '../engine/source/place.ts'
import { listMirrors } from '../engine/state/mirror-file.ts'
import { openSourceView } from '../engine/sync/source-view.ts'
import { parseDial } from '../engine/venti/client/dial.ts'
import { syncCommand } from './commands.ts'
import type { Core } from './core.ts'
import { greetTarget } from './greet.ts'
import type { Handlers } from './handlers.ts'
import { knownMirror } from './known-mirror.ts'
import type { MirrorChanges } from './mirror-changes.ts'
import { samplePaths, setSampleBooks, unpackSample } from './sample.ts'
import type { Setup } from './setup.ts'
import { makeMirror } from './setup-mirror.ts'
import { mutualPlanOf } from './setup-mutual.ts'
import { planSetup, setupCommandParts } from './setup-plan.ts'
import { lookAtPath } from './source-look.ts'
import { startSync } from './sync-job.ts'
import { keepUsedStores } from './used-stores.ts'
import { lookAtWrcmd } from './wrcmd-look.ts'

type Names = Extract<keyof Handlers, `setup.${string}`>

const maxTargets = 16

/** Steps that need the mirror, which the copy makes. */
const afterCopy: ReadonlySet<SetupStep> = new Set(['copy', 'verify', 'done'])

/** What stands beside the arenas on the same disk, when there is one of it and no doubt. */
async function besideArenas(
  path: string,
): Promise<{ readonly ninefat: string | null; readonly fossil: string | null }> {
  const none = { ninefat: null, fossil: null }
  const disk = await fileOfPath(path)
  if (disk === path || !(await fileExists(disk))) return none
  try {
    const { partitions } = await listPath(disk, false)
    const only = (kind: string): string | null => {
      const found = partitions.filter((one) => one.kind === kind)
      return found.length === 1 ? (found[0]?.path ?? null) : null
    }
    return { ninefat: only('9fat'), fossil: only('fossil') }
  } catch {
    return none
  }
}

function refuseStep(draft: SetupDraft, step: SetupStep): void {
  const needed =
    step === 'source'
      ? null
      : draft.source?.totals === null || draft.source === null
        ? 'a source that can be mirrored'
        : step !== 'targets' && draft.targets.length === 0
          ? 'a target'
          : afterCopy.has(step) && draft.mirror === null
            ? 'the copy to have begun'
            : null
  if (needed === null) return
  throw new AppError('usage', `this step needs ${needed} first`, {
    data: { safe: 'Nothing was changed.', next: 'Go through the steps before it.' },
  })
}

class SetupActions {
  readonly #core: Core
  readonly #setup: Setup
  readonly #changes: MirrorChanges

  constructor(core: Core, setup: Setup, changes: MirrorChanges) {
    this.#core = core
    this.#setup = setup
    this.#changes = changes
  }

  async source(path: string, isSample: boolean, ninefat: string | null = null): Promise<SetupDraft> {
    this.#setup.editable()
    const look = await lookAtPath(path, this.#core.places)
    if (look.totals === null) throw notASource(look)
    const beside = await besideArenas(path)
    const found = ninefat ?? beside.ninefat
    const { places } = this.#core
    const wrcmd = found === null ? null : await lookAtWrcmd(found, path, places)
    const name = await this.#setup.freeName(path)
    return await this.#setup.change((draft) => ({
      ...draft,
      source: look,
      isSample,
      name,
      ninefat: wrcmd,
      noNinefat: false,
      fossil: beside.fossil === null ? null : places.add(beside.fossil),
    }))
  }

  async test(given: string): Promise<TargetTest> {
    const { source } = this.#setup.required()
    const { environment } = this.#core
    const path = source?.place.path ?? null
    const view = path === null ? null : await openSourceView(path).catch(() => null)
    try {
      const found = await greetTarget(given, { environment, view })
      const command = syncCommand({ source: path ?? 'SOURCE', dials: [found.dial ?? given], dryRun: true }, this.#core)
      const test = { ...found, command }
      this.#setup.noteTest(test)
      return test
    } finally {
      await view?.close()
    }
  }

  async addTarget(given: string, name: string): Promise<SetupDraft> {
    const { targets } = this.#setup.editable()
    const { text: dial } = parseDial(given, this.#core.environment)
    if (targets.some((target) => target.dial === dial)) throw new AppError('usage', `${dial} is a target already`)
    if (targets.length >= maxTargets) throw new AppError('usage', `at most ${maxTargets} targets are possible here`)
    const test = await this.test(dial)
    if (test.isSource)
      throw new AppError('target-is-source', test.problem?.happened ?? `${dial} serves the source itself`)
    return await this.#setup.change((draft) => ({
      ...draft,
      targets: [...draft.targets, this.#setup.targetOf(dial, name)],
    }))
  }

  async removeTarget(dial: string): Promise<SetupDraft> {
    this.#setup.editable()
    const draft = await this.#setup.change((now) => ({
      ...now,
      targets: now.targets.filter((target) => target.dial !== dial),
    }))
    await keepUsedStores(this.#core, this.#setup.dials)
    return draft
  }

  /** Makes the mirror the first time; later, also after a crash, goes on with its copy. */
  async copy(): Promise<{ readonly draft: SetupDraft; readonly job: JobId }> {
    const draft = this.#setup.required()
    await this.#core.stores.retry()
    const { jobs, views, tellApp, stateDir } = this.#core
    if (draft.mirror === null) {
      const { name } = await makeMirror(this.#core, draft)
      await this.#setup.change((now) => ({ ...now, mirror: name, step: 'copy' }))
      await this.#giveSampleBooks(draft)
      await views.changed(name)
      tellApp()
    }
    const name = draft.mirror ?? draft.name
    const open = jobs.openSync(name)
    if (open !== null) {
      if (open.state === 'paused') jobs.resume(open.id)
      return { draft: this.#setup.required(), job: open.id }
    }
    const mirror = await knownMirror(stateDir, name)
    const now = await this.#setup.change((one) => ({ ...one, step: 'copy' }))
    const job = startSync(this.#core, this.#changes, {
      mirror,
      dials: null,
      verify: true,
      command: syncCommand({ ...setupCommandParts(now), name, verify: true }, this.#core),
      onVerifying: () => void this.#setup.moveOn(['copy'], 'verify'),
      onResult: async (result) => {
        if (result === 'ok') await this.#setup.moveOn(['copy', 'verify'], 'done')
      },
    })
    return { draft: now, job }
  }

  async #giveSampleBooks({ isSample, ninefat, targets }: SetupDraft): Promise<void> {
    const [first] = targets
    const sample = samplePaths(this.#core.stateDir)
    // A 9fat of its owner's is left to its owner.
    if (!isSample || first === undefined || ninefat?.place.path !== sample.ninefat) return
    await setSampleBooks(sample, first.dial, this.#core)
  }
}

function notASource(look: SourceLook): AppError {
  const what = look.problems[0] ?? 'it is no arena partition and no configuration of a venti'
  return new AppError('not-arena-partition', `${look.place.path} cannot be mirrored: ${what}`, {
    data: {
      safe: 'It was only read.',
      next: 'Choose the arenas partition of a disk, an image of it, or the configuration file of a venti.',
    },
  })
}

export function setupHandlers(core: Core, setup: Setup, changes: MirrorChanges): Pick<Handlers, Names> {
  const { places, stores, stateDir } = core
  const actions = new SetupActions(core, setup, changes)
  return {
    'setup.begin': async () => await setup.begin(),
    'setup.discard': async () => {
      await setup.end()
      return null
    },
    'setup.step': async ({ step }) => {
      refuseStep(setup.required(), step)
      return await setup.change((draft) => ({ ...draft, step }))
    },
    'setup.source': async ({ place }) => await actions.source(places.pathOf(place), false),
    'setup.sample': async () => {
      setup.editable()
      const { arenas, ninefat } = await unpackSample(core)
      return await actions.source(arenas, true, ninefat)
    },
    'setup.name': async ({ name }) => {
      setup.editable()
      const { mirrors } = await listMirrors(stateDir)
      if (mirrors.some((mirror) => mirror.name === name)) {
        throw new AppError('usage', `there is a mirror ${name} already`, {
          data: { safe: 'Nothing was changed.', next: 'Choose another name.' },
        })
      }
      return await setup.change((draft) => ({ ...draft, name }))
    },
    'setup.test': async ({ dial }) => await actions.test(dial),
    'setup.addTarget': async ({ dial, name }) => await actions.addTarget(dial, name),
    'setup.addStore': async ({ folder, name, sizeBytes }) => {
      setup.editable()
      const { dial } = await stores.add(places.pathOf(folder), sizeBytes)
      try {
        return await actions.addTarget(dial, name)
      } catch (error) {
        await keepUsedStores(core, setup.dials)
        throw error
      }
    },
    'setup.removeTarget': async ({ dial }) => await actions.removeTarget(dial),
    'setup.ninefat': async ({ place }) => {
      const { source } = setup.editable()
      const look = place === null ? null : await lookAtWrcmd(places.pathOf(place), source?.place.path ?? null, places)
      return await setup.change((draft) => ({ ...draft, ninefat: look, noNinefat: look === null }))
    },
    'setup.fossil': async ({ place }) => {
      setup.editable()
      const fossil = place === null ? null : await fossilAt(core, places.pathOf(place))
      return await setup.change((draft) => ({ ...draft, fossil }))
    },
    'setup.plan': async () => await planSetup(core, setup.required()),
    'setup.copy': async () => await actions.copy(),
    'setup.mutual': async ({ disk }) => {
      return await mutualPlanOf(core, setup.required(), disk === null ? null : places.pathOf(disk))
    },
    'setup.finish': async () => {
      const { mirror } = setup.required()
      if (mirror === null) throw new AppError('usage', 'the copy has not been begun: there is nothing to finish')
      await setup.end()
      return null
    },
  }
}

/** Rejects with not-fossil. */
async function fossilAt({ places }: Core, path: string): Promise<NonNullable<SetupDraft['fossil']>> {
  const look = await lookAtPath(path, places)
  if (look.kind === 'fossil') return look.place
  throw new AppError('not-fossil', `${path} is no fossil partition`)
}
