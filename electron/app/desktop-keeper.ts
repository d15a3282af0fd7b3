// What the application does on this computer by itself, as its user chose: the tray, the start at login, the daily time. Owns
// desktop.json; tells the page and the tray what changed.

import { Menu, nativeImage, Tray } from 'electron'
import type { DesktopChannel, DesktopAnswer, DesktopAsked, DesktopView } from '../../shared/desktop.ts'
import { AppError } from '../../shared/errors.ts'
import { nextDaily } from './habits/daily-time.ts'
import { DailyTimer } from './habits/daily-timer.ts'
import { readDesktop, usualDesktop, writeDesktop, type DesktopState } from './habits/desktop-settings.ts'
import type { Notice } from './habits/notices.ts'
import { loginStartHindrance, setLoginStart } from './login-start.ts'
import { describeSecrets } from './secrets.ts'
import { Updates } from './updates.ts'

export type KeeperOptions = {
  /** desktop.json */
  readonly path: string
  readonly logsFolder: string
  /** tray.png */
  readonly picture: string
  readonly now: () => Date
  readonly tell: (view: DesktopView) => void
  readonly show: () => void
  readonly syncAll: (why: string, isDaily: boolean) => Promise<void>
  readonly quit: () => void
  /** A daily time that was missed, now that it is caught up. */
  readonly missed: (due: Date) => void
  /** A new version that was looked for by itself. */
  readonly notify: (notice: Notice) => void
  readonly say: (line: string) => void
}

function setTimer(run: () => void, ms: number): () => void {
  const timer = setTimeout(run, ms).unref()
  return () => clearTimeout(timer)
}

export class DesktopKeeper {
  /** Of the application itself. */
  readonly updates: Updates
  readonly #options: KeeperOptions
  #state: DesktopState = usualDesktop
  #last: Promise<unknown> = Promise.resolve()
  #secrets: DesktopView['secrets'] = { store: null, hindrance: null }
  #tray: Tray | null = null
  #timer: DailyTimer | null = null

  constructor(options: KeeperOptions) {
    this.#options = options
    const { now, notify, say } = options
    this.updates = new Updates({
      now,
      setTimer,
      state: () => ({ isWeekly: this.#state.settings.weeklyLook, updates: this.#state.updates }),
      keep: async (updates) => await this.#keep({ updates }),
      notify,
      say,
    })
  }

  /** Before the window opens: whether it does may hang on it. */
  async load(): Promise<void> {
    const { path, now } = this.#options
    const { desktop, problems } = await readDesktop(path, now())
    this.#state = desktop
    for (const problem of problems) this.#options.say(problem)
    this.#secrets = await describeSecrets(process.platform)
    await this.updates.load()
    this.#showTray()
  }

  /** When mirrors can be synced: a time that was missed is caught up at once. */
  startDaily(): void {
    const { now, say } = this.#options
    this.#timer = new DailyTimer({
      now,
      setTimer,
      state: () => this.#state,
      keep: async (done) => await this.#keep(done),
      onDue: (due, missed) => void this.#onDue(due, missed),
      say,
    })
    this.#timer.look()
    this.updates.lookWeekly()
  }

  /** Timers stood still while the computer slept. */
  woke(): void {
    this.#timer?.look()
    this.updates.lookWeekly()
  }

  /** The window is not needed to stay around. */
  get staysInTray(): boolean {
    return this.#tray !== null
  }

  get view(): DesktopView {
    const { settings, missedAt } = this.#state
    return {
      settings,
      logsFolder: this.#options.logsFolder,
      startAtLoginHindrance: loginStartHindrance(),
      secrets: this.#secrets,
      missedAt,
      nextAt: settings.dailyAt === null ? null : nextDaily(settings.dailyAt, this.#options.now()).toISOString(),
      updates: this.updates.view,
    }
  }

  async change(
    change: DesktopAsked<'desktop.change'>,
  ): Promise<DesktopAnswer<Extract<DesktopChannel, 'desktop.change'>>> {
    const { settings } = this.#state
    const next = { ...settings, ...change }
    if (next.startAtLogin !== settings.startAtLogin) {
      const hindrance = loginStartHindrance()
      if (next.startAtLogin && hindrance !== null) {
        throw new AppError('usage', 'the start at login cannot be set here', {
          data: { safe: 'Nothing was changed.', next: hindrance },
        })
      }
      await setLoginStart(next.startAtLogin)
    }
    // From now on: a time that was chosen just now was not missed this morning.
    const isNewTime = next.dailyAt !== settings.dailyAt
    const since = isNewTime ? { doneUntil: this.#options.now().toISOString(), missedAt: null } : {}
    await this.#keep({ settings: next, ...since })
    this.#timer?.look()
    if (next.weeklyLook !== settings.weeklyLook) this.updates.lookWeekly()
    this.#showTray()
    return this.view
  }

  /** It has been seen, unless another time was missed since. */
  async dismissMissed(missedAt: string): Promise<DesktopView> {
    if (this.#state.missedAt === missedAt) await this.#keep({ missedAt: null })
    return this.view
  }

  tip(text: string): void {
    this.#tray?.setToolTip(text)
  }

  close(): void {
    this.#timer?.close()
    this.updates.close()
    this.#tray?.destroy()
    this.#tray = null
  }

  async #onDue(due: Date, isMissed: boolean): Promise<void> {
    const { missed, syncAll } = this.#options
    if (isMissed) missed(due)
    await syncAll(isMissed ? `catching up the daily time ${due.toISOString()}` : 'at the daily time', true)
  }

  /** One after the other, each upon what the one before left. What cannot be written is not so. */
  #keep(change: Partial<DesktopState>): Promise<void> {
    const mine = this.#last.then(async () => {
      const state = { ...this.#state, ...change }
      await writeDesktop(this.#options.path, state)
      this.#state = state
      this.#options.tell(this.view)
    })
    this.#last = mine.catch(() => undefined)
    return mine
  }

  #showTray(): void {
    const isWanted = this.#state.settings.tray
    if (!isWanted) {
      this.#tray?.destroy()
      this.#tray = null
    }
    if (!isWanted || this.#tray !== null) return
    const { picture, show, quit, say, syncAll } = this.#options
    try {
      const tray = new Tray(nativeImage.createFromPath(picture))
      tray.setToolTip('Venti Mirror')
      tray.setContextMenu(
        Menu.buildFromTemplate([
          { label: 'Open', click: show },
          { label: 'Sync All Now', click: () => void syncAll('from the tray', false) },
          { type: 'separator' },
          { label: 'Quit', click: quit },
        ]),
      )
      tray.on('click', show)
      this.#tray = tray
    } catch (error) {
      // Some desktops have none. The window then stays where it can be found.
      say(`there is no tray: ${String(error)}`)
    }
  }
}
