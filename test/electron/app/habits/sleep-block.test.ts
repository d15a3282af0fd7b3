// The computer is kept awake while something runs: one blocker, however often it is told of.

import { expect, test } from 'vitest'
import { SleepBlock } from '../../../../electron/app/habits/sleep-block.ts'
import type { JobView } from '../../../../shared/model/window.ts'

test('one blocker from the first job that runs to the last', () => {
  const did: string[] = []
  let id = 0
  const block = new SleepBlock({
    // The first number Electron gives is 0.
    start: () => {
      did.push(`start ${id}`)
      return id++
    },
    stop: (held) => void did.push(`stop ${held}`),
  })
  const tell = (...states: readonly JobView['state'][]): void =>
    block.sync(states.map((state) => ({ state }) as unknown as JobView))
  tell()
  tell('running')
  tell('running', 'paused')
  tell('pausing', 'ended')
  tell('paused', 'ended')
  tell('paused')
  tell('cancelling')
  block.release()
  block.release()
  expect(did).toEqual(['start 0', 'stop 0', 'start 1', 'stop 1'])
})
