// What goes between the service's worker and its client, besides events: requests with a number, and their results.

import type { EventMessage, Result } from '../../shared/contract.ts'

export type ToWorker =
  { readonly id: number; readonly channel: string; readonly asked: unknown } | { readonly close: true }
export type FromWorker = { readonly id: number; readonly result: Result<unknown> } | { readonly told: EventMessage }
