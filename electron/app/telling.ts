// What a person is told while not looking at the page: notifications, how far it is in the taskbar, the title and the tray.
// Knows what runs, and so keeps the computer awake for it.

import { nativeTheme, Notification, powerSaveBlocker, type BrowserWindow } from 'electron'
import type { EventMessage } from '../../shared/contract.ts'
import type { DesktopCommand } from '../../shared/desktop.ts'
import type { AppView, JobView, Settings } from '../../shared/model/window.ts'
import type { RotatingLog } from '../platform/log.ts'
import { usualSettings } from '../service/settings.ts'
import { Notices, type Notice } from './habits/notices.ts'
import { isBusy, progressOf } from './habits/progress.ts'
import { SleepBlock } from './habits/sleep-block.ts'

export type TellingSurroundings = {
  readonly log: Pick<RotatingLog, 'say'>
  readonly window: () => BrowserWindow | null
  /** Where a click on a notification leads. */
  readonly command: (command: DesktopCommand, mirror: string | null) => void
  /** Of the tray. */
  readonly tip: (text: string) => void
}

export class Telling {
  readonly #around: TellingSurroundings
  readonly #notices = new Notices()
  readonly #jobs = new Map<string, JobView>()
  readonly #sleepBlock = new SleepBlock({
    start: () => powerSaveBlocker.start('prevent-app-suspension'),
    stop: (id) => powerSaveBlocker.stop(id),
  })
  #settings: Settings = usualSettings

  constructor(around: TellingSurroundings) {
    this.#around = around
  }

  get isBusy(): boolean {
    return isBusy([...this.#jobs.values()])
  }

  hear(message: EventMessage): void {
    if (message.event === 'job.view') {
      const job = message.value as JobView
      this.#jobs.set(job.id, job)
      if (job.state === 'ended') this.#jobs.delete(job.id)
      this.showProgress()
    } else if (message.event === 'settings.view') this.#setSettings(message.value as Settings)
    const notice = this.#notices.of(message, this.#settings)
    // Whoever looks at the window sees the question itself.
    const isSeen = message.event === 'machine.question' && this.#around.window()?.isFocused() === true
    if (notice !== null && !isSeen) this.notify(notice)
  }

  /** The first whole picture: what is late is told once. */
  seen({ settings, mirrors }: AppView): void {
    this.#setSettings(settings)
    for (const mirror of mirrors) {
      const notice = this.#notices.ofMirror(mirror, settings)
      if (notice !== null) this.notify(notice)
    }
  }

  dailyBegins(mirror: string): void {
    this.#notices.dailyBegins(mirror)
  }

  dailyMissed(due: Date): void {
    this.notify({
      title: 'A daily sync was missed',
      body: `It was due ${due.toLocaleString()}. It is caught up now, or as soon as there is a network.`,
      command: 'overview',
      mirror: null,
      isFailure: true,
    })
  }

  /** They are gone with the engine that died. */
  forgetJobs(): void {
    this.#jobs.clear()
    this.showProgress()
  }

  showProgress(): void {
    const jobs = [...this.#jobs.values()]
    const { fraction, mode, title, tooltip } = progressOf(jobs)
    const window = this.#around.window()
    if (window !== null && !window.isDestroyed()) {
      window.setTitle(title)
      // Below 0: no bar; above 1: one that only moves.
      window.setProgressBar(mode === 'none' ? -1 : (fraction ?? 2), { mode })
    }
    this.#around.tip(tooltip)
    this.#sleepBlock.sync(jobs)
  }

  close(): void {
    this.#sleepBlock.release()
  }

  #setSettings(settings: Settings): void {
    this.#settings = settings
    // Dialogs and menus of the system follow what was chosen for the page.
    nativeTheme.themeSource = settings.theme
  }

  notify({ title, body, command, mirror, isFailure }: Notice): void {
    this.#around.log.say('notice', `${title}: ${body}`, isFailure ? 'warning' : 'info')
    if (!Notification.isSupported()) return
    const notification = new Notification({ title, body })
    notification.on('click', () => this.#around.command(command, mirror))
    notification.show()
  }
}
