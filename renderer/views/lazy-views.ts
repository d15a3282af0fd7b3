// The views that are not needed at once, each a file of its own: what the first picture waits for is Overview alone. They
// are all fetched as soon as the browser has nothing else to do, so that a page which outlives its host has the whole window.

import { lazy } from 'react'

const loads = {
  Activity: async () => ({ default: (await import('./activity/Activity.tsx')).Activity }),
  Settings: async () => ({ default: (await import('./settings/Settings.tsx')).Settings }),
  Setup: async () => ({ default: (await import('./setup/Setup.tsx')).Setup }),
  SetupSteps: async () => ({ default: (await import('./setup/SetupSteps.tsx')).SetupSteps }),
  Verify: async () => ({ default: (await import('./verify/Verify.tsx')).Verify }),
}

export const Activity = lazy(loads.Activity)
export const Settings = lazy(loads.Settings)
export const Setup = lazy(loads.Setup)
export const SetupSteps = lazy(loads.SetupSteps)
export const Verify = lazy(loads.Verify)

/** One after the other, each in its own time; what cannot be fetched now is fetched when it is wanted. */
export async function fetchViews(): Promise<void> {
  for (const load of Object.values(loads)) {
    await new Promise<void>((resolve) => void requestIdleCallback(() => resolve(), { timeout: 2_000 }))
    await load().catch(() => undefined)
  }
}
