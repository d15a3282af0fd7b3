// One open connection: tags, window, corked writes, replies, timeouts, end. It knows requests only as WireRequest.
// States: open -> closing (Tgoodbye sent) -> closed, or open -> closed. Once closed, everything that was pending has been
// failed exactly once with the reason. Nothing in here throws to the event loop, whatever the peer or a callback does.

import { AppError, asAppError } from '../../../../shared/errors.ts'
import type { FrameReader } from '../wire/frame.ts'
import { encodeFrame } from '../wire/frame.ts'
import { decodeReply, encodeRequest, messageCode, messageHeadBytes } from '../wire/message.ts'
import { maxLumpBytes } from '../format/constants.ts'
import type { Greeted } from './handshake.ts'
import type { Limits } from './options.ts'
import type { WireRequest } from './requests.ts'
import { TagTable, usableTags } from './tags.ts'
import { Deadline } from './deadline.ts'
import type { Transport } from './transport.ts'
import { WaitingRequests } from './waiting.ts'

/** Sent before the tick ends, so that the server works while we read and hash on: 16 blocks of 8 KiB. */
const flushBytes = 128 * 1024
const closeTimeoutMs = 900

export class Connection {
  readonly dial: string
  readonly closed: Promise<AppError | null>
  bytesSent: number
  bytesReceived: number
  #transport: Transport
  #greeted: Greeted
  #frames: FrameReader
  #limits: Limits
  #state: 'open' | 'closing' | 'closed' = 'open'
  #reason: AppError | null = null
  #resolveClosed: (reason: AppError | null) => void = () => undefined
  #tags = new TagTable<WireRequest>()
  #waiting = new WaitingRequests()
  #payloadBytes = 0
  #syncsInFlight = 0
  #roomCallbacks: (() => void)[] = []
  /** Request heads by tag: a tag's bytes have left before its reply can arrive, so they can be used again. */
  #heads: (Buffer | undefined)[] = []
  #corkedBytes = -1
  #deadline: Deadline
  #closeTimer: NodeJS.Timeout | undefined
  #signal: AbortSignal | undefined
  #onAbort = (): void => this.destroy(new AppError('cancelled', `${this.dial}: cancelled`))

