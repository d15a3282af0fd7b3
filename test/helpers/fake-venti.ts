// A venti server in memory on 127.0.0.1 for tests, built on the product's wire codecs. It can misbehave in every way of
// FakeBehaviour, lose its unsynced blocks as in a power cut, and come back on the same port. close() stops everything.

import net from 'node:net'
import { parseDial, type Dial } from '../../electron/engine/venti/client/dial.ts'
import { FakeStore, type FakeBehaviour } from './fake-store.ts'
import { FakeSession } from './fake-venti-session.ts'

export type { BlockKey, FakeBehaviour, Fault } from './fake-store.ts'

export async function startFakeVenti(behaviour: Partial<FakeBehaviour> = {}): Promise<FakeVenti> {
  const server = new FakeVenti(new FakeStore(behaviour))
  await server.restart()
  return server
}

export class FakeVenti {
  readonly store: FakeStore
  #port = 0
  #server: net.Server | null = null
  #sockets = new Set<net.Socket>()

  constructor(store: FakeStore) {
    this.store = store
  }

  get blocks(): FakeStore['blocks'] {
    return this.store.blocks
  }

  get durable(): FakeStore['durable'] {
    return this.store.durable
  }

  get counters(): FakeStore['counters'] {
    return this.store.counters
  }

  /** May be changed at any time; what a session has already done stays. */
  get behaviour(): FakeBehaviour {
    return this.store.behaviour
  }

  get port(): number {
    return this.#port
  }

  get dial(): Dial {
    return parseDial(`tcp!127.0.0.1!${this.#port}`)
  }

  get connections(): number {
    return this.#sockets.size
  }

  /** Listens: on a free port at first, on the same one after crash(). */
  async restart(): Promise<void> {
    const server = net.createServer((socket) => this.#serve(socket))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, '127.0.0.1', resolve)
    })
    this.#server = server
    this.#port = (server.address() as net.AddressInfo).port
  }

  /** Resets every connection and forgets what no sync covered; nothing listens until restart(). */
  async crash(): Promise<void> {
    await this.close()
    this.store.forgetUnsynced()
  }

  /** Resets every connection but goes on listening and remembering. */
  dropConnections(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  async close(): Promise<void> {
    const server = this.#server
    this.#server = null
    this.store.held.length = 0
    this.dropConnections()
    if (server !== null) await new Promise<void>((resolve) => server.close(() => resolve()))
  }

  #serve(socket: net.Socket): void {
    socket.setNoDelay(true)
    this.#sockets.add(socket)
    const session = new FakeSession(this.store, {
      send: (bytes) => void (socket.writable && socket.write(bytes)),
      end: () => socket.end(),
      reset: () => socket.resetAndDestroy(),
    })
    // A client that goes away in the middle is what these tests are about.
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => session.receive(chunk))
    socket.on('close', () => {
      session.stop()
      this.#sockets.delete(socket)
    })
  }
}
