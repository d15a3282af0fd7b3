// A venti that keeps nothing, as plan9port's devnull (which its build leaves out): every write is answered with its score,
// every read with "no block". What is copied to it costs what reading costs, and one more round trip.

import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { sha1 } from '../../electron/engine/hash/sha1.ts'
import { apiTypeOf } from '../../electron/engine/venti/format/block-type.ts'
import { parseRequest } from '../../electron/engine/venti/server/answer.ts'
import { encodeFrame, FrameReader } from '../../electron/engine/venti/wire/frame.ts'
import { encodeReply, type NotARequest, type Reply, type Request } from '../../electron/engine/venti/wire/message.ts'
import {
  acceptVersion,
  encodeVersionLine,
  VersionLineReader,
  type ProtocolVersion,
} from '../../electron/engine/venti/wire/version.ts'

const versions = ['04', '02'] as const
const maxRequestBytes = 256 * 1024

export class NullVenti {
  /** Writes answered since the start. */
  writes = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor() {
    this.#server = createServer((socket) => this.#serve(socket))
  }

  static async listen(): Promise<NullVenti> {
    const venti = new NullVenti()
    await new Promise<void>((resolve, reject) => {
      venti.#server.once('error', reject)
      venti.#server.listen(0, '127.0.0.1', resolve)
    })
    return venti
  }

  get dial(): string {
    return `tcp!127.0.0.1!${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => undefined)
    socket.on('close', () => this.#sockets.delete(socket))
    const greeting = new VersionLineReader()
    let frames: FrameReader | null = null
    let version: ProtocolVersion | null = null
    socket.on('data', (chunk) => {
      try {
        let rest: Uint8Array = chunk
        if (frames === null) {
          const greeted = greeting.push(chunk)
          if (greeted === undefined) return
          version = acceptVersion(greeted.line, versions)
          if (version === null) return void socket.destroy()
          frames = new FrameReader(version, maxRequestBytes)
          rest = greeted.rest
        }
        frames.push(rest)
        // What came together is answered together: what is measured is whoever sends, so this must cost next to nothing.
        socket.cork()
        for (let body = frames.next(); body !== undefined; body = frames.next()) {
          const request = parseRequest(body)
          if (request?.kind === 'goodbye') return void socket.end()
          if (request !== null) socket.write(encodeFrame(version!, encodeReply(this.#answer(request))))
        }
        socket.uncork()
      } catch {
        // No venti client; whoever it is has gone wrong, and the measurement ends with its status.
        socket.destroy()
      }
    })
    socket.write(encodeVersionLine(versions))
  }

  #answer(request: Request | NotARequest): Reply {
    const { tag } = request
    switch (request.kind) {
      case 'write':
        this.writes++
        return { kind: 'write', tag, score: sha1(request.data) }
      case 'read': {
        const { score, blockType } = request
        return { kind: 'error', tag, text: `no block with score ${score}/${apiTypeOf(blockType)} exists` }
      }
      case 'hello':
        return { kind: 'hello', tag, serverId: 'nowhere', crypto: 0, codec: 0 }
      case 'sync':
      case 'ping':
        return { kind: request.kind, tag }
      case 'goodbye':
      case 'unknown':
        return { kind: 'error', tag, text: 'unknown request' }
    }
  }
}
