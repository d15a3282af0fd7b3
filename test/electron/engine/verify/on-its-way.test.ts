// Which reasons for a missing block are worth waiting for.

import { expect, test } from 'vitest'
import { isOnItsWay } from '../../../../electron/engine/verify/on-its-way.ts'
import type { MissingReason } from '../../../../shared/model/verify.ts'

test.each<[MissingReason, boolean, boolean]>([
  ['not-sent-yet', true, true],
  ['not-on-disk-yet', true, true],
  ['unknown', true, true],
  ['nowhere', false, true],
  ['damaged-in-source', false, false],
  ['lost-on-target', false, false],
  ['damaged-on-target', false, false],
])('%s: %s with the server of the source named, %s without', (reason, named, unnamed) => {
  expect([isOnItsWay(reason, true), isOnItsWay(reason, false)]).toEqual([named, unnamed])
})
