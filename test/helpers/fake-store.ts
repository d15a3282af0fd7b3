// What a fake venti knows, what it answers (venti-protocol.md §3) and how it is told to misbehave. No sockets and no
// frames here: fake-venti-session.ts speaks the protocol, fake-venti.ts listens.

import { maxLumpBytes } from '../../electron/engine/venti/format/constants.ts'
import { apiTypeOf } from '../../electron/engine/venti/format/block-type.ts'
import { sha1 } from '../../electron/engine/hash/sha1.ts'
import type { NotARequest, Reply, Request } from '../../electron/engine/venti/wire/message.ts'
import type { ProtocolVersion } from '../../electron/engine/venti/wire/version.ts'
import { zeroScore, type Score } from '../../shared/model/score.ts'

export type BlockKey = `${string}/${number}`

export type Fault = 'wrong-score' | 'unknown-tag' | 'wrong-type' | 'oversized-frame' | 'short-frame' | 'long-frame'

export interface FakeBehaviour {
  versions: readonly ProtocolVersion[]
  /** What is sent instead of the version line; null: nothing at all. */
  greeting: Uint8Array | null | undefined
  /** Requests after the hello that are answered before the server falls silent (it goes on reading). */
  hangAfterRequests: number
  /** Requests after the hello that are answered before the connection ends, or is reset. */
  endAfterRequests: number
  resetAfterRequests: number
  /** New blocks accepted before "no space left in arenas". */
  refuseAfterNewBlocks: number
  readOnly: boolean
  /** How the reply to the request of that number (from 1) is spoilt. */
  fault: { readonly atRequest: number; readonly kind: Fault } | null
  oneByteAtATime: boolean
  /** Answers of one turn of the event loop leave in an order that follows from this seed. */
  shuffleSeed: number | null
  delayMs: number
  /** Replies are kept until FakeStore.release(). */
  hold: boolean
  /** `empty` and `data` are servers that answer a read of 0 bytes with a reply instead of an error. */
  probes: 'index' | 'cache' | 'devnull' | 'empty' | 'data'
  answersPing: boolean
}

export const realBehaviour: FakeBehaviour = {
  versions: ['04', '02'],
  greeting: undefined,
  hangAfterRequests: Infinity,
  endAfterRequests: Infinity,
  resetAfterRequests: Infinity,
  refuseAfterNewBlocks: Infinity,
  readOnly: false,
  fault: null,
  oneByteAtATime: false,
  shuffleSeed: null,
  delayMs: 0,
  hold: false,
  probes: 'index',
  answersPing: false,
}

export class FakeStore {
  readonly blocks = new Map<BlockKey, Uint8Array>()
  /** Keys present at the last sync. */
  durable = new Set<BlockKey>()
  /** Keys whose clump cannot be read: reads and only reads fail. */
  readonly damaged = new Set<BlockKey>()
  /** `bytes` is block data received by writes; `requests` counts everything after the hello. */
  readonly counters = { connections: 0, requests: 0, writes: 0, newBlocks: 0, probes: 0, reads: 0, syncs: 0, bytes: 0 }
  /** Requests in the order of their arrival: "write", "probe", "read", "sync", "ping". */
  readonly log: string[] = []
  behaviour: FakeBehaviour
  readonly held: (() => void)[] = []

  constructor(behaviour: Partial<FakeBehaviour> = {}) {
    this.behaviour = { ...realBehaviour, ...behaviour }
  }

  put(data: Uint8Array, type = 13): Score {
    const score = sha1(data)
    this.blocks.set(`${score}/${type}`, data)
    return score
  }

  has(score: Score, type = 13): boolean {
    return this.blocks.has(`${score}/${type}`)
  }

  /** Lets held replies go, oldest first. */
  release(count = Infinity): void {
    for (const send of this.held.splice(0, count)) send()
  }

  /** As after a power cut: what no sync covered is gone. */
  forgetUnsynced(): void {
    for (const key of this.blocks.keys()) {
      if (!this.durable.has(key)) this.blocks.delete(key)
    }
  }

  answer(request: Request | NotARequest): Reply | null {
    const { tag } = request
    const refuse = (text: string): Reply => ({ kind: 'error', tag, text })
    switch (request.kind) {
      case 'write':
        return this.#write(request.blockType, request.data, tag)
      case 'read':
        return this.#read(request.score, request.blockType, request.count, tag)
      case 'sync':
        this.counters.syncs++
        this.durable = new Set(this.blocks.keys())
        return { kind: 'sync', tag }
      case 'ping':
        return this.behaviour.answersPing ? { kind: 'ping', tag } : refuse('unknown request')
      case 'hello':
        return refuse('unknown request')
      case 'goodbye':
        return null
      case 'unknown':
        return [1, 3, 5, 13, 15, 17].includes(request.code) ? refuse('unknown request') : null
    }
  }

  #write(type: number, data: Uint8Array, tag: number): Reply {
    this.counters.writes++
    this.counters.bytes += data.length
    if (data.length === 0) return { kind: 'write', tag, score: zeroScore }
    if (data.length > maxLumpBytes) return { kind: 'error', tag, text: 'lump too large' }
    if (this.behaviour.readOnly) return { kind: 'error', tag, text: 'read only' }
    const score = sha1(data)
    const key: BlockKey = `${score}/${type}`
    if (!this.blocks.has(key)) {
      if (this.counters.newBlocks >= this.behaviour.refuseAfterNewBlocks) {
        return { kind: 'error', tag, text: 'no space left in arenas' }
      }
      this.counters.newBlocks++
      this.blocks.set(key, new Uint8Array(data))
    }
    return { kind: 'write', tag, score }
  }

  #read(score: Score, type: number, count: number, tag: number): Reply {
    if (count === 0) this.counters.probes++
    else this.counters.reads++
    const key: BlockKey = `${score}/${type}`
    const data = this.blocks.get(key)
    const { probes } = this.behaviour
    if (data === undefined) {
      const missing = probes === 'devnull' ? 'no such block' : `no block with score ${score}/${apiTypeOf(type)} exists`
      return { kind: 'error', tag, text: missing }
    }
    if (count < data.length) {
      if (count === 0 && probes === 'empty') return { kind: 'read', tag, data: new Uint8Array(0) }
      if (count === 0 && probes === 'data') return { kind: 'read', tag, data }
      const where = probes === 'cache' ? '' : ' 1'
      return { kind: 'error', tag, text: `read too small${where}: asked for ${count} need at least ${data.length}` }
    }
    if (this.damaged.has(key)) return { kind: 'error', tag, text: 'clump is marked corrupt' }
    return { kind: 'read', tag, data }
  }
}
