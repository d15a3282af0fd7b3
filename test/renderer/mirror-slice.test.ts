import { expect, test } from 'vitest'
import type { Answer, ServiceApi } from '../../shared/contract.ts'
import { createAppStore } from '../../renderer/store/store.ts'
import { newestSyncOf } from '../../renderer/views/overview/overview-selectors.ts'
import { aJob, aMap, hoursAgo } from './fake-mirror.ts'

/** Answers one request at a time, when it is told to. */
function slowApi() {
  const waiting: ((answer: Answer<'mirror.arenas'> | Error) => void)[] = []
  const api = {
    ask: () =>
      new Promise((resolve, reject) => {
        waiting.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)))
      }),
    on: () => () => undefined,
    onLink: () => () => undefined,
    takeControl: () => undefined,
  } as unknown as ServiceApi
  return { api, waiting }
}

test('the map is asked for once for each picture of the mirror, one request at a time', async () => {
  const { api, waiting } = slowApi()
  const store = createAppStore(api)
  const { loadArenas } = store.getState()
  const first = loadArenas('cirno', 1)
  void loadArenas('cirno', 1)
  void loadArenas('cirno', 2)
  void loadArenas('cirno', 3)
  expect(waiting).toHaveLength(1)
  waiting[0]?.(aMap({ used: [1, 1, 1, 1, 1] }))
  await expect.poll(() => waiting.length).toBe(2)
  waiting[1]?.(aMap())
  await first
  expect(store.getState().arenas['cirno']).toMatchObject({ map: aMap(), wanted: 3, isLoading: false })
  expect(waiting).toHaveLength(2)
})

test('a map that does not come is a problem, and the one before stays', async () => {
  const { api, waiting } = slowApi()
  const store = createAppStore(api)
  const first = store.getState().loadArenas('cirno', 1)
  waiting[0]?.(aMap())
  await first
  const second = store.getState().loadArenas('cirno', 2)
  waiting[1]?.(new Error('gone'))
  await second
  expect(store.getState().arenas['cirno']).toMatchObject({ map: aMap(), problem: { happened: 'gone' } })
})

test('the newest sync of a mirror, also when it has ended', () => {
  const { api } = slowApi()
  const store = createAppStore(api)
  const old = aJob({ startedAt: hoursAgo(3), state: 'ended' })
  const newer = aJob({ id: 'job-2' as never, startedAt: hoursAgo(1), state: 'ended' })
  const other = aJob({ id: 'job-3' as never, mirror: 'other' })
  store.setState({ jobs: [newer, old, other] })
  expect(newestSyncOf('cirno')(store.getState())).toBe(newer)
  expect(newestSyncOf('none')(store.getState())).toBeNull()
})
