// The way to the service, and the only file that knows which it is: Electron's bridge where there is one, else a WebSocket to
// the browser host.

import { bridgeName, type Bridge } from '../shared/bridge.ts'
import type { ServiceApi } from '../shared/contract.ts'
import type { DesktopApi } from '../shared/desktop.ts'
import { BridgeApi } from './bridge-api.ts'
import { SocketApi } from './socket-api.ts'

export type ApiOptions = {
  /** The host does not know this page: its link was used up. */
  readonly onRefused: () => void
}

export type Apis = {
  readonly service: ServiceApi
  /** Null: a page in a browser. */
  readonly desktop: DesktopApi | null
}

export function openApi(options: ApiOptions): Apis {
  const bridge = (globalThis as { readonly [bridgeName]?: Bridge })[bridgeName]
  if (bridge === undefined) return { service: new SocketApi(options), desktop: null }
  const service = new BridgeApi(bridge)
  return { service, desktop: service.desktop }
}
