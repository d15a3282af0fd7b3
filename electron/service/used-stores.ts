// Stores that no mirror and no draft uses any more are not served any longer; their files stay.

import { listMirrors } from '../engine/state/mirror-file.ts'
import type { Core } from './core.ts'

export async function keepUsedStores({ stateDir, stores }: Core, draftDials: readonly string[]): Promise<void> {
  const { mirrors, unreadable, broken } = await listMirrors(stateDir)
  // A mirror that cannot be read may use any of them.
  if (unreadable.length > 0 || broken.length > 0) return
  const used = mirrors.flatMap(({ targets }) => targets.map(({ dial }) => dial))
  await stores.keepOnly(new Set([...used, ...draftDials]))
}
