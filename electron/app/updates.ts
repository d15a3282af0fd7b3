// Looks for a new version where the maker of the package said they are (package.json, updateFeed), and only by the user's wish:
// at the press of a button, or once a week where that was switched on. It is told, never downloaded or installed; all that is
// ever opened is the feed's own page, in the system's browser.

import { app, session, shell } from 'electron'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { UpdatesView } from '../../shared/desktop.ts'
import { AppError, asAppError } from '../../shared/errors.ts'
import { version as running } from '../cli/version.ts'
import { errnoOf } from '../engine/errno.ts'
import type { Notice } from './habits/notices.ts'
import { feedAddress, feedProblem, newestIn } from './habits/update-feed.ts'
import { isLookDue, newerThan, type UpdateState } from './habits/update-state.ts'
import { isNewer } from './habits/versions.ts'

export type UpdatesOptions = {
  readonly now: () => Date
  /** Returns what stops it. */
  readonly setTimer: (run: () => void, ms: number) => () => void
  readonly state: () => { readonly isWeekly: boolean; readonly updates: UpdateState }
  readonly keep: (updates: UpdateState) => Promise<void>
  readonly notify: (notice: Notice) => void
  readonly say: (line: string) => void
}

const hourMs = 60 * 60 * 1000

export class Updates {
  readonly #options: UpdatesOptions
  #feed: string | null = null
  #looking: Promise<void> | null = null
  #stopTimer: (() => void) | null = null
  #isClosed = false

  constructor(options: UpdatesOptions) {
    this.#options = options
  }

  /** Never rejects: without a feed the application lacks nothing else. */
  async load(): Promise<void> {
    const path = join(app.getAppPath(), 'package.json')
    const { say } = this.#options
    try {
      const { updateFeed } = JSON.parse(await readFile(path, 'utf8')) as { readonly updateFeed?: unknown }
      this.#feed = feedAddress(updateFeed)
      if (updateFeed !== undefined && this.#feed === null) say('the feed of new versions is no https address: none')
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') say(`${path} cannot be read, so no feed of new versions is known`)
    }
  }

  get view(): UpdatesView {
    const { updates } = this.#options.state()
    return { feed: this.#feed, running, found: newerThan(running, updates), lookedAt: updates.lookedAt }
  }

  /** At the start, after waking, when it was switched on, and every hour: timers stand still while the computer sleeps. */
  lookWeekly(): void {
    this.#stopTimer?.()
    this.#stopTimer = null
    if (this.#isClosed || this.#feed === null) return
    const { now, setTimer, state, say } = this.#options
    const { isWeekly, updates } = state()
    if (!isWeekly) return
    this.#stopTimer = setTimer(() => this.lookWeekly(), hourMs)
    if (!isLookDue(updates, now())) return
    void this.look().then(
      () => this.#tell(),
      (error: unknown) => say(`no answer about new versions: ${asAppError(error).message}`),
    )
  }

  /** By the user's wish. Two that ask at once get one answer. Rejects with update-feed, or state-write. */
  async look(): Promise<void> {
    const feed = this.#feed
    if (feed === null) throw noFeed()
    this.#looking ??= this.#look(feed).finally(() => {
      this.#looking = null
    })
    await this.#looking
  }

  /** Opens the feed itself, and nothing that came from it. */
  async open(): Promise<void> {
    const feed = this.#feed
    if (feed === null) throw noFeed()
    await shell.openExternal(feed).catch((cause: unknown) => {
      const data = { safe: 'Nothing was downloaded.', next: `Open ${feed} in a browser.` }
      throw new AppError('update-feed', 'no browser could be opened', { data, cause })
    })
  }

  close(): void {
    this.#isClosed = true
    this.#stopTimer?.()
    this.#stopTimer = null
  }

  async #look(feed: string): Promise<void> {
    const { now, setTimer, state, keep } = this.#options
    // First: a look that cannot be noted would be tried again every hour.
    await keep({ ...state().updates, triedAt: now().toISOString() })
    const { platform, arch } = process
    const newest = await newestIn({ feed, platform, arch, fetch: fetchOverHttps, setTimer })
    if (this.#isClosed) return
    const found = isNewer(newest, running) ? newest : null
    await keep({ ...state().updates, lookedAt: now().toISOString(), found })
  }

  /** Once for each version, and to none who did not ask for it. */
  #tell(): void {
    const { state, keep, notify, say } = this.#options
    const { isWeekly, updates } = state()
    const { found } = this.view
    if (this.#isClosed || !isWeekly || found === null || updates.told === found) return
    void keep({ ...updates, told: found }).then(
      () =>
        notify({
          title: `Venti Mirror ${found} is there`,
          body: 'Nothing was downloaded. Settings lead to the page it is on.',
          command: 'settings',
          mirror: null,
          isFailure: false,
        }),
      (error: unknown) => say(`a new version is not told: ${asAppError(error).message}`),
    )
  }
}

const noFeed = (): AppError =>
  new AppError('usage', 'this package names no place for new versions', {
    data: { safe: 'Nothing was asked of anybody.', next: 'New versions come the way this one came.' },
  })

/**
 * In a session of its own: that of the page may ask for nothing outside of it. It keeps no cookies and no answers; every request,
 * and every one that an answer leads to, has to be https.
 */
async function fetchOverHttps(address: string, { signal }: { readonly signal: AbortSignal }): Promise<Response> {
  const apart = session.fromPartition('updates', { cache: false })
  let isRefused = false
  apart.webRequest.onBeforeRequest(({ url }, done) => {
    const cancel = !url.startsWith('https://')
    isRefused ||= cancel
    done({ cancel })
  })
  try {
    return await apart.fetch(address, { signal, credentials: 'omit' })
  } catch (error) {
    throw isRefused ? feedProblem(`${new URL(address).host} led to an address that is not https`, error) : error
  }
}
