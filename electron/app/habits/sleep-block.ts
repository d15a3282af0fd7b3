// Keeps the computer awake while something runs, and not a moment longer. A job that is paused does not.

import type { JobView } from '../../../shared/model/window.ts'
import { isBusy } from './progress.ts'

export type Blockers = {
  /** Electron's powerSaveBlocker.start: returns the number to stop it by, which may be 0. */
  readonly start: () => number
  readonly stop: (id: number) => void
}

export class SleepBlock {
  readonly #blockers: Blockers
  #held: number | null = null

  constructor(blockers: Blockers) {
    this.#blockers = blockers
  }

  /** To be told of every change; any number of times. */
  sync(jobs: readonly JobView[]): void {
    if (!isBusy(jobs)) this.release()
    else this.#held ??= this.#blockers.start()
  }

  release(): void {
    const held = this.#held
    this.#held = null
    if (held !== null) this.#blockers.stop(held)
  }
}
