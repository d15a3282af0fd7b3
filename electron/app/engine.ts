// The service in a process of its own (Electron's utility process): nothing that reading, hashing or sending does can hold up
// or take down the window. Started by engine-process.ts, whose first message holds the options; ends when it was told to
// close and everything is at its checkpoint. Syncs and stores are threads of this process, from worker.js.

import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serveService } from '../service/serve-service.ts'
import type { ToWorker } from '../service/port-messages.ts'
import type { ToEngine } from './engine-process.ts'

const threadPath = join(dirname(fileURLToPath(import.meta.url)), 'worker.js')
const port = process.parentPort

let hear: ((message: ToWorker) => void) | null = null
port.on('message', ({ data }: { readonly data: unknown }) => {
  const message = data as ToEngine
  if ('start' in message) {
    hear = serveService(
      { ...message.start, threadPath },
      (told) => port.postMessage(told),
      () => process.exit(0),
    )
  } else hear?.(message)
})
