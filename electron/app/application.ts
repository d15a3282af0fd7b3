// The desktop application put together: the service in a process of its own, one window before it, and the habits between
// the two. What is running never depends on the window; a quit brings it to a checkpoint, and the next start goes on.

import {
  app,
  type BrowserWindow,
  crashReporter,
  dialog,
  Menu,
  nativeTheme,
  net,
  Notification,
  powerMonitor,
  powerSaveBlocker,
  session,
} from 'electron'
import { mkdirSync } from 'node:fs'
import { homedir, release } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { EventMessage } from '../../shared/contract.ts'
import { isDesktopChannel, type DesktopCommand } from '../../shared/desktop.ts'
import { asAppError } from '../../shared/errors.ts'
import type { AppView, JobView, Settings } from '../../shared/model/window.ts'
import { version } from '../cli/version.ts'
import { takeInstance, type Instance } from '../host/instance.ts'
import { readPageFiles } from '../host/page-files.ts'
import { RotatingLog } from '../platform/log.ts'
import type { ServiceLink } from '../service/link.ts'
import { problemOf } from '../service/problem.ts'
import { ServiceClient } from '../service/service-client.ts'
import { usualSettings } from '../service/settings.ts'
import { DesktopRequestsDesk, openFolder } from './desktop-requests.ts'
import { DesktopKeeper } from './desktop-keeper.ts'
import { engineStarter } from './engine-process.ts'
import { guardContents, guardSession } from './guards.ts'
import { KeepGoing } from './habits/keep-going.ts'
import { Notices, type Notice } from './habits/notices.ts'
import { isBusy, progressOf } from './habits/progress.ts'
import { SleepBlock } from './habits/sleep-block.ts'
import { readPlace, writePlace } from './habits/window-place.ts'
import { keepInterrupted, takeInterrupted } from './interrupted.ts'
import { serveIpc } from './ipc.ts'
import { openMainWindow } from './main-window.ts'
import { menuTemplate } from './menu.ts'
import { registerPageScheme, servePage } from './page-scheme.ts'
import { reportText } from './report.ts'

export type ApplicationOptions = {
  /** Absolute. */
  readonly stateDir: string
  /** Where the bundles lie: preload.cjs, engine.js, renderer/, sample/. */
  readonly programDir: string
  readonly restartMs?: number
  /** Started at login: without a window, if there is a tray. */
  readonly isHidden?: boolean
  readonly now?: () => Date
  /** After sleep and between looks at the network; for tests. */
  readonly wait?: (ms: number) => Promise<void>
}

