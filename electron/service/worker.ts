// The service in a worker thread, so that reading, hashing and sending never keep the host's own loop from answering; and, in
// threads of the same program started by it, what keeps a processor busy: syncs and embedded servers. The service is started
// by worker-client.ts with its options; it ends when it was told to close and everything is at its checkpoint.

import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { assert } from '../../shared/assert.ts'
import type { ServiceOptions } from './context.ts'
import { serveService } from './serve-service.ts'
import { storeThread, type StoreAsked } from './store-runner.ts'
import { syncThread, type SyncThreadData } from './sync-runner.ts'

type Started =
  | ({ readonly role: 'service' } & ServiceOptions)
  | ({ readonly role: 'sync' } & SyncThreadData)
  | { readonly role: 'store'; readonly asked: StoreAsked }

function serviceThread(port: MessagePort, options: ServiceOptions): void {
  const hear = serveService(
    { ...options, threadPath: fileURLToPath(import.meta.url) },
    (message) => port.postMessage(message),
    () => port.close(),
  )
  port.on('message', hear)
}

/** Above 0: others first. Enough for the threads that answer to be woken at once, little for the speed of a copy. */
const busyPriority = 10

/** Of this thread alone, which Linux has; elsewhere it would be the whole program's. */
function stepBack(): void {
  if (process.platform !== 'linux') return
  try {
    setPriority(busyPriority)
  } catch {
    // It then takes its turn like any other.
  }
}

const port = parentPort
assert(port !== null, 'this program is the worker of another one')
const started = workerData as Started
switch (started.role) {
  case 'service':
    serviceThread(port, started)
    break
  case 'sync':
    stepBack()
    syncThread(port, started)
    break
  case 'store':
    stepBack()
    storeThread(port, started.asked)
}
