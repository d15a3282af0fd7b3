// The contract over the bridge that Electron's preload puts into the page, and with it what the desktop around the window can
// do. The main process lives as long as the window does, so this connection always stands and always has control.

import type { Bridge } from '../shared/bridge.ts'
import type { Answer, Asked, Channel, EventName, Events, ServiceApi } from '../shared/contract.ts'
import type {
  DesktopAnswer,
  DesktopApi,
  DesktopAsked,
  DesktopChannel,
  DesktopEventName,
  DesktopEvents,
} from '../shared/desktop.ts'
import { ServiceError } from './service-error.ts'

type AnyEvent = EventName | DesktopEventName

class Wire {
  readonly #bridge: Bridge
  readonly #listeners = new Map<AnyEvent, Set<(value: never) => void>>()

  constructor(bridge: Bridge) {
    this.#bridge = bridge
    bridge.onEvent(({ event, value }) => {
      for (const told of this.#listeners.get(event) ?? []) told(value as never)
    })
  }

  async ask(channel: string, asked: unknown): Promise<unknown> {
    const result = await this.#bridge.ask(channel, asked)
    if (result.ok) return result.value
    throw new ServiceError(result.problem)
  }

  on(event: AnyEvent, told: (value: never) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners)
    listeners.add(told)
    return () => void listeners.delete(told)
  }
}

export class BridgeApi implements ServiceApi {
  readonly desktop: DesktopApi
  readonly #wire: Wire

  constructor(bridge: Bridge) {
    const wire = new Wire(bridge)
    this.#wire = wire
    this.desktop = {
      ask: async <C extends DesktopChannel>(channel: C, asked: DesktopAsked<C>) =>
        (await wire.ask(channel, asked)) as DesktopAnswer<C>,
      on: <E extends DesktopEventName>(event: E, told: (value: DesktopEvents[E]) => void) => wire.on(event, told),
    }
  }

  async ask<C extends Channel>(channel: C, asked: Asked<C>): Promise<Answer<C>> {
    return (await this.#wire.ask(channel, asked)) as Answer<C>
  }

  on<E extends EventName>(event: E, told: (value: Events[E]) => void): () => void {
    return this.#wire.on(event, told)
  }

  onLink(told: (link: { readonly connected: boolean; readonly control: boolean }) => void): () => void {
    told({ connected: true, control: true })
    return () => undefined
  }

  takeControl(): void {
    // It has it.
  }
}
