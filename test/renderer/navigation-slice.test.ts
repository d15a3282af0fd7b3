// Who leads to a view says what is meant there: the target of Verify, the kinds of Activity.

import { expect, test } from 'vitest'
import type { ServiceApi } from '../../shared/contract.ts'
import type { RootId } from '../../shared/model/window.ts'
import { createAppStore } from '../../renderer/store/store.ts'

const never = (): never => {
  throw new Error('going to a view asks the service nothing')
}
const api: ServiceApi = { ask: never, on: never, onLink: never, takeControl: never }

test('a view is opened for its subject, and what was chosen elsewhere stays', () => {
  const store = createAppStore(api)
  store.setState({ rootChosen: 'older' as RootId, activityFilter: ['run'] })
  store.getState().go('verify', { dial: 'tcp!attic!17034' })
  // The newest root there, not one that was looked at on another target.
  expect(store.getState()).toMatchObject({ view: 'verify', dialChosen: 'tcp!attic!17034', rootChosen: null })
  expect(store.getState().activityFilter).toEqual(['run'])

  store.getState().go('activity', { mirror: 'cirno', kinds: ['damage'] })
  expect(store.getState()).toMatchObject({ view: 'activity', mirrorName: 'cirno', activityFilter: ['damage'] })

  store.getState().go('verify')
  expect(store.getState()).toMatchObject({ view: 'verify', dialChosen: 'tcp!attic!17034', activityFilter: ['damage'] })
})
