// The wizard's draft: kept in setup.json after every step, so that it can be left and taken up again anywhere, also after a
// crash. The file has paths and dial strings only; what they are is looked up anew, and places get new ids.

import { readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../../shared/errors.ts'
import {
  setupSteps,
  type Place,
  type SetupDraft,
  type SetupStep,
  type SetupTarget,
  type SourceLook,
  type TargetTest,
} from '../../shared/model/window.ts'
import { errnoOf } from '../engine/errno.ts'
import { writeAtomically } from '../engine/state/atomic-write.ts'
import { listMirrors, mirrorNameFor, setAside } from '../engine/state/mirror-file.ts'
import { maskScoresIn } from '../engine/bookkeeping/wrcmd-words.ts'
import type { Core } from './core.ts'
import { mirrorWish } from './mirror-wish.ts'
import { problemOf } from './problem.ts'
import { lookAtPath } from './source-look.ts'
import { keepUsedStores } from './used-stores.ts'
import { lookAtWrcmd } from './wrcmd-look.ts'

const path = z.string().min(1).max(4096)
const saved = z.object({
  schema: z.literal(1),
  step: z.enum(setupSteps),
  name: z.string().max(64),
  source: path.nullable(),
  isSample: z.boolean(),
  targets: z.array(z.object({ dial: z.string().min(1), name: z.string().min(1) })).max(16),
  ninefat: path.nullable(),
  noNinefat: z.boolean(),
  fossil: path.nullable(),
  mirror: z.string().nullable(),
})
type SavedDraft = z.infer<typeof saved>

const newDraft: SetupDraft = {
  step: 'source',
  name: '',
  source: null,
  isSample: false,
  targets: [],
  ninefat: null,
  noNinefat: false,
  fossil: null,
  mirror: null,
}

export class Setup {
  readonly #core: Core
  readonly #path: string
  /** By canonical dial string, of this session. */
  readonly #tests = new Map<string, TargetTest>()
  #draft: SetupDraft | null = null
  #changing: Promise<unknown> = Promise.resolve()

  constructor(core: Core) {
    this.#core = core
    this.#path = join(core.stateDir, 'setup.json')
  }

  get draft(): SetupDraft | null {
    return this.#draft
  }

  get dials(): readonly string[] {
    return this.#draft?.targets.map(({ dial }) => dial) ?? []
  }

  /** What was left. Never rejects: returns what is wrong with the file. */
  async load(): Promise<readonly string[]> {
    let text: string
    try {
      text = await readFile(this.#path, 'utf8')
    } catch (error) {
      return errnoOf(error) === 'ENOENT' ? [] : [`${this.#path} cannot be read (${errnoOf(error)})`]
    }
    try {
      this.#draft = await this.#taken(saved.parse(JSON.parse(text)))
      return []
    } catch {
      const kept = await setAside(this.#path, this.#core.now()).catch(() => this.#path)
      return [`${this.#path} could not be understood; it is kept as ${kept}. Begin the set-up again`]
    }
  }

  /** Rejects with usage when there is none. */
  required(): SetupDraft {
    if (this.#draft !== null) return this.#draft
    throw new AppError('usage', 'no set-up has been begun', {
      data: { safe: 'Nothing was changed.', next: 'Begin a new one.' },
    })
  }

  /** The draft, once its mirror was not made yet: what was copied cannot have another source any more. */
  editable(): SetupDraft {
    const draft = this.required()
    if (draft.mirror === null) return draft
    throw new AppError('usage', `mirror ${draft.mirror} exists already: the copy has begun`, {
      data: { safe: 'Nothing was changed.', next: 'Finish the set-up; targets can be added to the mirror afterwards.' },
    })
  }

  async begin(): Promise<SetupDraft> {
    return this.#draft ?? (await this.change(() => newDraft))
  }

  /** One change at a time, each saved before it is told. `make` gets the newest draft. */
  async change(make: (draft: SetupDraft) => SetupDraft | Promise<SetupDraft>): Promise<SetupDraft> {
    const done = this.#changing.then(async () => {
      const draft = await make(this.#draft ?? newDraft)
      await this.#save(draft)
      this.#draft = draft
      this.#tell()
      return draft
    })
    this.#changing = done.catch(() => undefined)
    return await done
  }

  /** As far as there is a draft; the step moves on by itself during the copy. Never rejects. */
  async moveOn(from: readonly SetupStep[], to: SetupStep): Promise<void> {
    if (this.#draft === null || !from.includes(this.#draft.step)) return
    await this.change((draft) => ({ ...draft, step: to })).catch(() => undefined)
  }

  /** Forgets the draft; a mirror that was made stays. */
  async end(): Promise<void> {
    const done = this.#changing.then(async () => {
      await unlink(this.#path).catch((error: unknown) => {
        if (errnoOf(error) === 'ENOENT') return
        throw new AppError('state-write', `cannot remove ${this.#path}: ${errnoOf(error)}`, { cause: error })
      })
      this.#draft = null
      this.#tests.clear()
      this.#tell()
    })
    this.#changing = done.catch(() => undefined)
    await done
    await keepUsedStores(this.#core, [])
  }

  async mirrorForgotten(name: string): Promise<void> {
    if (this.#draft?.mirror === name) await this.end()
  }

  /** Somebody changed what the draft shows of its source or its 9fat. */
  async lookAgain(): Promise<void> {
    if (this.#draft === null) return
    await this.change(async (draft) => {
      const source = draft.source?.place.path ?? null
      return {
        ...draft,
        source: source === null ? null : await this.#look(source),
        ninefat: draft.ninefat === null ? null : await lookAtWrcmd(draft.ninefat.place.path, source, this.#core.places),
      }
    })
  }

  noteTest(test: TargetTest): void {
    if (test.dial !== null) this.#tests.set(test.dial, test)
  }

  targetOf(dial: string, name: string): SetupTarget {
    return { dial, name, store: this.#core.stores.storeOf(dial), test: this.#tests.get(dial) ?? null }
  }

  /** A name for a mirror of `source` that no other has. */
  async freeName(source: string): Promise<string> {
    const { mirrors } = await listMirrors(this.#core.stateDir)
    return mirrorNameFor(await mirrorWish(source), new Set(mirrors.map(({ name }) => name)))
  }

  #tell(): void {
    this.#core.publisher.tell('setup.view', '', this.#draft)
  }

  async #taken(file: SavedDraft): Promise<SetupDraft> {
    const { places } = this.#core
    const { schema: _schema, source, ninefat, fossil, targets, ...rest } = file
    const fossilPlace: Place | null = fossil === null ? null : places.add(fossil)
    return {
      ...rest,
      source: source === null ? null : await this.#look(source),
      targets: targets.map(({ dial, name }) => this.targetOf(dial, name)),
      ninefat: ninefat === null ? null : await lookAtWrcmd(ninefat, source, places),
      fossil: fossilPlace,
    }
  }

  /** A source that is away for the moment is still the one that was chosen. */
  async #look(source: string): Promise<SourceLook> {
    try {
      return await lookAtPath(source, this.#core.places)
    } catch (thrown) {
      const problems = [problemOf(thrown).happened]
      return { place: this.#core.places.add(source), kind: 'other', partitions: [], totals: null, problems }
    }
  }

  async #save(draft: SetupDraft): Promise<void> {
    const { source, ninefat, fossil, targets, ...rest } = draft
    const file: SavedDraft = {
      schema: 1,
      ...rest,
      source: source?.place.path ?? null,
      targets: targets.map(({ dial, name }) => ({ dial, name: maskScoresIn(name) })),
      ninefat: ninefat?.place.path ?? null,
      fossil: fossil?.path ?? null,
    }
    await writeAtomically(this.#path, `${JSON.stringify(file, null, 1)}\n`)
  }
}
