// Changes to what a mirror is (not to how far it is): made to its file under its lock. A sync holds the lock and writes the
// whole file at every checkpoint, so what its owner changes meanwhile waits for its end; the window sees it at once.

import { AppError, asAppError } from '../../shared/errors.ts'
import type { MirrorPreferences, MirrorState } from '../../shared/model/mirror.ts'
import { lockMirror, writeMirror } from '../engine/state/mirror-file.ts'
import { knownMirror } from './known-mirror.ts'

type Change = (mirror: MirrorState) => MirrorState

export function withPreferences(mirror: MirrorState, change: MirrorPreferences): MirrorState {
  return { ...mirror, preferences: { ...mirror.preferences, ...change } }
}

export class MirrorChanges {
  readonly #stateDir: string
  readonly #pending = new Map<string, readonly Change[]>()

  constructor(stateDir: string) {
    this.#stateDir = stateDir
  }

  /** As it will be. */
  pendingOf(mirror: MirrorState): MirrorState {
    return (this.#pending.get(mirror.name) ?? []).reduce((changed, change) => change(changed), mirror)
  }

  /** Rejects with state-missing, state-locked (another process syncs it) or state-write. */
  async now(name: string, change: Change): Promise<void> {
    await knownMirror(this.#stateDir, name)
    const lock = await lockMirror(this.#stateDir, name)
    try {
      // What is waiting came first.
      const mirror = this.pendingOf(await knownMirror(this.#stateDir, name))
      await writeMirror(this.#stateDir, change(mirror))
      this.#pending.delete(name)
    } finally {
      await lock.release()
    }
  }

  /** The same, but where our own sync has the mirror it waits for settle(). */
  async soon(name: string, change: Change, isSyncing: boolean): Promise<void> {
    try {
      await this.now(name, change)
    } catch (thrown) {
      if (!isSyncing || asAppError(thrown).code !== 'state-locked') throw thrown
      this.#pending.set(name, [...(this.#pending.get(name) ?? []), change])
    }
  }

  /** After a sync. Never rejects: what cannot be written yet goes on waiting. */
  async settle(name: string): Promise<void> {
    if (!this.#pending.has(name)) return
    try {
      await this.now(name, (mirror) => mirror)
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.code === 'state-missing') this.#pending.delete(name)
    }
  }
}