  constructor(
    transport: Transport,
    greeted: Greeted,
    options: { readonly dial: string; readonly limits: Limits; readonly signal: AbortSignal | undefined },
  ) {
    this.dial = options.dial
    this.#transport = transport
    this.#greeted = greeted
    this.#frames = greeted.frames
    this.#limits = options.limits
    this.#signal = options.signal
    this.bytesSent = greeted.bytesSent
    this.bytesReceived = greeted.bytesReceived
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve))
    this.#deadline = new Deadline(options.limits, {
      oldestSentMs: () => Math.min(...this.#tags.values().map((request) => request.sentAtMs)),
      overdue: () => this.#overdue(),
    })
    this.#signal?.addEventListener('abort', this.#onAbort)
    transport.attach({ data: (chunk) => this.#receive(chunk), closed: (error) => this.#lost(error) })
    // Bytes behind Rhello answer nothing we asked: this ends the connection if there are any.
    this.#guard(() => this.#takeFrames())
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  get reason(): AppError | null {
    return this.#reason
  }

  get outstanding(): number {
    return this.#tags.used + this.#waiting.queued + this.#waiting.waitingSyncs
  }

  get hasRoom(): boolean {
    return this.#state === 'open' && this.#waiting.queued === 0 && this.#fits(maxLumpBytes)
  }

  onRoom(callback: () => void): void {
    this.#roomCallbacks.push(callback)
    if (this.hasRoom || this.#state === 'closed') queueMicrotask(() => this.#giveRoom())
  }

  submit(request: WireRequest): void {
    if (this.#state !== 'open') {
      queueMicrotask(() => this.#fail(request, this.#closedError()))
      return
    }
    if (request.code === messageCode.tsync) {
      if (this.#waiting.holdSync(request)) return
    } else {
      this.#waiting.register(request)
    }
    this.#sendOrQueue(request)
  }

  close(): Promise<void> {
    if (this.#state === 'open') {
      this.#state = 'closing'
      const unsent = this.#waiting.drain()
      queueMicrotask(() => unsent.forEach((request) => this.#fail(request, this.#closedError())))
      this.#deadline.stop()
      // An unanswered goodbye needs no tag of its own.
      this.#put(encodeFrame(this.#greeted.version, encodeRequest({ kind: 'goodbye', tag: 0 })))
      this.#flush()
      this.#transport.end()
      this.#closeTimer = setTimeout(() => this.destroy(), closeTimeoutMs)
    }
    return this.closed.then(() => undefined)
  }

  /** Drops the connection at once; what is pending fails with the reason before `closed` resolves. */
  destroy(reason: AppError | null = null): void {
    if (this.#state === 'closed') return
    // What goes wrong after our goodbye is of no interest any more.
    this.#reason = this.#state === 'closing' ? null : reason
    this.#state = 'closed'
    this.#deadline.stop()
    clearTimeout(this.#closeTimer)
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#transport.destroy()
    const pending = [...this.#tags.values(), ...this.#waiting.drain()]
    this.#tags = new TagTable()
    // Later, so that a caller who destroys in the middle of its own work is not called back there.
    queueMicrotask(() => {
      for (const request of pending) this.#fail(request, this.#closedError())
      this.#giveRoom()
      this.#resolveClosed(this.#reason)
    })
  }

  #fits(bytes: number): boolean {
    if (this.#tags.used >= Math.min(this.#limits.windowRequests, usableTags)) return false
    return this.#payloadBytes === 0 || this.#payloadBytes + bytes <= this.#limits.windowBytes
  }

  #sendOrQueue(request: WireRequest): void {
    if (this.#waiting.queued === 0 && this.#fits(request.data?.length ?? 0)) this.#send(request)
    else this.#waiting.push(request)
  }

  #send(request: WireRequest): void {
    const { version } = this.#greeted
    const tag = this.#tags.take(request)
    const size = request.headBytes(version)
    let head = this.#heads[tag]
    if (head?.length !== size) this.#heads[tag] = head = Buffer.allocUnsafeSlow(size)
    request.put(head, version, tag)
    const { data } = request
    this.#put(head)
    if (data !== null) {
      this.#payloadBytes += data.length
      this.#put(data)
    }
    request.sentAtMs = this.#deadline.nowMs
    if (request.code === messageCode.tsync) this.#syncsInFlight++
    this.#deadline.update(this.#tags.used, this.#syncsInFlight)
    if (this.#corkedBytes >= flushBytes) this.#flush()
  }

  #put(bytes: Uint8Array): void {
    if (this.#corkedBytes < 0) {
      this.#corkedBytes = 0
      this.#transport.cork()
      this.#deadline.tick()
      setImmediate(() => this.#flush())
    }
    this.#transport.write(bytes)
    this.bytesSent += bytes.length
    this.#corkedBytes += bytes.length
  }

  #flush(): void {
    if (this.#corkedBytes < 0) return
    this.#corkedBytes = -1
    this.#transport.uncork()
  }

  #receive(chunk: Uint8Array): void {
    if (this.#state === 'closed') return
    this.bytesReceived += chunk.length
    this.#deadline.heard()
    this.#guard(() => {
      this.#frames.push(chunk)
      this.#takeFrames()
    })
  }

  #takeFrames(): void {
    for (let body = this.#frames.next(); body !== undefined; body = this.#frames.next()) {
      this.#take(body)
      // A callback may have destroyed the connection.
      if (this.#state === 'closed') return
    }
    if (this.#state !== 'open') return
    for (let next = this.#waiting.peek(); next !== undefined; next = this.#waiting.peek()) {
      if (!this.#fits(next.data?.length ?? 0)) break
      this.#waiting.shift()
      this.#send(next)
    }
    this.#giveRoom()
  }

  #take(body: Uint8Array): void {
    if (body.length < messageHeadBytes) throw new AppError('protocol', `reply of ${body.length} bytes`)
    const code = body[0]!
    const tag = body[1]!
    const request = this.#tags.get(tag)
    if (request === undefined) throw new AppError('protocol', `reply of type ${code} with tag ${tag}, not asked for`)
    const error = code === messageCode.rerror ? decodeReply(body) : null
    if (error === null) {
      const wrong = code === request.code + 1 ? request.check(body) : `it should be ${request.code + 1} or 1`
      if (wrong !== null) throw new AppError('protocol', `reply of type ${code} to ${request.describe()}: ${wrong}`)
    }

    this.#tags.release(tag)
    this.#payloadBytes -= request.data?.length ?? 0
    if (request.code === messageCode.tsync) this.#syncsInFlight--
    this.#deadline.update(this.#tags.used, this.#syncsInFlight)
    this.#waiting.answered(request)
    if (error?.kind === 'error') request.refused(this.dial, error.text)
    else request.settle(body)
    if (this.#state !== 'open') return
    for (let sync = this.#waiting.freeSync(); sync !== undefined; sync = this.#waiting.freeSync()) {
      this.#sendOrQueue(sync)
    }
  }

  #giveRoom(): void {
    // Only those that wait now: one that asks again at once would never let go of a closed connection.
    for (let left = this.#roomCallbacks.length; left > 0 && (this.hasRoom || this.#state === 'closed'); left--) {
      const callback = this.#roomCallbacks.shift()!
      this.#guard(callback)
    }
  }

  /** A callback that throws is our own mistake; it ends this connection, not the process. */
  #guard(action: () => void): void {
    try {
      action()
    } catch (thrown) {
      const error = asAppError(thrown)
      const options = { data: { ...error.data, dial: this.dial }, cause: error }
      this.destroy(new AppError(error.code, `${this.dial}: ${error.message}`, options))
    }
  }

  #fail(request: WireRequest, error: AppError): void {
    this.#guard(() => request.fail(error))
  }

  #closedError(): AppError {
    if (this.#reason !== null) return this.#reason
    const text = `${this.dial}: this program closed the connection before the reply`
    return new AppError('connection-lost', text, { data: { dial: this.dial } })
  }

  #lost(error: AppError | null): void {
    if (this.#state === 'closing') {
      this.destroy()
      return
    }
    const text = `${this.dial}: the server closed the connection with ${this.outstanding} requests outstanding`
    this.destroy(error ?? new AppError('connection-lost', text, { data: { dial: this.dial } }))
  }

  #overdue(): void {
    if (this.#state !== 'open') return
    const { replyTimeoutMs, syncTimeoutMs } = this.#limits
    const [what, limitMs] = this.#syncsInFlight > 0 ? ['sync', syncTimeoutMs] : ['reply', replyTimeoutMs]
    const text = `${this.dial}: no ${what} within ${limitMs} ms with ${this.outstanding} requests outstanding`
    this.destroy(new AppError('reply-timeout', text, { data: { dial: this.dial, timeoutMs: limitMs } }))
  }
}
