// The way to the service, and the only file that knows which it is: a WebSocket to the browser host.

import type { ServiceApi } from '../shared/contract.ts'
import { SocketApi } from './socket-api.ts'

export type ApiOptions = {
  /** The host does not know this page: its link was used up. */
  readonly onRefused: () => void
}

export function openApi(options: ApiOptions): ServiceApi {
  return new SocketApi(options)
}
