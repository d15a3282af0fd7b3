// A mirror by the name that the window gives it. Looked up among the files that are there, so that a name is never a path.

import { AppError } from '../../shared/errors.ts'
import type { MirrorState } from '../../shared/model/mirror.ts'
import { listMirrors } from '../engine/state/mirror-file.ts'

/** Rejects with state-missing. */
export async function knownMirror(stateDir: string, name: string): Promise<MirrorState> {
  const { mirrors } = await listMirrors(stateDir)
  const mirror = mirrors.find((one) => one.name === name)
  if (mirror !== undefined) return mirror
  throw new AppError('state-missing', 'there is no mirror of this name in the data folder any more', {
    data: { safe: 'Nothing was read or sent.', next: 'Choose a mirror from the list, or set it up again.' },
  })
}
