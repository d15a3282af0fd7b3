// What is in a window of the stand-in: a page of a real Chromium. Every request of it goes to the session of the double, so
// that what the program serves and refuses is what the page gets; and what the preload exposes is there as functions that
// call it. Chromium knows no schemes of a program's own, so the page has another address there.

import { randomUUID } from 'node:crypto'
import { pageOrigin } from '../../../shared/bridge.ts'
import { preventable } from '../electron/core.ts'
import type { WebContents } from '../electron/window.ts'
import type { Chromium } from './chromium.ts'
import { pageHalf } from './page-half.ts'

/** A secure origin, like the scheme it stands for. */
const chromiumOrigin = 'http://venti-mirror.localhost'

type Paused = {
  readonly requestId: string
  readonly request: { readonly url: string; readonly method: string }
  readonly resourceType: string
  readonly frameId: string
}
type FromPage = { readonly call: number; readonly path: readonly string[]; readonly args: readonly unknown[] }
type AnyFunction = (...args: readonly unknown[]) => unknown

const toProgram = (url: string): string =>
  url.startsWith(`${chromiumOrigin}/`) ? pageOrigin + url.slice(chromiumOrigin.length) : url
const toChromium = (url: string): string =>
  url.startsWith(`${pageOrigin}/`) ? chromiumOrigin + url.slice(pageOrigin.length) : url

export class View {
  readonly #chromium: Chromium
  readonly #contents: WebContents
  readonly #target: string
  readonly #session: string
  readonly #binding = `to-${randomUUID()}`
  readonly #receiver = `from-${randomUUID()}`
  /** The program asked for this address itself: nobody is asked whether it may. */
  #going: string | null = null
  #loaded: (() => void)[] = []

  private constructor(chromium: Chromium, contents: WebContents, target: string, session: string) {
    this.#chromium = chromium
    this.#contents = contents
    this.#target = target
    this.#session = session
  }

  static async open(chromium: Chromium, contents: WebContents): Promise<View> {
    const size = { width: 1120, height: 760 }
    const { targetId } = (await chromium.send('Target.createTarget', { url: 'about:blank', ...size })) as {
      targetId: string
    }
    const attach = { targetId, flatten: true }
    const { sessionId } = (await chromium.send('Target.attachToTarget', attach)) as { sessionId: string }
    const view = new View(chromium, contents, targetId, sessionId)
    chromium.onEvent(sessionId, (method, params) => view.#hear(method, params))
    await view.#send('Page.enable')
    await view.#send('Runtime.enable')
    await view.#send('Runtime.addBinding', { name: view.#binding })
    const names = [view.#binding, view.#receiver, shapeOf(contents.commit('about:blank').world)]
    const source = `(${pageHalf.toString()})(${names.map((one) => JSON.stringify(one)).join(', ')})`
    // Now, because no page takes this while it is on its way to its first document.
    await view.#send('Page.addScriptToEvaluateOnNewDocument', { source })
    await view.#send('Fetch.enable', { patterns: [{ urlPattern: '*' }] })
    return view
  }

  /** Resolves when it is loaded. */
  async navigate(url: string): Promise<void> {
    this.#going = url
    const loaded = new Promise<void>((resolve) => this.#loaded.push(resolve))
    const { errorText } = (await this.#send('Page.navigate', { url: toChromium(url) })) as { errorText?: string }
    if (errorText !== undefined) throw new Error(`${errorText} loading '${url}'`)
    await loaded
  }

  close(): void {
    void this.#chromium.send('Target.closeTarget', { targetId: this.#target }).catch(() => undefined)
  }

  async #send(method: string, params: object = {}): Promise<unknown> {
    return await this.#chromium.send(method, params, this.#session)
  }

  #hear(method: string, params: never): void {
    if (method === 'Page.loadEventFired') for (const loaded of this.#loaded.splice(0)) loaded()
    if (method === 'Fetch.requestPaused') void this.#answer(params).catch(() => undefined)
    if (method === 'Runtime.bindingCalled') {
      const { name, payload } = params as { readonly name: string; readonly payload: string }
      if (name === this.#binding) void this.#call(JSON.parse(payload) as FromPage)
    }
  }

  async #answer({ requestId, request, resourceType, frameId }: Paused): Promise<void> {
    const url = toProgram(request.url)
    const isPage = resourceType === 'Document' && frameId === this.#target
    if (isPage && !this.#mayGo(url)) {
      // The page that is there stays.
      await this.#send('Fetch.failRequest', { requestId, errorReason: 'Aborted' })
      return
    }
    const response = await this.#contents.session.load(url, request.method)
    if (response === null) {
      await this.#send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' })
      return
    }
    if (isPage) this.#contents.commit(url)
    await this.#send('Fetch.fulfillRequest', {
      requestId,
      responseCode: response.status,
      responseHeaders: [...response.headers].map(([name, value]) => ({ name, value })),
      body: Buffer.from(await response.arrayBuffer()).toString('base64'),
    })
  }

  #mayGo(url: string): boolean {
    const isOwn = this.#going === url
    this.#going = null
    if (isOwn) return true
    const event = preventable({ url, isMainFrame: true })
    this.#contents.emit('will-navigate', event, url)
    return !event.defaultPrevented
  }

  async #call({ call, path, args }: FromPage): Promise<void> {
    const { page } = this.#contents
    try {
      let called: unknown = page?.world
      for (const name of path) called = (called as Record<string, unknown>)[name]
      const value = await (called as AnyFunction)(...args.map((one) => this.#revived(one)))
      await this.#tell({ reply: call, value: typeof value === 'function' ? null : value })
    } catch (error) {
      await this.#tell({ reply: call, error: error instanceof Error ? error.message : String(error) })
    }
  }

  /** A function of the page can be called, and answers nothing. */
  #revived(value: unknown): unknown {
    const called = (value as { readonly functionOfPage?: number } | null)?.functionOfPage
    return called === undefined ? value : (...args: readonly unknown[]) => void this.#tell({ called, args })
  }

  async #tell(message: object): Promise<void> {
    const expression = `globalThis[${JSON.stringify(this.#receiver)}]?.(${JSON.stringify(message)})`
    await this.#send('Runtime.evaluate', { expression }).catch(() => undefined)
  }
}

/** Objects of functions, as the preload exposed them. */
function shapeOf(world: unknown): unknown {
  if (typeof world === 'function') return 'function'
  return Object.fromEntries(Object.entries(world as object).map(([name, one]) => [name, shapeOf(one)]))
}
