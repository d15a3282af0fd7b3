// The contract over a WebSocket to the browser host. The token of the link this page was opened with is exchanged for a
// cookie and taken out of the address bar; after that a reload, or a connection that was lost, needs no link. A lost
// connection is made again with growing pauses; what was asked over it is rejected, because nobody knows whether it was done.

import {
  maxRequestBytes,
  sessionPath,
  socketPath,
  type Answer,
  type Asked,
  type Channel,
  type ControlMessage,
  type EventMessage,
  type EventName,
  type Events,
  type ReplyMessage,
  type RequestMessage,
  type ServiceApi,
  type TakeControlMessage,
} from '../shared/contract.ts'
import type { Problem } from '../shared/model/window.ts'
import { ServiceError } from './service-error.ts'

/** What it needs of the browser. */
export type SocketSurroundings = {
  /** http://HOST:PORT of the page. */
  readonly origin: string
  /** The token in the address bar, once: it is gone from there afterwards. */
  takeToken(): string | null
  /** A link was opened in this very page. */
  onNewLink(told: () => void): void
  fetch(
    url: string,
    init: { readonly method: 'GET' | 'POST'; readonly body?: string },
  ): Promise<{ readonly status: number }>
  openSocket(url: string): WebSocket
}

export type SocketApiOptions = {
  /** The host does not know this browser: only a new link helps. Told once each time it turns out so. */
  readonly onRefused: () => void
  readonly surroundings?: SocketSurroundings
  readonly firstPauseMs?: number
  readonly longestPauseMs?: number
  /** The host says something every 15 s. */
  readonly silenceMs?: number
}

type Link = { readonly connected: boolean; readonly control: boolean }
type Told = { resolve(value: unknown): void; reject(error: ServiceError): void }
type Message = ReplyMessage | EventMessage | ControlMessage

const lost: Problem = {
  code: 'connection-lost',
  happened: 'the connection to the service was lost before it answered',
  safe: 'What was running goes on without this page.',
  next: 'Wait until the connection is back, see whether it was done, and ask again if not.',
}
const notConnected: Problem = {
  code: 'connection-lost',
  happened: 'there is no connection to the service at the moment',
  safe: 'Nothing was asked of it; what was running goes on without this page.',
  next: 'Wait until the connection is back, and try again.',
}
const tooLong: Problem = {
  code: 'usage',
  happened: 'this is more text than one request may hold',
  safe: 'Nothing was sent.',
  next: 'Give less at once.',
}

function browser(): SocketSurroundings {
  return {
    origin: location.origin,
    takeToken: () => {
      const token = location.hash.slice(1)
      if (!/^[\w-]{20,}$/.test(token)) return null
      history.replaceState(history.state, '', location.pathname + location.search)
      return token
    },
    onNewLink: (told) => addEventListener('hashchange', told),
    fetch: (url, init) => fetch(url, { ...init, cache: 'no-store', credentials: 'same-origin' }),
    openSocket: (url) => new WebSocket(url),
  }
}

export class SocketApi implements ServiceApi {
  readonly #options: Required<Omit<SocketApiOptions, 'surroundings'>>
  readonly #page: SocketSurroundings
  readonly #listeners = new Map<EventName, Set<(value: never) => void>>()
  readonly #linkListeners = new Set<(link: Link) => void>()
  readonly #asked = new Map<number, Told>()
  /** Of a link that the host was not there to take. */
  #token: string | null = null
  #socket: WebSocket | null = null
  #link: Link = { connected: false, control: false }
  #lastId = 0
  #pauseMs = 0
  #timer: ReturnType<typeof setTimeout> | null = null
  #heardMs = 0
  #isRefused = false
  #isClosed = false
  /** Counts attempts, so that an earlier one that comes back late is not taken for the present one. */
  #attempt = 0

