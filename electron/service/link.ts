// The service as its faces see it, wherever it runs: in a worker as a rule, in the same thread in tests.

import type { EventMessage, Result } from '../../shared/contract.ts'

export interface ServiceLink {
  /** Checks channel and payload. Never rejects: whatever goes wrong is a problem in the result. */
  ask(channel: string, asked: unknown): Promise<Result<unknown>>
  /** Returns what ends it. */
  onEvent(told: (message: EventMessage) => void): () => void
  /** Stops what is running at its next checkpoint, and ends. */
  close(): Promise<void>
}
