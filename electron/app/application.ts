// The desktop application put together: the service in a process of its own, one window before it, and the habits between
// the two. What is running never depends on the window; a quit brings it to a checkpoint, and the next start goes on.

import { app, dialog, net, session } from 'electron'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { EventMessage } from '../../shared/contract.ts'
import type { DesktopCommand } from '../../shared/desktop.ts'
import { asAppError } from '../../shared/errors.ts'
import { version } from '../cli/version.ts'
import { takeInstance, type Instance } from '../host/instance.ts'
import { readPageFiles } from '../host/page-files.ts'
import { RotatingLog } from '../platform/log.ts'
import { problemOf } from '../service/problem.ts'
import { sayBeforeReady } from './before-ready.ts'
import { openFolder } from './desktop-requests.ts'
import { DesktopKeeper } from './desktop-keeper.ts'
import { guardContents, guardSession } from './guards.ts'
import { KeepGoing } from './habits/keep-going.ts'
import { keepInterrupted, takeInterrupted } from './interrupted.ts'
import { servePage } from './page-scheme.ts'
import { platformWords } from './platform-words.ts'
import { watchPower } from './power.ts'
import { Quitting } from './quitting.ts'
import { reportText } from './report.ts'
import { serveWindow } from './serve-window.ts'
import { ServiceDesk } from './service-desk.ts'
import { syncDaily, syncNow } from './sync-all.ts'
import { Telling } from './telling.ts'
import { WindowKeeper } from './window-keeper.ts'

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
  readonly #service = new ServiceDesk()
  readonly #keep: KeepGoing
  readonly #telling: Telling
  readonly #quitting: Quitting
  readonly #windows: WindowKeeper
  #instance: Instance | null = null
  #tell: ReturnType<typeof serveWindow> = () => undefined
  #keeper: DesktopKeeper | null = null

  constructor(options: ApplicationOptions) {
    this.#options = options
    this.#log = new RotatingLog(app.getPath('logs'))
    this.#keep = new KeepGoing({
      ask: async (channel, asked) => await this.#service.ask(channel, asked),
      isOnline: () => net.isOnline(),
      wait: options.wait ?? (async (ms) => await wait(ms, undefined, { ref: false })),
      say: (line) => this.#log.say('sync', line),
    })
    this.#windows = new WindowKeeper({
      programDir: options.programDir,
      placePath: () => this.#file('window-place.json'),
      mayOpen: () => this.#service.isThere && !this.#quitting.isUnderWay,
      staysInTray: () => this.#keeper?.staysInTray === true,
      mayEnd: () => this.#quitting.isDone,
      opened: () => this.#telling.showProgress(),
      openLogs: () => this.#openLogs(),
      say: (line) => this.#log.say('window', line),
    })
    const window = (): WindowKeeper['window'] => this.#windows.window
    this.#telling = new Telling({
      log: this.#log,
      window,
      command: (command, mirror) => this.#command(command, mirror),
      tip: (text) => this.#keeper?.tip(text),
    })
    this.#quitting = new Quitting({
      isBusy: () => this.#telling.isBusy,
      window,
      show: () => this.#windows.show(),
      end: async () => {
        await keepInterrupted(this.#file('interrupted.json'), this.#keep.interrupted)
        await this.#end()
      },
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

  /** A second start, a click on the dock. */
  show(): void {
    this.#windows.show()
  }

  /** Electron's before-quit. */
  beforeQuit(event: { preventDefault(): void }): void {
    this.#quitting.beforeQuit(event)
  }

  /** Without asking: the system or a signal ends the application. */
  async endNow(): Promise<void> {
    await this.#quitting.quit(false)
  }

  async #open(): Promise<void> {
    const { stateDir, programDir, restartMs } = this.#options
    this.#log.say('main', `Venti Mirror ${version} on ${platformWords()}`)
    if (app.commandLine.hasSwitch('no-sandbox')) {
      this.#log.say('main', "started with --no-sandbox: the page runs without the system's sandbox", 'warning')
    }
    const files = await readPageFiles(join(programDir, 'renderer'))
    this.#instance = await takeInstance(stateDir)
    this.#service.start({
      stateDir: this.#instance.stateDir,
      programDir,
      restartMs,
      hear: (message) => this.#hear(message),
      onRestarted: () => void this.#restarted(),
      say: (line) => this.#log.say('engine', line),
    })
    servePage(session.defaultSession, files)
    guardSession(session.defaultSession, app.isPackaged, this.refused)
    const keeper = this.#makeKeeper()
    this.#keeper = keeper
    await keeper.load()
    this.#tell = serveWindow({
      window: () => this.#windows.window,
      keeper,
      logsFolder: this.#log.folder,
      report: async () => await this.#report(),
      ask: async (channel, asked) => await this.#service.ask(channel, asked),
      command: (command) => this.#command(command, null),
      openLogs: () => this.#openLogs(),
      refused: this.refused,
    })
    watchPower({
      keep: this.#keep,
      woke: () => this.#keeper?.woke(),
      endNow: async () => await this.endNow(),
      say: (line) => this.#log.say('power', line),
    })
    if (!(this.#options.isHidden === true && keeper.staysInTray)) await this.#windows.open()
    const view = await this.#service.view()
    if (view !== null) this.#telling.seen(view)
    await this.#keep.beginWhenPossible(
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
      missed: (due) => this.#telling.dailyMissed(due),
      notify: (notice) => this.#telling.notify(notice),
      say: (line) => this.#log.say('desktop', line),
    })
  }

  async #syncAll(why: string, isDaily: boolean): Promise<void> {
    const view = await this.#service.view()
    if (view === null) return
    await (isDaily ? syncDaily(this.#keep, this.#telling, view, why) : syncNow(this.#keep, view, why))
  }

  #command(command: DesktopCommand, mirror: string | null): void {
    this.show()
    this.#tell({ event: 'desktop.command', value: { command, mirror } })
  }

  #hear(message: EventMessage): void {
    this.#tell(message)
    this.#keep.hear(message)
    this.#telling.hear(message)
  }

  /** Its jobs are gone with the engine that died. */
  async #restarted(): Promise<void> {
    this.#telling.forgetJobs()
    await this.#keep.engineRestarted()
  }

  async #end(): Promise<void> {
    this.#keep.close()
    this.#keeper?.close()
    await this.#service.close()
    await this.#instance?.release()
    this.#telling.close()
    this.#log.say('main', 'ended')
    await this.#log.close()
  }

  async #report(): Promise<string> {
    const [view, log] = [await this.#service.view(), await this.#log.tail(200)]
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

/**
 * Says to Electron what has to be said before it is ready, and opens the window when it is. Null: another one runs on this
 * state folder, and shows its window.
 */
export function startApplication(options: ApplicationOptions): Application | null {
  if (!sayBeforeReady(options.stateDir)) {
    app.exit(0)
    return null
  }
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