  constructor(options: SocketApiOptions) {
    this.#options = { firstPauseMs: 1_000, longestPauseMs: 10_000, silenceMs: 45_000, ...options }
    this.#page = options.surroundings ?? browser()
    this.#page.onNewLink(() => {
      if (this.#link.connected) this.#page.takeToken()
      else this.#connectSoon(0)
    })
    this.#connectSoon(0)
  }

  async ask<C extends Channel>(channel: C, asked: Asked<C>): Promise<Answer<C>> {
    const socket = this.#socket
    if (socket === null || !this.#link.connected) throw new ServiceError(notConnected)
    const id = ++this.#lastId
    const message: RequestMessage = { id, channel, asked }
    const text = JSON.stringify(message)
    // The host ends the connection of a page that sends more.
    if (new TextEncoder().encode(text).length > maxRequestBytes) throw new ServiceError(tooLong)
    return await new Promise<Answer<C>>((resolve, reject) => {
      this.#asked.set(id, { resolve: (value) => resolve(value as Answer<C>), reject })
      socket.send(text)
    })
  }

  on<E extends EventName>(event: E, told: (value: Events[E]) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners)
    listeners.add(told)
    return () => void listeners.delete(told)
  }

  onLink(told: (link: Link) => void): () => void {
    this.#linkListeners.add(told)
    told(this.#link)
    return () => void this.#linkListeners.delete(told)
  }

  takeControl(): void {
    const message: TakeControlMessage = { takeControl: true }
    if (this.#link.connected) this.#socket?.send(JSON.stringify(message))
  }

  /** For good. */
  close(): void {
    this.#isClosed = true
    this.#attempt++
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#drop()
  }

  #connectSoon(pauseMs: number): void {
    if (this.#isClosed) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    const attempt = ++this.#attempt
    this.#timer = setTimeout(() => {
      this.#timer = null
      void this.#connect(attempt)
    }, pauseMs)
  }

  #tryAgain(): void {
    const { firstPauseMs, longestPauseMs } = this.#options
    this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs === 0 ? firstPauseMs : this.#pauseMs * 2)
    this.#connectSoon(this.#pauseMs)
  }

  async #connect(attempt: number): Promise<void> {
    const isLetIn = await this.#isLetIn()
    if (attempt !== this.#attempt) return
    if (isLetIn === true) {
      this.#isRefused = false
      this.#openSocket()
      return
    }
    // Another tab may be let in meanwhile, and this one with it.
    if (isLetIn === false && !this.#isRefused) {
      this.#isRefused = true
      this.#options.onRefused()
    }
    this.#tryAgain()
  }

  /** Whether the host knows this browser; null when it does not answer. A WebSocket would not say why it was refused. */
  async #isLetIn(): Promise<boolean | null> {
    const url = this.#page.origin + sessionPath
    try {
      const token = this.#page.takeToken() ?? this.#token
      this.#token = token
      if (token !== null) await this.#page.fetch(url, { method: 'POST', body: token })
      this.#token = null
      // Also after a token that was used up: a link opened a second time in the same browser does no harm.
      const { status } = await this.#page.fetch(url, { method: 'GET' })
      return status === 204 ? true : status === 401 ? false : null
    } catch {
      return null
    }
  }

  #openSocket(): void {
    const socket = this.#page.openSocket(this.#page.origin.replace(/^http/, 'ws') + socketPath)
    this.#socket = socket
    const onEnd = (): void => {
      if (this.#socket !== socket) return
      this.#drop()
      this.#tryAgain()
    }
    socket.addEventListener('message', ({ data }) => {
      if (this.#socket === socket) this.#onMessage(JSON.parse(String(data)) as Message)
    })
    socket.addEventListener('close', onEnd)
    socket.addEventListener('error', onEnd)
    this.#heard()
    this.#watchSilence(socket, onEnd)
  }

  #heard(): void {
    this.#heardMs = performance.now()
  }

  /** A tunnel can die without a word; waiting for the system to notice takes many minutes. */
  #watchSilence(socket: WebSocket, onEnd: () => void): void {
    const { silenceMs } = this.#options
    const look = (): void => {
      if (this.#socket !== socket) return
      const leftMs = this.#heardMs + silenceMs - performance.now()
      if (leftMs <= 0) onEnd()
      else setTimeout(look, leftMs)
    }
    setTimeout(look, silenceMs)
  }

  #onMessage(message: Message): void {
    this.#heard()
    if ('control' in message) {
      // The first word of the host: only now is the page let in.
      this.#pauseMs = 0
      this.#setLink({ connected: true, control: message.control })
    } else if ('event' in message) {
      for (const told of this.#listeners.get(message.event) ?? []) told(message.value as never)
    } else {
      const told = this.#asked.get(message.id)
      this.#asked.delete(message.id)
      if (message.result.ok) told?.resolve(message.result.value)
      else told?.reject(new ServiceError(message.result.problem))
    }
  }

  #drop(): void {
    const socket = this.#socket
    this.#socket = null
    socket?.close()
    const asked = [...this.#asked.values()]
    this.#asked.clear()
    for (const one of asked) one.reject(new ServiceError(lost))
    this.#setLink({ connected: false, control: false })
  }

  #setLink(link: Link): void {
    const { connected, control } = this.#link
    if (link.connected === connected && link.control === control) return
    this.#link = link
    for (const told of this.#linkListeners) told(link)
  }
}
