// What the window asks of the desktop around it, and what it shows then.

import { expect, test } from 'vitest'
import { createAppStore } from '../../renderer/store/store.ts'
import type { ServiceApi } from '../../shared/contract.ts'
import type { DesktopApi, DesktopView } from '../../shared/desktop.ts'

const service = {} as ServiceApi
const view: DesktopView = {
  settings: { tray: false, startAtLogin: false, dailyAt: '06:00', weeklyLook: false },
  logsFolder: '/logs',
  startAtLoginHindrance: null,
  secrets: { store: null, hindrance: null },
  missedAt: '2026-11-29T06:00:00.000Z',
  nextAt: null,
  updates: { feed: null, running: '0.1.0', found: null, lookedAt: null },
}

test('a missed daily time that was seen goes, one that came meanwhile stays', async () => {
  const asked: unknown[] = []
  const later = '2026-11-30T06:00:00.000Z'
  const answers: DesktopView[] = [
    { ...view, missedAt: later },
    { ...view, missedAt: null },
  ]
  const api = {
    ask: (channel: string, payload: unknown) => {
      asked.push([channel, payload])
      return Promise.resolve(answers.shift())
    },
    on: () => () => undefined,
  } as unknown as DesktopApi
  const store = createAppStore(service, api)
  store.setState({ desktop: view })
  const shown: unknown[] = []
  for (let seen = 0; seen < 2; seen++) {
    const { desktop, desktopActions } = store.getState()
    await desktopActions?.dismissMissed(desktop?.missedAt ?? '')
    shown.push(store.getState().desktop?.missedAt)
  }
  expect([asked, shown]).toEqual([
    [
      ['desktop.dismissMissed', { missedAt: view.missedAt }],
      ['desktop.dismissMissed', { missedAt: later }],
    ],
    [later, null],
  ])
})

test('in a browser there is none', () => {
  expect(createAppStore(service).getState()).toMatchObject({ desktop: null, desktopActions: null })
})
