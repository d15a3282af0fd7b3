// A long and slow line on this computer, for tests and measurements: so many bytes a second each way, each of them so much later. What is under way is bounded by
// what such a line holds; more is not read, as a full line does.

import net, { type AddressInfo, type Socket } from 'node:net'

export type LineSpeed = {
  readonly bytesPerSecond: number
  /** There and back. */
  readonly roundTripMs: number
}

const stepMs = 5

export class SlowLine {
  /** Towards the server, since the start. */
  bytesSent = 0
  /** From the server. */
  bytesReceived = 0
  readonly #server: net.Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: net.Server) {
    this.#server = server
  }

  static async to(port: number, speed: LineSpeed): Promise<SlowLine> {
    const server = net.createServer()
    const line = new SlowLine(server)
    server.on('connection', (near) => line.#join(near, net.connect({ port, host: '127.0.0.1', noDelay: true }), speed))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return line
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get dial(): string {
    return `tcp!127.0.0.1!${this.port}`
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #join(near: Socket, far: Socket, speed: LineSpeed): void {
    near.setNoDelay(true)
    for (const socket of [near, far]) {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    carry(near, far, speed, (bytes) => (this.bytesSent += bytes))
    carry(far, near, speed, (bytes) => (this.bytesReceived += bytes))
  }
}

/** One way. Bytes leave at the rate of the line, in steps short beside its delay. */
function carry(
  from: Socket,
  to: Socket,
  { bytesPerSecond, roundTripMs }: LineSpeed,
  count: (bytes: number) => void,
): void {
  from.pause()
  let allowance = 0
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    // Not more at once than a busy machine may owe.
    allowance = Math.min(allowance + ((now - last) * bytesPerSecond) / 1000, bytesPerSecond / 10)
    last = now
    const length = Math.min(Math.floor(allowance), from.readableLength)
    const bytes = length > 0 ? (from.read(length) as Buffer | null) : null
    if (bytes === null) {
      // Lets a stream that is drained ask its socket for more.
      if (from.readableLength === 0) from.read(0)
      return
    }
    allowance -= bytes.length
    count(bytes.length)
    setTimeout(() => {
      if (to.writable) to.write(bytes)
    }, roundTripMs / 2)
  }, stepMs)
  from.on('readable', () => undefined)
  from.on('close', () => clearInterval(timer))
}