export class Application {
  readonly #options: ApplicationOptions
  readonly #log: RotatingLog
  readonly #notices = new Notices()
  readonly #jobs = new Map<string, JobView>()
  readonly #keep: KeepGoing
  readonly #sleepBlock = new SleepBlock({
    start: () => powerSaveBlocker.start('prevent-app-suspension'),
    stop: (id) => powerSaveBlocker.stop(id),
  })
  #settings: Settings = usualSettings
  #window: BrowserWindow | null = null
  #instance: Instance | null = null
  #link: ServiceLink | null = null
  #tell: ReturnType<typeof serveIpc> = () => undefined
  #keeper: DesktopKeeper | null = null
  #quitting: 'no' | 'asking' | 'ending' | 'done' = 'no'

  constructor(options: ApplicationOptions) {
    this.#options = options
    this.#log = new RotatingLog(app.getPath('logs'))
    this.#keep = new KeepGoing({
      ask: async (channel, asked) => await this.#ask(channel, asked),
      isOnline: () => net.isOnline(),
      wait: options.wait ?? (async (ms) => await wait(ms, undefined, { ref: false })),
      say: (line) => this.#log.say('sync', line),
    })
  }

  readonly refused = (what: string): void => this.#log.say('guard', `refused ${what}`)

  /** After Electron is ready. Whatever keeps it from opening is said, and the application ends. */
  async open(): Promise<void> {
    try {
      await this.#open()
    } catch (error) {
      const { happened, safe, next } = problemOf(error)
      this.#log.say('main', asAppError(error).stack ?? happened, 'error')
      dialog.showErrorBox('Venti Mirror cannot be opened', `${happened}\n\n${safe}\n${next}`)
      await this.#end()
      app.exit(1)
    }
  }

  /** A second start, a click on the dock: the window there is. */
  show(): void {
    const window = this.#window
    if (window === null) {
      if (this.#link !== null && this.#quitting === 'no') void this.#openWindow()
      return
    }
    if (window.isMinimized()) window.restore()
    window.show()
    window.focus()
  }

  /** Electron's before-quit. */
  beforeQuit(event: { preventDefault(): void }): void {
    if (this.#quitting === 'done') return
    event.preventDefault()
    void this.#quit(true)
  }

  /** Without asking: the system or a signal ends the application. */
  async endNow(): Promise<void> {
    await this.#quit(false)
  }

  async #open(): Promise<void> {
    const { stateDir, programDir, restartMs } = this.#options
    this.#log.say('main', `Venti Mirror ${version} on ${platformWords()}`)
    if (app.commandLine.hasSwitch('no-sandbox')) {
      this.#log.say('main', "started with --no-sandbox: the page runs without the system's sandbox", 'warning')
    }
    const files = await readPageFiles(join(programDir, 'renderer'))
    this.#instance = await takeInstance(stateDir)
    const service = {
      stateDir: this.#instance.stateDir,
      home: homedir(),
      environment: { ...process.env },
      version,
      sampleDir: join(programDir, 'sample'),
    }
    const say = (line: string): void => this.#log.say('engine', line)
    const link = new ServiceClient(engineStarter({ path: join(programDir, 'engine.js'), service, say }), {
      ...(restartMs === undefined ? {} : { restartMs }),
      onRestarted: () => void this.#restarted(),
    })
    this.#link = link
    link.onEvent((message) => this.#hear(message))
    servePage(session.defaultSession, files)
    guardSession(session.defaultSession, app.isPackaged, this.refused)
    const keeper = this.#makeKeeper()
    this.#keeper = keeper
    await keeper.load()
    this.#serve(keeper)
    this.#watchPower()
    if (!(this.#options.isHidden === true && keeper.staysInTray)) await this.#openWindow()
    const view = await this.#view()
    if (view !== null) this.#seen(view)
    await this.#keep.begin(
      await takeInterrupted(this.#file('interrupted.json')),
      'after the application was started again',
    )
    keeper.startDaily()
  }

  #makeKeeper(): DesktopKeeper {
    return new DesktopKeeper({
      path: this.#file('desktop.json'),
      logsFolder: this.#log.folder,
      picture: join(this.#options.programDir, 'tray.png'),
      now: this.#options.now ?? (() => new Date()),
      tell: (view) => this.#tell({ event: 'desktop.view', value: view }),
      show: () => this.show(),
      syncAll: async (why, isDaily) => await this.#syncAll(why, isDaily),
      quit: () => app.quit(),
      missed: (due) =>
        this.#notify({
          title: 'A daily sync was missed',
          body: `It was due ${due.toLocaleString()}, and is caught up now.`,
          command: 'overview',
          mirror: null,
          isFailure: true,
        }),
      say: (line) => this.#log.say('desktop', line),
    })
  }

  async #syncAll(why: string, isDaily: boolean): Promise<void> {
    const view = await this.#view()
    const mirrors = view?.mirrors ?? []
    if (isDaily) for (const { name } of mirrors) this.#notices.dailyBegins(name)
    await this.#keep.begin(
      mirrors.map(({ name }) => ({ mirror: name, dials: null })),
      why,
    )
  }

  #serve(keeper: DesktopKeeper): void {
    const desk = new DesktopRequestsDesk({
      window: () => this.#window,
      logsFolder: this.#log.folder,
      keeper,
      report: () => this.#report(),
    })
    this.#tell = serveIpc({
      contents: () => this.#window?.webContents ?? null,
      answer: async (channel, asked) =>
        isDesktopChannel(channel) ? await desk.answer(channel, asked) : await this.#ask(channel, asked),
      refused: this.refused,
    })
    const actions = {
      command: (command: DesktopCommand) => this.#command(command, null),
      openLogs: () => this.#openLogs(),
      copyReport: () => void desk.copyReport(),
      about: () => app.showAboutPanel(),
      quit: () => app.quit(),
    }
    const { platform } = process
    Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(actions, { platform, isPackaged: app.isPackaged })))
  }

  async #openWindow(): Promise<void> {
    const path = this.#file('window-place.json')
    const window = openMainWindow({
      preload: join(this.#options.programDir, 'preload.cjs'),
      icon: join(this.#options.programDir, 'icon.png'),
      place: await readPlace(path),
      isPackaged: app.isPackaged,
      isDark: nativeTheme.shouldUseDarkColors,
      say: (line) => this.#log.say('window', line),
      openLogs: () => this.#openLogs(),
      placed: (place) => void writePlace(path, place),
      mayClose: () => this.#mayClose(),
    })
    this.#window = window
    window.on('closed', () => {
      this.#window = null
    })
    this.#showProgress()
  }

  /** On a Mac an application goes on without a window; elsewhere its last window ends it. */
  #mayClose(): boolean {
    if (process.platform === 'darwin' || this.#quitting === 'done') return true
    if (this.#keeper?.staysInTray === true && this.#quitting === 'no') this.#window?.hide()
    else app.quit()
    return false
  }

  #command(command: DesktopCommand, mirror: string | null): void {
    this.show()
    this.#tell({ event: 'desktop.command', value: { command, mirror } })
  }

  #hear(message: EventMessage): void {
    this.#tell(message)
    this.#keep.hear(message)
    if (message.event === 'job.view') {
      const job = message.value as JobView
      this.#jobs.set(job.id, job)
      if (job.state === 'ended') this.#jobs.delete(job.id)
      this.#showProgress()
    } else if (message.event === 'settings.view') this.#setSettings(message.value as Settings)
    const notice = this.#notices.of(message, this.#settings)
    if (notice !== null) this.#notify(notice)
  }

  /** The first whole picture: what is late is told once. */
  #seen({ settings, mirrors }: AppView): void {
    this.#setSettings(settings)
    for (const mirror of mirrors) {
      const notice = this.#notices.ofMirror(mirror, settings)
      if (notice !== null) this.#notify(notice)
    }
  }

  #setSettings(settings: Settings): void {
    this.#settings = settings
    // Dialogs and menus of the system follow what was chosen for the page.
    nativeTheme.themeSource = settings.theme
  }

  #notify({ title, body, command, mirror, isFailure }: Notice): void {
    this.#log.say('notice', `${title}: ${body}`, isFailure ? 'warning' : 'info')
    if (!Notification.isSupported()) return
    const notification = new Notification({ title, body })
    notification.on('click', () => this.#command(command, mirror))
    notification.show()
  }

  #showProgress(): void {
    const jobs = [...this.#jobs.values()]
    const { fraction, mode, title, tooltip } = progressOf(jobs)
    const window = this.#window
    if (window !== null && !window.isDestroyed()) {
      window.setTitle(title)
      // Below 0: no bar; above 1: one that only moves.
      window.setProgressBar(mode === 'none' ? -1 : (fraction ?? 2), { mode })
    }
    this.#keeper?.tip(tooltip)
    this.#sleepBlock.sync(jobs)
  }

  #watchPower(): void {
    powerMonitor.on('suspend', () => {
      this.#log.say('power', 'the computer goes to sleep')
      this.#keep.suspended()
    })
    powerMonitor.on('resume', () => {
      this.#log.say('power', 'the computer woke')
      void this.#keep.woke().then(() => this.#keeper?.woke())
    })
    powerMonitor.on('shutdown', () => void this.endNow())
  }

  /** Its jobs are gone with the engine that died. */
  async #restarted(): Promise<void> {
    this.#jobs.clear()
    this.#showProgress()
    await this.#keep.engineRestarted()
  }

  async #quit(asks: boolean): Promise<void> {
    if (this.#quitting === 'ending' || this.#quitting === 'done') return
    if (asks && isBusy([...this.#jobs.values()])) {
      if (this.#quitting === 'asking') return
      this.#quitting = 'asking'
      const stays = !(await this.#asksToQuit())
      // A signal may have come meanwhile.
      if (this.#quitting !== 'asking') return
      if (stays) {
        this.#quitting = 'no'
        return
      }
    }
    this.#quitting = 'ending'
    await keepInterrupted(this.#file('interrupted.json'), this.#keep.interrupted)
    await this.#end()
    this.#quitting = 'done'
    app.quit()
  }

  /** True: quit. */
  async #asksToQuit(): Promise<boolean> {
    this.show()
    const options = {
      type: 'question',
      message: 'Quit while something is running?',
      detail:
        'It stops at its next checkpoint. Everything confirmed so far is kept, and a copy goes on by itself when Venti Mirror is started again.',
      buttons: ['Keep Running', 'Quit'],
      defaultId: 0,
      cancelId: 0,
      noLink: true,
    } as const
    const window = this.#window
    const { response } = await (window === null
      ? dialog.showMessageBox({ ...options, buttons: [...options.buttons] })
      : dialog.showMessageBox(window, { ...options, buttons: [...options.buttons] }))
    return response === 1
  }

  async #end(): Promise<void> {
    this.#keep.close()
    this.#keeper?.close()
    await this.#link?.close()
    await this.#instance?.release()
    this.#sleepBlock.release()
    this.#log.say('main', 'ended')
    await this.#log.close()
  }

  async #ask(channel: string, asked: unknown): ReturnType<ServiceLink['ask']> {
    const link = this.#link
    if (link !== null) return await link.ask(channel, asked)
    return { ok: false, problem: problemOf(new Error('the service was not started')) }
  }

  async #view(): Promise<AppView | null> {
    const result = await this.#ask('app.view', {})
    return result.ok ? (result.value as AppView) : null
  }

  async #report(): Promise<string> {
    const [view, log] = [await this.#view(), await this.#log.tail(200)]
    const desktop = this.#keeper === null ? {} : { desktop: this.#keeper.view.settings }
    return reportText({ version, platform: platformWords(), home: homedir(), ...desktop, view, log })
  }

  #openLogs(): void {
    void openFolder(this.#log.folder).catch((error: unknown) => this.#log.say('main', problemOf(error).happened))
  }

  #file(name: string): string {
    return join(this.#instance?.stateDir ?? this.#options.stateDir, name)
  }
}

function platformWords(): string {
  const { electron, node } = process.versions
  return `${process.platform} ${process.arch} ${release()}, Electron ${electron}, Node ${node}`
}

/**
 * Says to Electron what has to be said before it is ready, and opens the window when it is. Null: another one runs on this
 * state folder, and shows its window.
 */
export function startApplication(options: ApplicationOptions): Application | null {
  // Chromium's own files apart from ours. Electron wants the folder to be there, and nothing may be waited for here.
  const profile = join(options.stateDir, 'electron')
  mkdirSync(profile, { recursive: true, mode: 0o700 })
  app.setPath('userData', profile)
  app.setAppLogsPath()
  // It would forget a --no-sandbox, and then no page comes up where Chromium's sandbox cannot work. The page itself is
  // sandboxed from Node in any case (main-window.ts).
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
  registerPageScheme()
  // One for each profile.
  if (!app.requestSingleInstanceLock()) {
    app.exit(0)
    return null
  }
  // Dumps stay on this computer.
  crashReporter.start({ uploadToServer: false })
  const application = new Application(options)
  app.on('second-instance', () => application.show())
  app.on('activate', () => application.show())
  // Whether the last window ends the application was said when it closed.
  app.on('window-all-closed', () => undefined)
  app.on('before-quit', (event) => application.beforeQuit(event))
  app.on('web-contents-created', (_event, contents) => guardContents(contents, application.refused))
  void app.whenReady().then(() => application.open())
  return application
}
