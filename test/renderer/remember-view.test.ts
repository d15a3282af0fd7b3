import { expect, test } from 'vitest'
import type { ServiceApi } from '../../shared/contract.ts'
import { rememberView } from '../../renderer/store/remember-view.ts'
import { createAppStore } from '../../renderer/store/store.ts'

const api = {} as ServiceApi

function storage(): Pick<Storage, 'getItem' | 'setItem'> {
  const kept = new Map<string, string>()
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) }
}

test('the page that comes after shows the view and the mirror of the one before', () => {
  const keep = storage()
  const first = createAppStore(api)
  rememberView(first, keep)
  expect(first.getState()).toMatchObject({ view: 'overview', mirrorName: null })
  first.getState().go('verify', { mirror: 'cirno' })
  const second = createAppStore(api)
  rememberView(second, keep)
  expect(second.getState()).toMatchObject({ view: 'verify', mirrorName: 'cirno' })
})

test('what is no view is not shown', () => {
  const keep = storage()
  keep.setItem('view', 'elsewhere\ncirno')
  const store = createAppStore(api)
  rememberView(store, keep)
  expect(store.getState()).toMatchObject({ view: 'overview', mirrorName: null })
})
