// A long line on this computer that carries any amount: every byte arrives so much later, none is held back otherwise. For
// slow lines there is slow-line.ts.

import net, { type AddressInfo, type Socket } from 'node:net'

/** More is not read until some of it has arrived. */
const mostUnderWay = 64 * 1024 * 1024

export class DelayLine {
  readonly #server: net.Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: net.Server) {
    this.#server = server
  }

  /** Half of `roundTripMs` each way. */
  static async to(port: number, roundTripMs: number): Promise<DelayLine> {
    const server = net.createServer({ noDelay: true })
    const line = new DelayLine(server)
    server.on('connection', (near) => {
      const far = net.connect({ port, host: '127.0.0.1', noDelay: true })
      for (const socket of [near, far]) {
        line.#sockets.add(socket)
        socket.on('error', () => undefined)
        socket.on('close', () => line.#sockets.delete(socket))
      }
      carry(near, far, roundTripMs / 2)
      carry(far, near, roundTripMs / 2)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return line
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

function carry(from: Socket, to: Socket, delayMs: number): void {
  const underWay: { readonly bytes: Buffer; readonly due: number }[] = []
  let held = 0
  let timer: NodeJS.Timeout | null = null
  const arrive = (): void => {
    const now = performance.now()
    for (let first = underWay[0]; first !== undefined && first.due <= now + 0.5; first = underWay[0]) {
      underWay.shift()
      held -= first.bytes.length
      if (to.writable) to.write(first.bytes)
    }
    if (held < mostUnderWay) from.resume()
    const [next] = underWay
    timer = next === undefined ? null : setTimeout(arrive, Math.max(1, next.due - now))
  }
  from.on('data', (bytes) => {
    underWay.push({ bytes, due: performance.now() + delayMs })
    held += bytes.length
    if (held >= mostUnderWay) from.pause()
    timer ??= setTimeout(arrive, delayMs)
  })
  from.on('close', () => setTimeout(() => to.destroy(), delayMs))
}
