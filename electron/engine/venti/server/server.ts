// The embedded venti server: one store, one listening socket, any number of connections. Loopback unless the caller names
// another address: the protocol has no authentication, and whoever reaches the port can read and fill the store.

import { createServer, type AddressInfo, type ListenOptions, type Server } from 'node:net'
import { AppError } from '../../../../shared/errors.ts'
import { openStore, type ArenaStore, type OpenStoreOptions, type StoreStats } from './arena-store.ts'
import { Responder } from './responder.ts'

/** Each may hold two megabytes if its peer wants it to (R9). */
const maxConnections = 128

/** The two kinds of parseListenDial's result; host `*` is every interface, port 0 any free one. */
export type ListenAddress =
  { readonly host?: string; readonly port: number } | { readonly kind: 'unix'; readonly path: string }

export type ServerOptions = OpenStoreOptions & {
  readonly path: string
  readonly listen: ListenAddress
  readonly helloTimeoutMs?: number
}

export type RunningServer = {
  /** As a dial string. */
  readonly dial: string
  readonly address: string
  readonly port: number
  stats(): StoreStats & { readonly connections: number }
  /** Answers what is in flight, flushes, gives file and address free. Rejects when blocks could not be flushed. */
  close(): Promise<void>
}

function listenOptions(listen: ListenAddress): ListenOptions {
  if ('path' in listen) return { path: listen.path }
  const host = listen.host ?? '127.0.0.1'
  return host === '*' ? { port: listen.port } : { host, port: listen.port }
}

function describe(listen: ListenAddress): string {
  return 'path' in listen ? `unix!${listen.path}` : `tcp!${listen.host ?? '127.0.0.1'}!${listen.port}`
}

function listenError(listen: ListenAddress, error: NodeJS.ErrnoException): AppError {
  const help: Readonly<Record<string, string>> = {
    EADDRINUSE: 'another program listens there',
    EACCES: 'this user may not use that port',
    EADDRNOTAVAIL: 'this computer does not have that address',
    ENOTFOUND: 'there is no such host',
  }
  const code = error.code ?? 'unknown error'
  return new AppError('listen-failed', `cannot listen on ${describe(listen)}: ${help[code] ?? code}`, {
    data: { address: describe(listen), code },
    cause: error,
  })
}

function listening(server: Server, listen: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(listen, error)))
    server.listen(listenOptions(listen), resolve)
  })
}

/** Rejects as openStore does, or with `listen-failed`; then the store is closed again. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { path, listen, helloTimeoutMs, log = () => undefined } = options
  const store = await openStore(path, options)
  const responders = new Set<Responder>()
  // Half-open, so that a client that has sent everything still gets its replies.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const responder = new Responder(socket, store, { log, helloTimeoutMs })
    responders.add(responder)
    void responder.closed.then(() => responders.delete(responder))
  })
  server.maxConnections = maxConnections
  try {
    await listening(server, listen)
  } catch (error) {
    await store.close()
    throw error
  }
  server.on('error', (error) => log(`listening on ${describe(listen)}: ${error.message}`))
  const bound = server.address()
  const { address, port } = typeof bound === 'object' && bound !== null ? bound : unixAddress(listen)
  return {
    address,
    port,
    dial: 'path' in listen ? describe(listen) : `tcp!${address}!${port}`,
    stats: () => ({ ...store.stats(), connections: responders.size }),
    close: once(() => closeServer(server, responders, store)),
  }
}

function unixAddress(listen: ListenAddress): Pick<AddressInfo, 'address' | 'port'> {
  return { address: 'path' in listen ? listen.path : '', port: 0 }
}

async function closeServer(server: Server, responders: ReadonlySet<Responder>, store: ArenaStore): Promise<void> {
  const noneLeft = new Promise<void>((resolve) => server.close(() => resolve()))
  for (const responder of responders) responder.finish()
  await noneLeft
  await Promise.all([...responders].map(({ closed }) => closed))
  await store.close()
}

function once(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | null = null
  return () => (closing ??= close())
}
