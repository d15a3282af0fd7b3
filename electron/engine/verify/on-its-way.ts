// Which missing blocks are worth waiting for. Pure.

import type { MissingReason } from '../../../shared/model/verify.ts'

/** It may still come by itself. `serverNamed`: the source's own server was named, to be asked for what its arenas lack. */
export function isOnItsWay(reason: MissingReason, serverNamed: boolean): boolean {
  if (reason === 'not-sent-yet' || reason === 'not-on-disk-yet') return true
  // Nobody can tell: the source was not named, or its server was not.
  return reason === 'unknown' || (reason === 'nowhere' && !serverNamed)
}
