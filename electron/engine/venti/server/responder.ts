// The server's side of one connection: greeting, hello, then requests, answered in the order they came (as the real server
// does; clients match by tag all the same). Memory is bounded whatever the peer does: a request is taken from the socket
// only while few replies are owed, little output waits for the peer, and little waits for the disk (R9).

import type { Socket } from 'node:net'
import { FrameReader, encodeFrame } from '../wire/frame.ts'
import { encodeReply, messageCode, twriteHeadBytes } from '../wire/message.ts'
import { acceptVersion, encodeVersionLine, VersionLineReader, type ProtocolVersion } from '../wire/version.ts'
import { answer, errorAnswer, parseRequest, putWriteReply, writeReplyBytes, type Answer } from './answer.ts'
import type { ArenaStore } from './arena-store.ts'

const versions = ['04', '02'] as const
/** Enough for every legal request and to tell the sender of a larger lump so; what announces more is no venti client. */
const maxRequestBytes = 256 * 1024
/** Replies owed; reads among them hold at most a block each. */
const maxOwed = 32
const maxUnsentBytes = 256 * 1024
/** From TCP connect to Rhello. */
const defaultHelloTimeoutMs = 10_000
/** For a peer that takes no replies while we are closing. */
const closeTimeoutMs = 2000

export type ResponderOptions = {
  readonly helloTimeoutMs?: number | undefined
  readonly log: (line: string) => void
}

/** Room for the short replies of one turn, which leave as one piece. */
const gatheredBytes = 1024

/** A reply in the order of its request; null until it is known. */
type Owed = { reply: Answer | null }

export class Responder {
  /** Resolves when the connection is gone and all its requests were carried out. */
  readonly closed: Promise<void>
  readonly #socket: Socket
  readonly #store: ArenaStore
  readonly #log: (line: string) => void
  readonly #greeting = new VersionLineReader()
  #version: ProtocolVersion | null = null
  #frames: FrameReader | null = null
  #welcomed = false
  /** No further request is taken. */
  #ending = false
  #ended = false
  #socketGone = false
  #owed: Owed[] = []
  /** A write taken from the stream that waits for the disk. */
  #held: Uint8Array | null = null
  #waitsForRoom = false
  #corked = false
  #gathered: Buffer | null = null
  #gatheredLength = 0
  #taking = false
  #resolveClosed: () => void = () => undefined
  #timer: NodeJS.Timeout

