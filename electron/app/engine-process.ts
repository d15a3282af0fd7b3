// Starts the service in Electron's utility process, and speaks with it as service-client.ts wants it.

import { utilityProcess } from 'electron'
import type { ServiceOptions } from '../service/context.ts'
import type { FromWorker, ToWorker } from '../service/port-messages.ts'
import type { StartProcess } from '../service/service-client.ts'

export type ToEngine = ToWorker | { readonly start: ServiceOptions }

export type EngineOptions = {
  /** engine.js */
  readonly path: string
  readonly service: Omit<ServiceOptions, 'isRestart' | 'threadPath'>
  /** What it says on its streams, and how it ended: for the log. */
  readonly say: (line: string) => void
}

export function engineStarter({ path, service, say }: EngineOptions): StartProcess {
  return ({ onMessage, onGone }, isRestart) => {
    const child = utilityProcess.fork(path, [], { serviceName: 'Venti Mirror engine', stdio: 'pipe' })
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => say(text.trimEnd()))
    }
    child.on('message', (message: FromWorker) => onMessage(message))
    child.on('error', (type, location) => say(`the engine had a ${type} at ${location}`))
    child.on('exit', (code) => {
      say(`the engine ended with ${code}`)
      onGone()
    })
    const start: ToEngine = { start: { ...service, isRestart } }
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a process of our own, not a window
    child.postMessage(start)
    return {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a process of our own, not a window
      send: (message) => child.postMessage(message),
      kill: () => void child.kill(),
    }
  }
}
