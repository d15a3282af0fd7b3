// What the handlers of the service's own groups share besides the context of all.

import type { Settings } from '../../shared/model/window.ts'
import type { Machines } from '../engine/ssh/machines.ts'
import type { ServiceContext } from './context.ts'
import type { MirrorViews } from './mirror-views.ts'
import type { SampleDays } from './sample-days.ts'
import type { Stores } from './stores.ts'
import type { MachineSession } from './thread-machines.ts'

export type Core = ServiceContext & {
  readonly settings: () => Settings
  readonly views: MirrorViews
  readonly stores: Stores
  readonly sampleDays: SampleDays
  /** How this thread reaches other machines. */
  readonly machines: Machines
  readonly machineSession: MachineSession
  /** Mirrors or jobs came or went: pages ask for app.view. */
  readonly tellApp: () => void
}
