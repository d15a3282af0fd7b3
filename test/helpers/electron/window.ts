// Windows of the double and what is in them: sessions, contents, frames, IPC. What a page could try is here as methods that a
// test calls: navigate, open a window, ask for a permission, send a message as somebody else.

import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { app, desk, isTooLate, needsReady, onReset, preventable, viewOf, type View } from './core.ts'
import { Page } from './page.ts'

export type Frame = { readonly url: string; readonly parent: Frame | null }
type Handler = (request: Request) => Response | Promise<Response>
type IpcHandler = (event: object, ...args: unknown[]) => unknown

let privileged: readonly { readonly scheme: string }[] = []
const ipcHandlers = new Map<string, IpcHandler>()

export const ipcMain = {
  handle: (channel: string, handler: IpcHandler): void => {
    if (ipcHandlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`)
    ipcHandlers.set(channel, handler)
  },
  removeHandler: (channel: string): void => void ipcHandlers.delete(channel),
}

/** A message as it comes to the main process; `from` is what Electron says about its sender. */
export async function invoke(
  from: { readonly sender: unknown; readonly senderFrame: Frame | null },
  channel: string,
  ...args: unknown[]
): Promise<unknown> {
  const handler = ipcHandlers.get(channel)
  if (handler === undefined) throw new Error(`No handler registered for '${channel}'`)
  return structuredClone(await handler({ type: 'frame', frameId: 1, processId: 1, ...from }, ...structuredClone(args)))
}

export const protocol = {
  registerSchemesAsPrivileged: (schemes: readonly { readonly scheme: string }[]): void => {
    isTooLate('protocol.registerSchemesAsPrivileged')
    if (privileged.length > 0) throw new Error('registerSchemesAsPrivileged can be called once')
    privileged = schemes
  },
}

class Session extends EventEmitter {
  readonly #handlers = new Map<string, Handler>()
  permissionRequest: ((contents: object, permission: string, done: (yes: boolean) => void) => void) | null = null
  permissionCheck: ((contents: object, permission: string, origin: string) => boolean) | null = null
  device: ((details: object) => boolean) | null = null
  beforeRequest: ((details: { readonly url: string }, done: (answer: { cancel?: boolean }) => void) => void) | null =
    null

  readonly protocol = {
    handle: (scheme: string, handler: Handler): void => {
      needsReady('protocol.handle')
      this.#handlers.set(scheme, handler)
    },
  }
  readonly webRequest = {
    onBeforeRequest: (listener: NonNullable<Session['beforeRequest']>): void => void (this.beforeRequest = listener),
  }

  setPermissionRequestHandler(handler: NonNullable<Session['permissionRequest']>): void {
    this.permissionRequest = handler
  }
  setPermissionCheckHandler(handler: NonNullable<Session['permissionCheck']>): void {
    this.permissionCheck = handler
  }
  setDevicePermissionHandler(handler: NonNullable<Session['device']>): void {
    this.device = handler
  }

  /** Without a handler of the program, Electron grants. */
  async grants(contents: object, permission: string): Promise<boolean> {
    const handler = this.permissionRequest
    return handler === null || (await new Promise<boolean>((resolve) => handler(contents, permission, resolve)))
  }

  async #isCancelled(url: string): Promise<boolean> {
    const { beforeRequest } = this
    if (beforeRequest === null) return false
    const { cancel = false } = await new Promise<{ cancel?: boolean }>((resolve) => beforeRequest({ url }, resolve))
    return cancel
  }

  /** By Chromium's own net: the guard of the session is asked, again for every address that an answer leads to. */
  async fetch(address: string, init: RequestInit = {}, mostRedirects = 20): Promise<Response> {
    if (mostRedirects < 0) throw new Error('net::ERR_TOO_MANY_REDIRECTS')
    if (await this.#isCancelled(address)) throw new Error('net::ERR_BLOCKED_BY_CLIENT')
    const { signal } = init
    const aborted = new Promise<never>((_resolve, reject) =>
      signal?.addEventListener('abort', () => reject(new DOMException('This operation was aborted', 'AbortError'))),
    )
    desk.fetched.push(address)
    const response = await Promise.race([desk.net(new Request(address)), aborted])
    const next = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null
    return next === null ? response : await this.fetch(new URL(next, address).href, init, mostRedirects - 1)
  }

  /** What a page gets for an address; null: the request was cancelled. */
  async load(url: string, method = 'GET'): Promise<Response | null> {
    if (await this.#isCancelled(url)) return null
    const handler = this.#handlers.get(new URL(url).protocol.slice(0, -1))
    if (handler === undefined) throw new Error(`net::ERR_UNKNOWN_URL_SCHEME (${url})`)
    return await handler(new Request(url, { method }))
  }
}

let defaultSession = new Session()
const partitions = new Map<string, Session>()
export const session = {
  fromPartition: (name: string): Session => {
    needsReady('session')
    const one = partitions.get(name) ?? new Session()
    partitions.set(name, one)
    return one
  },
  get defaultSession(): Session {
    needsReady('session')
    return defaultSession
  },
}

type OpenHandler = (details: { readonly url: string }) => { readonly action: 'allow' | 'deny' }

export class WebContents extends EventEmitter {
  readonly session = defaultSession
  readonly preferences: Readonly<Record<string, unknown>>
  mainFrame: Frame = { url: '', parent: null }
  page: Page | null = null
  loads = 0
  #open: OpenHandler | null = null
  #isDestroyed = false
  #view: View | null = null

  constructor(preferences: Readonly<Record<string, unknown>>) {
    super()
    this.preferences = preferences
    app.emit('web-contents-created', {}, this)
  }

  getURL(): string {
    return this.mainFrame.url
  }
  isDestroyed(): boolean {
    return this.#isDestroyed
  }
  destroy(): void {
    this.#isDestroyed = true
    this.#view?.close()
  }
  setWindowOpenHandler(handler: OpenHandler): void {
    this.#open = handler
  }
  send(channel: string, ...args: unknown[]): void {
    if (this.#isDestroyed) throw new TypeError('Object has been destroyed')
    this.page?.deliver(channel, args)
  }
  forcefullyCrashRenderer(): void {
    this.page = null
    this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 11 })
  }
  reload(): void {
    void this.load(this.mainFrame.url)
  }

  async load(url: string): Promise<void> {
    if (viewOf !== null) {
      this.#view ??= await viewOf(this)
      await this.#view.navigate(url)
      return
    }
    const response = await this.session.load(url)
    if (response === null || !response.ok) throw new Error(`ERR_FAILED (-2) loading '${url}'`)
    this.commit(url)
  }

  /** A document begins: its frame, and the preload in it. */
  commit(url: string): Page {
    this.mainFrame = { url, parent: null }
    this.loads++
    const { preload } = this.preferences as { preload?: string }
    const code = preload === undefined ? null : readFileSync(preload, 'utf8')
    const frame = this.mainFrame
    this.page = new Page(code, (channel, args) => invoke({ sender: this, senderFrame: frame }, channel, ...args))
    return this.page
  }

  // What a page may try:

  /** Whether it got there. */
  navigates(url: string, kind: 'will-navigate' | 'will-frame-navigate' | 'will-redirect' = 'will-navigate'): boolean {
    const event = preventable({ url, isMainFrame: kind !== 'will-frame-navigate' })
    this.emit(kind, event, url)
    return !event.defaultPrevented
  }
  opens(url: string): boolean {
    return (this.#open?.({ url }) ?? { action: 'allow' }).action === 'allow'
  }
  attachesGuest(): boolean {
    const event = preventable()
    this.emit('will-attach-webview', event, {}, {})
    return !event.defaultPrevented
  }
}

let windows: BrowserWindow[] = []

export class BrowserWindow extends EventEmitter {
  readonly options: Readonly<Record<string, unknown>>
  readonly webContents: WebContents
  isShown = false
  isMinimizedNow = false
  title = ''
  #isDestroyed = false

  constructor(options: Readonly<Record<string, unknown>> = {}) {
    super()
    needsReady('BrowserWindow')
    this.options = options
    this.webContents = new WebContents((options['webPreferences'] ?? {}) as Readonly<Record<string, unknown>>)
    windows.push(this)
  }

  static getAllWindows(): readonly BrowserWindow[] {
    return windows
  }
  async loadURL(url: string): Promise<void> {
    await this.webContents.load(url)
    this.emit('ready-to-show')
  }
  show(): void {
    this.isShown = true
  }
  hide(): void {
    this.isShown = false
  }
  isVisible(): boolean {
    return this.isShown
  }
  focus(): void {
    this.emit('focus')
  }
  isFocused(): boolean {
    return false
  }
  isMinimized(): boolean {
    return this.isMinimizedNow
  }
  restore(): void {
    this.isMinimizedNow = false
  }
  maximize(): void {
    // Nothing here has a size to look at.
  }
  isMaximized(): boolean {
    return false
  }
  getNormalBounds(): { x: number; y: number; width: number; height: number } {
    return { x: 10, y: 20, width: 1000, height: 700 }
  }
  setTitle(title: string): void {
    this.title = title
  }
  setBackgroundColor(): void {
    // Nobody looks at it here.
  }
  setProgressBar(fraction: number, options: unknown): void {
    desk.progress.push([fraction, options])
  }
  isDestroyed(): boolean {
    return this.#isDestroyed
  }
  destroy(): void {
    this.#isDestroyed = true
    this.webContents.destroy()
    windows = windows.filter((one) => one !== this)
    this.emit('closed')
  }
  /** As the cross in its corner does. */
  close(): void {
    const event = preventable()
    this.emit('close', event)
    if (!event.defaultPrevented) this.destroy()
  }
}

onReset(() => {
  privileged = []
  ipcHandlers.clear()
  defaultSession = new Session()
  partitions.clear()
  windows = []
})
