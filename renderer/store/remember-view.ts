// A page that is reloaded shows the view it showed before: kept with the tab, and gone with it.

import { views, type View } from './navigation-slice.ts'
import type { AppStore } from './store.ts'

const key = 'view'

/** `keep`: the tab's own storage, where the browser has one. */
export function rememberView(store: AppStore, keep: Pick<Storage, 'getItem' | 'setItem'>): void {
  const [view, mirrorName] = (keep.getItem(key) ?? '').split('\n')
  const known = views.find((one): one is View => one === view)
  if (known !== undefined) {
    store.setState({ view: known, mirrorName: mirrorName === undefined || mirrorName === '' ? null : mirrorName })
  }
  store.subscribe((state, before) => {
    if (state.view === before.view && state.mirrorName === before.mirrorName) return
    keep.setItem(key, `${state.view}\n${state.mirrorName ?? ''}`)
  })
}
