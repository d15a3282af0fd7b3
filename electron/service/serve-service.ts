// The far end of service-client.ts, whatever carries the messages: a worker's port or that of a process of Electron.

import type { ServiceOptions } from './context.ts'
import type { FromWorker, ToWorker } from './port-messages.ts'
import { createService } from './service.ts'

/** Starts the service. Returns what takes the messages to it; `closed` is called when everything is at its checkpoint. */
export function serveService(
  options: ServiceOptions,
  send: (message: FromWorker) => void,
  closed: () => void,
): (message: ToWorker) => void {
  const service = createService(options)
  service.onEvent((told) => send({ told }))
  return (message) => {
    if ('close' in message) void service.close().then(closed)
    else void service.ask(message.channel, message.asked).then((result) => send({ id: message.id, result }))
  }
}
