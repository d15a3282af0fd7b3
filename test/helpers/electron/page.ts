// The page's half of the double: the sandboxed preload, run without Node, and the context bridge between it and the page,
// which copies everything that goes through and lets functions through as functions of its own.

import { EventEmitter } from 'node:events'
import { createContext, runInContext } from 'node:vm'

const deepest = 1000

/** What a sandboxed preload can require: Electron's few renderer modules, and three polyfills. */
const modules = new Set(['electron', 'events', 'timers', 'url', 'node:events', 'node:timers', 'node:url'])

function refuse(what: string): never {
  throw new Error(what)
}

/** A value on the other side of the bridge. Classes lose their methods, accessors and symbols do not come over. */
export function bridged(value: unknown, depth = 0): unknown {
  if (depth > deepest)
    refuse('Electron contextBridge recursion depth exceeded.  Nested objects deeper than 1000 are not supported.')
  if (typeof value === 'function') {
    return (...args: unknown[]) => {
      const result = (value as (...given: unknown[]) => unknown)(...args.map((arg) => bridged(arg, depth + 1)))
      return bridged(result, depth + 1)
    }
  }
  if (typeof value === 'symbol') refuse('An object could not be cloned.')
  if (value instanceof Promise) {
    return value.then(
      (result: unknown) => bridged(result, depth + 1),
      (error: unknown) => {
        throw new Error(error instanceof Error ? error.message : String(error))
      },
    )
  }
  if (Array.isArray(value)) return value.map((one) => bridged(one, depth + 1))
  if (typeof value === 'object' && value !== null) {
    const proto: unknown = Object.getPrototypeOf(value)
    const isPlain = proto === null || (proto as { constructor?: { name: string } }).constructor?.name === 'Object'
    if (!isPlain && !hasMethods(value)) return structuredClone(value)
    return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, one]) => [key, bridged(one, depth + 1)])))
  }
  return value
}

const hasMethods = (value: object): boolean => Object.values(value).some((one) => typeof one === 'function')

export type SendToMain = (channel: string, args: readonly unknown[]) => Promise<unknown>

/** One loaded page. `world` is what scripts of the page find in `window`. */
export class Page {
  readonly world: Record<string, unknown> = {}
  readonly #ipc = new EventEmitter()

  /** Throws what the preload throws. */
  constructor(preload: string | null, send: SendToMain) {
    if (preload !== null) this.#run(preload, send)
  }

  /** From the main process. */
  deliver(channel: string, args: readonly unknown[]): void {
    this.#ipc.emit(channel, { sender: {}, ports: [] }, ...(structuredClone(args) as unknown[]))
  }

  #run(code: string, send: SendToMain): void {
    const ipcRenderer = {
      invoke: async (channel: string, ...args: unknown[]) => {
        // As Electron does: what cannot be cloned never leaves.
        const copy = structuredClone(args)
        try {
          return structuredClone(await send(channel, copy))
        } catch (error) {
          throw new Error(`Error invoking remote method '${channel}': ${String(error)}`, { cause: error })
        }
      },
      on: (channel: string, listener: (...args: unknown[]) => void) => this.#ipc.on(channel, listener),
      off: (channel: string, listener: (...args: unknown[]) => void) => this.#ipc.off(channel, listener),
    }
    const contextBridge = {
      exposeInMainWorld: (key: string, api: unknown) => {
        if (Object.hasOwn(this.world, key))
          refuse(`Cannot bind an API on top of an existing property on the window object`)
        Object.defineProperty(this.world, key, { value: bridged(api), enumerable: true })
      },
    }
    const require = (name: string): unknown => {
      if (!modules.has(name)) refuse(`module not found: ${name}`)
      return name === 'electron' ? { contextBridge, ipcRenderer } : {}
    }
    const module = { exports: {} }
    const context = createContext({
      require,
      module,
      exports: module.exports,
      structuredClone,
      setTimeout,
      clearTimeout,
    })
    runInContext(code, context, { filename: 'preload.cjs' })
  }
}
