// One connection of a fake venti, from the greeting to its end, over anything that carries bytes: the TCP server of
// fake-venti.ts or a pipe in memory. It takes its answers and its bad habits from a FakeStore.

import { encodeFrame, FrameReader } from '../../electron/engine/venti/wire/frame.ts'
import { decodeRequest, encodeReply, type Reply } from '../../electron/engine/venti/wire/message.ts'
import {
  acceptVersion,
  encodeVersionLine,
  VersionLineReader,
  type ProtocolVersion,
} from '../../electron/engine/venti/wire/version.ts'
import type { Transport } from '../../electron/engine/venti/client/transport.ts'
import type { FakeStore, Fault } from './fake-store.ts'
import { MemoryPeer } from './memory-transport.ts'

/** How a session reaches its client. */
export interface SessionOutput {
  send(bytes: Uint8Array): void
  end(): void
  reset(): void
}

/** One connection, from the greeting to its end. */
export class FakeSession {
  #store: FakeStore
  #output: SessionOutput
  #greeting: VersionLineReader | null = new VersionLineReader()
  #version: ProtocolVersion = '04'
  #frames: FrameReader | null = null
  #greeted = false
  #requests = 0
  #over = false
  #shuffled: Uint8Array[] = []
  #timers = new Set<NodeJS.Timeout>()

  constructor(store: FakeStore, output: SessionOutput) {
    this.#store = store
    this.#output = output
    store.counters.connections++
    const { greeting, versions } = store.behaviour
    if (greeting === undefined) this.#out(encodeVersionLine(versions, 'libventi'))
    else if (greeting !== null) this.#out(greeting)
  }

  receive(chunk: Uint8Array): void {
    if (this.#over || this.#store.behaviour.greeting !== undefined) return
    let rest = chunk
    if (this.#greeting !== null) {
      const read = this.#greeting.push(chunk)
      if (read === undefined) return
      const version = acceptVersion(read.line, this.#store.behaviour.versions)
      if (version === null) {
        this.#finish('end')
        return
      }
      this.#version = version
      this.#greeting = null
      this.#frames = new FrameReader(version, 1024 * 1024)
      rest = read.rest
    }
    this.#frames!.push(rest)
    for (let body = this.#frames!.next(); body !== undefined; body = this.#frames!.next()) {
      if (!this.#over) this.#take(body)
    }
  }

  /** The client or the test ended the connection. */
  stop(): void {
    this.#over = true
    for (const timer of this.#timers) clearTimeout(timer)
  }

  #take(body: Uint8Array): void {
    const request = decodeRequest(body)
    if (!this.#greeted) {
      this.#greeted = request.kind === 'hello' && request.tag === 0 && request.version === this.#version
      if (this.#greeted) this.#out(this.#frame({ kind: 'hello', tag: 0, serverId: 'anonymous', crypto: 0, codec: 0 }))
      else this.#finish('end')
      return
    }
    if (request.kind === 'goodbye') {
      this.#finish('end')
      return
    }
    const { behaviour, counters, log } = this.#store
    if (this.#requests >= behaviour.endAfterRequests) return this.#finish('end')
    if (this.#requests >= behaviour.resetAfterRequests) return this.#finish('reset')
    if (this.#requests >= behaviour.hangAfterRequests) return
    this.#requests++
    counters.requests++
    log.push(request.kind === 'read' && request.count === 0 ? 'probe' : request.kind)
    const reply = this.#store.answer(request)
    if (reply === null) return
    const { fault } = behaviour
    const bytes = fault?.atRequest === this.#requests ? this.#spoilt(reply, fault.kind) : this.#frame(reply)
    this.#schedule(bytes)
  }

  #frame(reply: Reply): Uint8Array {
    return encodeFrame(this.#version, encodeReply(reply))
  }

  #spoilt(reply: Reply, kind: Fault): Uint8Array {
    const body = encodeReply(reply)
    switch (kind) {
      case 'wrong-score':
        body[body.length - 1]! ^= 1
        return encodeFrame(this.#version, body)
      case 'unknown-tag':
        body[1] = (reply.tag + 101) % 256
        return encodeFrame(this.#version, body)
      case 'wrong-type':
        body[0] = body[0] === 17 ? 15 : 17
        return encodeFrame(this.#version, body)
      case 'oversized-frame':
        return this.#version === '02' ? Uint8Array.of(0xff, 0xff, 17, reply.tag) : Uint8Array.of(1, 0, 0, 0, 17)
      case 'short-frame':
        return encodeFrame(this.#version, body.subarray(0, 1))
      case 'long-frame':
        return encodeFrame(this.#version, Uint8Array.of(...body, 0))
    }
  }

  #schedule(bytes: Uint8Array): void {
    const { behaviour, held } = this.#store
    if (behaviour.hold) {
      held.push(() => this.#out(bytes))
    } else if (behaviour.delayMs > 0) {
      const timer = setTimeout(() => {
        this.#timers.delete(timer)
        this.#out(bytes)
      }, behaviour.delayMs)
      this.#timers.add(timer)
    } else if (behaviour.shuffleSeed !== null) {
      this.#shuffled.push(bytes)
      if (this.#shuffled.length === 1) setImmediate(() => this.#sendShuffled(behaviour.shuffleSeed!))
    } else {
      this.#out(bytes)
    }
  }

  #sendShuffled(seed: number): void {
    let state = (seed + this.#requests) >>> 0
    const replies = this.#shuffled.splice(0)
    while (replies.length > 0) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      const [bytes] = replies.splice((state >>> 8) % replies.length, 1)
      this.#out(bytes!)
    }
  }

  #out(bytes: Uint8Array): void {
    if (this.#over) return
    if (!this.#store.behaviour.oneByteAtATime) this.#output.send(bytes)
    else for (let i = 0; i < bytes.length; i++) this.#output.send(bytes.subarray(i, i + 1))
  }

  #finish(how: 'end' | 'reset'): void {
    this.stop()
    if (how === 'end') this.#output.end()
    else this.#output.reset()
  }
}

/** A connection to `store` without a socket. */
export function connectInMemory(store: FakeStore): { readonly transport: Transport; readonly peer: MemoryPeer } {
  const peer = new MemoryPeer()
  const session = new FakeSession(store, {
    send: (bytes) => peer.send(bytes),
    end: () => peer.close(),
    reset: () => peer.close(),
  })
  peer.onBytes = (bytes) => session.receive(bytes)
  peer.onEnd = () => {
    session.stop()
    peer.close()
  }
  return { transport: peer.transport, peer }
}
