// What the groups of handlers share.

import type { Publisher } from './publish.ts'
import type { JobBook } from './jobs.ts'
import type { PlaceBook } from './places.ts'
import type { RootBook } from './roots.ts'
import type { Environment } from '../engine/venti/client/dial.ts'

/** Given by whoever starts the service; plain data, because it crosses to a worker. */
export type ServiceOptions = {
  /** Absolute. */
  readonly stateDir: string
  readonly home: string
  readonly environment: Environment
  readonly version: string
  /** Folder with the compressed sample partition (dist/sample). */
  readonly sampleDir: string
  /** worker.js: syncs and stores run in threads of their own. Absent: in the service's. */
  readonly threadPath?: string
  /** The service before this one died in the same process: what it had locked is nobody's. */
  readonly isRestart?: boolean
}

export type ServiceContext = ServiceOptions & {
  readonly now: () => Date
  readonly places: PlaceBook
  readonly roots: RootBook
  readonly jobs: JobBook
  readonly publisher: Publisher
  /** Makes the mirror's view anew from what is on disk, and tells it. Never rejects. */
  readonly mirrorChanged: (name: string) => Promise<void>
}
