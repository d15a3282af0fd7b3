// Everything the service tells flows into the store here and nowhere else. Pictures carry a sequence number and the newest
// wins, so order and loss do not matter; after a lost connection the whole is asked for again.

import type { ServiceApi } from '../../shared/contract.ts'
import type { MachineQuestionView } from '../../shared/model/window.ts'
import type { AppStore } from './store.ts'

type Sequenced = { readonly sequence: number }

/** `list` with `next` in the place of the picture of the same subject, or behind the others; the same list when it is old. */
function withNewest<T extends Sequenced>(list: readonly T[], next: T, keyOf: (one: T) => string): readonly T[] {
  const at = list.findIndex((one) => keyOf(one) === keyOf(next))
  if (at < 0) return [...list, next]
  return (list[at] as T).sequence >= next.sequence ? list : list.with(at, next)
}

/** Returns what ends it. `onError` is told of an app.view that did not come. */
export function connectStore(store: AppStore, api: ServiceApi, onError: (thrown: unknown) => void): () => void {
  const seeQuestion = (next: MachineQuestionView): void =>
    store.setState(({ question }) => (question.sequence >= next.sequence ? {} : { question: next }))
  const load = async (): Promise<void> => {
    const { mirrors, jobs, settings, setup, question, ...app } = await api.ask('app.view', {})
    store.setState({ app, mirrors, jobs, settings, setup })
    seeQuestion(question)
  }
  const reload = (): void => void load().catch(onError)
  const ends = [
    api.on('job.view', (job) => store.setState(({ jobs }) => ({ jobs: withNewest(jobs, job, ({ id }) => id) }))),
    api.on('mirror.view', (mirror) =>
      store.setState(({ mirrors }) => ({ mirrors: withNewest(mirrors, mirror, ({ name }) => name) })),
    ),
    api.on('setup.view', (setup) => store.setState({ setup })),
    api.on('machine.question', seeQuestion),
    api.on('settings.view', (settings) => store.setState({ settings })),
    api.on('app.changed', reload),
    api.onLink(({ connected, control }) => {
      const was = store.getState().connected
      store.setState({ connected, control, ...(connected ? { refused: false } : {}) })
      if (connected && !was) reload()
    }),
  ]
  return () => {
    for (const end of ends) end()
  }
}
