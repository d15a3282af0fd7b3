// What `import … from 'electron'` gives in tests: see core.ts.

import { fork, type ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import type { Readable } from 'node:stream'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { desk, needsReady, onReset } from './core.ts'
import type { BrowserWindow } from './window.ts'

export { app } from './core.ts'
export { BrowserWindow, ipcMain, protocol, session } from './window.ts'

export const dialog = {
  showMessageBox: async (...args: readonly unknown[]) => {
    const options = args.at(-1) as { readonly cancelId?: number }
    desk.asked.push({ kind: 'message', options })
    return { response: (desk.answers.shift() as number | undefined) ?? options.cancelId ?? 0, checkboxChecked: false }
  },
  showOpenDialog: async (...args: readonly unknown[]) => {
    desk.asked.push({ kind: 'open', options: args.at(-1) as Readonly<Record<string, unknown>> })
    const path = desk.answers.shift() as string | undefined
    return { canceled: path === undefined, filePaths: path === undefined ? [] : [path] }
  },
  showErrorBox: (title: string, content: string) =>
    void desk.asked.push({ kind: 'error', options: { title, content } }),
}

export const screen = {
  getAllDisplays: () => {
    needsReady('screen')
    return desk.displays
  },
  getPrimaryDisplay: () => {
    needsReady('screen')
    return desk.displays.find(({ id }) => id === desk.mainDisplayId) ?? desk.displays[0]
  },
}

export const shell = {
  openPath: async (path: string) => {
    desk.asked.push({ kind: 'folder', options: { path } })
    return ''
  },
  openExternal: async (address: string) => void desk.asked.push({ kind: 'browser', options: { address } }),
}

export const clipboard = {
  writeText: async (text: string) => {
    structuredClone(text)
    desk.clipboard = text
  },
}

export const nativeTheme = { themeSource: 'system', shouldUseDarkColors: false }
export const nativeImage = {
  createFromPath: (path: string) => ({ path, isEmpty: () => false, resize: () => ({ path }) }),
}
export const crashReporter = { start: () => undefined }
export const net = { isOnline: () => desk.isOnline }

export const safeStorage = {
  isAsyncEncryptionAvailable: async () => {
    needsReady('safeStorage')
    return desk.isEncryptionAvailable
  },
  getSelectedStorageBackend: () => desk.storageBackend,
  encryptStringAsync: async (text: string) => Buffer.from(`sealed:${Buffer.from(text).toString('hex')}`),
  decryptStringAsync: async (bytes: Buffer) => {
    const [kind, hex = ''] = bytes.toString().split(':')
    if (kind !== 'sealed')
      throw new Error('Error while decrypting the ciphertext provided to safeStorage.decryptString.')
    return { shouldReEncrypt: false, result: Buffer.from(hex, 'hex').toString() }
  },
}

let blockers = 0
export const powerSaveBlocker = {
  start: (kind: string) => {
    needsReady('powerSaveBlocker')
    desk.blockers.set(++blockers, kind)
    return blockers
  },
  stop: (id: number) => desk.blockers.delete(id),
  isStarted: (id: number) => desk.blockers.has(id),
}

export const powerMonitor = new (class extends EventEmitter {
  override on(event: string, listener: (...args: never[]) => void): this {
    needsReady('powerMonitor')
    return super.on(event, listener as (...args: unknown[]) => void)
  }
})()

type Item = { readonly label?: string; readonly submenu?: readonly Item[]; readonly click?: () => void }
export const Menu = {
  buildFromTemplate: (template: readonly Item[]) => ({ template }),
  setApplicationMenu: (menu: unknown) => void (desk.menu = menu),
}

/** Presses an item by its label, wherever it is. */
export function pressMenu(label: string, menu: unknown = desk.menu): void {
  const find = (items: readonly Item[]): Item | null => {
    for (const item of items) {
      if (item.label === label) return item
      const below = item.submenu === undefined ? null : find(item.submenu)
      if (below !== null) return below
    }
    return null
  }
  const item = find((menu as { readonly template: readonly Item[] }).template)
  if (item?.click === undefined) throw new Error(`no menu item "${label}"`)
  item.click()
}

let trays: Tray[] = []
export class Tray extends EventEmitter {
  menu: unknown = null
  toolTip = ''
  constructor() {
    super()
    needsReady('Tray')
    if (!desk.isTraySupported) throw new Error('no tray')
    trays.push(this)
  }
  static all(): readonly Tray[] {
    return trays
  }
  setToolTip(text: string): void {
    this.toolTip = text
  }
  setContextMenu(menu: unknown): void {
    this.menu = menu
  }
  destroy(): void {
    trays = trays.filter((one) => one !== this)
  }
}

export class Notification extends EventEmitter {
  readonly options: Readonly<Record<string, unknown>>
  constructor(options: Readonly<Record<string, unknown>>) {
    super()
    this.options = options
  }
  static isSupported(): boolean {
    return true
  }
  show(): void {
    needsReady('Notification')
    shown.push(this)
    desk.asked.push({ kind: 'notification', options: this.options })
  }
}
const shown: Notification[] = []
export const notifications = (): readonly Notification[] => shown

const children = new Set<ChildProcess>()
const shim = pathToFileURL(fileURLToPath(new URL('engine-shim.mjs', import.meta.url))).href

class UtilityProcess extends EventEmitter {
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  readonly #child: ChildProcess

  constructor(path: string, args: readonly string[]) {
    super()
    this.#child = fork(path, args, { execArgv: ['--import', shim], serialization: 'advanced', silent: true })
    children.add(this.#child)
    this.stdout = this.#child.stdout
    this.stderr = this.#child.stderr
    this.#child.on('message', (message) => this.emit('message', message))
    this.#child.on('exit', (status, signal) => {
      children.delete(this.#child)
      this.emit('exit', status ?? (signal === null ? 1 : 9))
    })
  }
  get pid(): number | undefined {
    return this.#child.pid
  }
  postMessage(message: unknown): void {
    if (this.#child.connected) this.#child.send(message as object)
  }
  kill(): boolean {
    return this.#child.kill()
  }
}

export const utilityProcess = {
  fork: (path: string, args: readonly string[] = []) => {
    needsReady('utilityProcess.fork')
    return new UtilityProcess(path, args)
  },
}

/** Processes of engines that live. */
export const enginePids = (): readonly number[] => [...children].flatMap(({ pid }) => (pid === undefined ? [] : [pid]))

/** When a test ends, whatever came of it. */
export async function endEngines(): Promise<void> {
  await Promise.all(
    [...children].map(async (child) => {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await gone
    }),
  )
}

onReset(() => {
  powerMonitor.removeAllListeners()
  shown.length = 0
  trays = []
  nativeTheme.themeSource = 'system'
})

/** The window there is. */
export function onlyWindow(windows: readonly BrowserWindow[]): BrowserWindow {
  const [window] = windows
  if (window === undefined || windows.length > 1) throw new Error(`${windows.length} windows`)
  return window
}
