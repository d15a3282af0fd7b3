// A double of Electron for tests of the main process and the preload: it does what Electron does with a program that keeps to
// its rules, and throws where Electron throws. This file: the application and its being ready. What a test may look at or do
// that a program may not is in `desk`.

import { EventEmitter } from 'node:events'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type Asked = { readonly kind: string; readonly options: Readonly<Record<string, unknown>> }

export type Display = {
  readonly id: number
  readonly workArea: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
}

/** What the person in front of the computer sees and does. */
class Desk {
  isPackaged = true
  hasLock = true
  isOnline = true
  isEncryptionAvailable = true
  storageBackend = 'gnome_libsecret'
  /** Where package.json lies. */
  appPath = fileURLToPath(new URL('../../..', import.meta.url))
  /** What answers in the net; there is no other. */
  net: (request: Request) => Response | Promise<Response> = () =>
    Promise.reject(new Error('net::ERR_NAME_NOT_RESOLVED'))
  /** What was asked of it, in order. */
  readonly fetched: string[] = []
  isTraySupported = true
  /** In no order; the main one by its id. */
  displays: readonly Display[] = [{ id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1080 } }]
  mainDisplayId = 1
  /** Dialogs, notifications, opened folders, in order. */
  readonly asked: Asked[] = []
  /** Buttons pressed in message boxes, or paths chosen, in order; an empty list: the safe one. */
  readonly answers: unknown[] = []
  readonly blockers = new Map<number, string>()
  readonly progress: (readonly [number, unknown])[] = []
  readonly loginItems: unknown[] = []
  clipboard = ''
  menu: unknown = null
  exitStatus: number | null = null
  /** Called when the application is gone. */
  readonly exited = deferred<number>()
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
  let resolve: (value: T) => void = () => undefined
  let reject: (error: unknown) => void = () => undefined
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

export let desk = new Desk()

/** Shows what is in a window to a person; nobody looks when there is none. */
export type View = { navigate(url: string): Promise<void>; close(): void }
export let viewOf: ((contents: object) => Promise<View>) | null = null
export function showIn(show: (contents: object) => Promise<View>): void {
  viewOf = show
}

export function needsReady(what: string): void {
  if (!app.isReady()) throw new Error(`${what} cannot be used before the app is ready`)
}

export function isTooLate(what: string): void {
  if (app.isReady()) throw new Error(`${what} should be called before app is ready`)
}

/** An event that a listener may prevent. */
export type PreventableEvent = { readonly defaultPrevented: boolean; preventDefault(): void }
export function preventable<T extends object>(details: T = {} as T): T & PreventableEvent {
  let defaultPrevented = false
  return {
    ...details,
    get defaultPrevented() {
      return defaultPrevented
    },
    preventDefault: () => void (defaultPrevented = true),
  }
}

class App extends EventEmitter {
  #isReady = false
  #ready = deferred<undefined>()
  #paths = new Map<string, string>()
  #isQuitting = false
  readonly #switches = new Set<string>()
  readonly commandLine = {
    appendSwitch: (name: string) => void this.#switches.add(name),
    hasSwitch: (name: string) => this.#switches.has(name),
  }

  reset(): void {
    this.removeAllListeners()
    this.#isReady = false
    this.#ready = deferred<undefined>()
    this.#paths = new Map()
    this.#isQuitting = false
    this.#switches.clear()
  }

  /** The test's: Electron came up. */
  becomeReady(): void {
    this.#isReady = true
    this.emit('ready')
    this.#ready.resolve(undefined)
  }

  get isPackaged(): boolean {
    return desk.isPackaged
  }

  isReady(): boolean {
    return this.#isReady
  }

  async whenReady(): Promise<void> {
    await this.#ready.promise
  }

  enableSandbox(): void {
    isTooLate('app.enableSandbox()')
    // As Electron does: what the person who started it said is forgotten.
    this.#switches.delete('no-sandbox')
    this.#switches.add('enable-sandbox')
  }

  requestSingleInstanceLock(): boolean {
    return desk.hasLock
  }

  setPath(name: string, path: string): void {
    if (name === 'userData' && this.#isReady) throw new Error('the profile is in use already')
    this.#paths.set(name, path)
  }

  getPath(name: string): string {
    const usual = {
      home: homedir(),
      appData: join(tmpdir(), 'electron-double-config'),
      userData: join(tmpdir(), 'electron-double'),
      exe: process.execPath,
    }
    const path = this.#paths.get(name) ?? usual[name as keyof typeof usual]
    if (path === undefined) throw new Error(`Failed to get '${name}' path`)
    return path
  }

  setAppLogsPath(path?: string): void {
    this.#paths.set('logs', path ?? join(this.getPath('userData'), 'logs'))
  }

  setName(): void {
    // Its name shows in menus, which nobody looks at here.
  }

  setAppUserModelId(): void {
    // Of notifications on Windows.
  }

  getAppPath(): string {
    return desk.appPath
  }

  getVersion(): string {
    return '0.0.0-test'
  }

  setLoginItemSettings(settings: unknown): void {
    desk.loginItems.push(settings)
  }

  getLoginItemSettings(): { readonly openAtLogin: boolean } {
    return { openAtLogin: false }
  }

  showAboutPanel(): void {
    desk.asked.push({ kind: 'about', options: {} })
  }

  setAboutPanelOptions(): void {
    // Shown by showAboutPanel.
  }

  /** before-quit, then the windows, then will-quit, and any of them may say no. */
  quit(): void {
    if (this.#isQuitting) return
    const event = preventable()
    this.emit('before-quit', event)
    if (event.defaultPrevented) return
    this.#isQuitting = true
    setImmediate(() => this.exit(0))
  }

  exit(status = 0): void {
    if (desk.exitStatus !== null) return
    desk.exitStatus = status
    this.emit('quit', {}, status)
    desk.exited.resolve(status)
  }
}

export const app = new App()

const resets: (() => void)[] = []

export function onReset(reset: () => void): void {
  resets.push(reset)
}

/** A computer that was just switched on, for the next test. */
export function resetElectron(): void {
  desk = new Desk()
  app.reset()
  for (const reset of resets) reset()
}