  constructor(socket: Socket, store: ArenaStore, options: ResponderOptions) {
    this.#socket = socket
    this.#store = store
    this.#log = options.log
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve))
    this.#timer = setTimeout(() => this.#abort('no hello in time'), options.helloTimeoutMs ?? defaultHelloTimeoutMs)
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 60_000)
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('drain', () => this.#take())
    socket.on('end', () => this.#peerEnded())
    // A reset shows as error and then close; there is nobody left to tell.
    socket.on('error', () => undefined)
    socket.on('close', () => this.#onClose())
    socket.write(encodeVersionLine(versions))
  }

  /** Takes no more requests; what was taken is still answered. */
  finish(): void {
    this.#ending = true
    this.#endWhenDone()
  }

  #receive(chunk: Uint8Array): void {
    if (this.#ending) return
    try {
      let rest = chunk
      if (this.#frames === null) {
        const greeted = this.#greeting.push(chunk)
        if (greeted === undefined) return
        this.#version = acceptVersion(greeted.line, versions)
        if (this.#version === null) return this.#abort('no common version')
        this.#frames = new FrameReader(this.#version, maxRequestBytes)
        rest = greeted.rest
      }
      this.#frames.push(rest)
    } catch (error) {
      return this.#abort(error instanceof Error ? error.message : String(error))
    }
    this.#take()
  }

  /** The peer takes its replies too slowly, or has asked for enough at once. */
  get #owesEnough(): boolean {
    return !this.#socketGone && (this.#owed.length >= maxOwed || this.#socket.writableLength > maxUnsentBytes)
  }

  /** Takes requests from the chunk at hand until it is used up or something has to be waited for. */
  #take(): void {
    const frames = this.#frames
    if (this.#taking) return
    this.#taking = true
    try {
      while (!this.#ending && frames !== null) {
        if (this.#owesEnough) return void this.#socket.pause()
        const body = this.#held ?? frames.next()
        if (body === undefined) break
        this.#held = null
        // Only writes wait for the disk: whoever reads or greets is served meanwhile.
        if (body[0] === messageCode.twrite && this.#store.backlogged) return this.#waitForRoom(body)
        this.#handle(body)
      }
      if (!this.#ending && !this.#socketGone && this.#socket.isPaused()) this.#socket.resume()
    } catch (error) {
      // An announced length beyond all reason, or our own mistake: neither may end the process.
      this.#abort(error instanceof Error ? error.message : String(error))
    } finally {
      this.#taking = false
    }
    if (this.#socketGone) this.#resolveClosed()
    else this.#endWhenDone()
  }

  #waitForRoom(body: Uint8Array): void {
    this.#held = body
    this.#socket.pause()
    if (this.#waitsForRoom) return
    this.#waitsForRoom = true
    void this.#store.room().then(() => {
      this.#waitsForRoom = false
      this.#take()
    })
  }

  #handle(body: Uint8Array): void {
    const version = this.#version as ProtocolVersion
    if (this.#welcomed && body[0] === messageCode.twrite && body.length >= twriteHeadBytes) {
      return this.#write(version, body)
    }
    const request = parseRequest(body)
    if (!this.#welcomed) {
      if (request?.kind !== 'hello' || request.tag !== 0 || request.version !== version) {
        this.#abort('the first message is not the hello of its version')
        return
      }
      this.#welcomed = true
      clearTimeout(this.#timer)
      const serverId = `venti-mirror partition=${this.#store.partitionId} free=${this.#store.freeBytes}`
      this.#owe([encodeFrame(version, encodeReply({ kind: 'hello', tag: 0, serverId, crypto: 0, codec: 0 }))])
      return
    }
    if (request === null || request.kind === 'write') return
    if (request.kind === 'goodbye') this.#ending = true
    this.#owe(answer(this.#store, version, request, body))
  }

  /** type[1] tag[1] type[1] pad[3] data: read in place, because these come by the hundred thousand. */
  #write(version: ProtocolVersion, body: Uint8Array): void {
    const tag = body[1]!
    const answered = this.#store.write(body[2]!, body.subarray(twriteHeadBytes))
    if (typeof answered === 'string') return this.#owe(errorAnswer(version, tag, answered))
    const bytes = writeReplyBytes(version)
    if (this.#owed.length === 0) {
      if (!this.#socketGone) putWriteReply(...this.#gather(bytes), version, tag, answered)
      return
    }
    const reply = new Uint8Array(bytes)
    putWriteReply(reply, 0, version, tag, answered)
    this.#owe([reply])
  }

  #owe(reply: Answer | Promise<Answer>): void {
    if (!(reply instanceof Promise)) {
      if (this.#owed.length === 0) this.#send(reply)
      else if (!this.#socketGone) this.#owed.push({ reply })
      return
    }
    const owed: Owed = { reply: null }
    if (!this.#socketGone) this.#owed.push(owed)
    void reply.then(
      (known) => {
        owed.reply = known
        this.#sendKnown()
        this.#take()
      },
      (error: unknown) => this.#abort(error instanceof Error ? error.message : String(error)),
    )
  }

  #sendKnown(): void {
    while (this.#owed[0]?.reply) this.#send(this.#owed.shift()!.reply!)
    this.#endWhenDone()
  }

  #send(reply: Answer): void {
    if (this.#socketGone) return
    for (const piece of reply) {
      if (piece.length <= gatheredBytes / 4) {
        const [into, at] = this.#gather(piece.length)
        into.set(piece, at)
      } else {
        this.#cork()
        this.#release()
        this.#socket.write(piece)
      }
    }
  }

  /** Where to put so many bytes that leave with those of this turn. */
  #gather(bytes: number): [Buffer, number] {
    this.#cork()
    if (this.#gatheredLength + bytes > gatheredBytes) this.#release()
    this.#gathered ??= Buffer.allocUnsafe(gatheredBytes)
    const at = this.#gatheredLength
    this.#gatheredLength += bytes
    return [this.#gathered, at]
  }

  #release(): void {
    if (this.#gathered !== null && !this.#socketGone)
      this.#socket.write(this.#gathered.subarray(0, this.#gatheredLength))
    this.#gathered = null
    this.#gatheredLength = 0
  }

  /** Replies of one turn leave in one system call. */
  #cork(): void {
    if (this.#corked) return
    this.#corked = true
    this.#socket.cork()
    process.nextTick(() => {
      this.#corked = false
      this.#release()
      this.#socket.uncork()
    })
  }

  #peerEnded(): void {
    // No request follows; those received are answered before our side ends.
    this.#ending = true
    this.#endWhenDone()
  }

  #endWhenDone(): void {
    if (!this.#ending || this.#owed.length > 0 || this.#socketGone || this.#ended) return
    this.#ended = true
    this.#release()
    this.#socket.end()
    // Whatever the peer still sends is read and dropped: closing on unread bytes would reset the connection, and a reset
    // can overtake the last replies.
    this.#socket.resume()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#socket.destroy(), closeTimeoutMs)
  }

  #abort(reason: string): void {
    this.#ending = true
    if (this.#socketGone) return
    this.#log(`connection from ${this.#socket.remoteAddress ?? 'a socket'} closed: ${reason}`)
    this.#socket.destroy()
  }

  #onClose(): void {
    clearTimeout(this.#timer)
    this.#socketGone = true
    this.#owed = []
    // Requests that had arrived are still carried out, as the real server does; their replies go nowhere.
    this.#take()
  }
}
