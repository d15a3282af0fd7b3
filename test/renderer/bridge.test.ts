// What the service tells reaches the store once, in any order, and a page that was away asks for the whole again.

import { expect, test, vi } from 'vitest'
import { connectStore } from '../../renderer/store/bridge.ts'
import { createAppStore } from '../../renderer/store/store.ts'
import type { EventName, Events, ServiceApi } from '../../shared/contract.ts'
import type { AppView, JobView, MachineQuestion, MirrorView, QuestionId } from '../../shared/model/window.ts'

type Link = { readonly connected: boolean; readonly control: boolean }

function fakeApi(view: () => AppView) {
  const told = new Map<EventName, (value: never) => void>()
  let onLink: (link: Link) => void = () => undefined
  const ask = vi.fn<() => Promise<AppView>>(async () => view())
  const api = {
    ask,
    on: (event: EventName, listener: (value: never) => void) => {
      told.set(event, listener)
      return () => void told.delete(event)
    },
    onLink: (listener: (link: Link) => void) => {
      onLink = listener
      return () => (onLink = () => undefined)
    },
    takeControl: () => undefined,
  } as unknown as ServiceApi
  const tell = <E extends EventName>(event: E, value: Events[E]): void => told.get(event)?.(value as never)
  return { api, ask, tell, link: (link: Link) => onLink(link), told }
}

const mirror = (name: string, sequence: number): MirrorView => ({ name, sequence }) as MirrorView
const job = (id: string, sequence: number): JobView => ({ id, sequence }) as JobView
const view = (mirrors: readonly MirrorView[]): AppView =>
  ({
    sequence: 1,
    version: '1',
    mirrors,
    jobs: [],
    setup: null,
    settings: { theme: 'dark' },
    question: { sequence: 1, question: null, waiting: 0 },
  }) as unknown as AppView

function connected(mirrors: readonly MirrorView[] = [mirror('a', 5)]) {
  const fake = fakeApi(() => view(mirrors))
  const store = createAppStore(fake.api)
  const onError = vi.fn<(thrown: unknown) => void>()
  const end = connectStore(store, fake.api, onError)
  return { ...fake, store, end, onError }
}

test('the whole is asked for when the connection comes, and again after it was lost', async () => {
  const { ask, link, store } = connected()
  link({ connected: true, control: true })
  await vi.waitFor(() => expect(store.getState().app?.version).toBe('1'))
  expect(store.getState().settings.theme).toBe('dark')
  link({ connected: true, control: false })
  expect(ask).toHaveBeenCalledTimes(1)
  expect(store.getState().control).toBe(false)
  link({ connected: false, control: false })
  expect(store.getState().app).not.toBeNull()
  link({ connected: true, control: true })
  expect(ask).toHaveBeenCalledTimes(2)
})

test('the newest picture of each subject wins, whatever the order', async () => {
  const { tell, link, store } = connected([mirror('a', 5), mirror('b', 1)])
  link({ connected: true, control: true })
  await vi.waitFor(() => expect(store.getState().mirrors).toHaveLength(2))
  tell('mirror.view', mirror('a', 7))
  tell('mirror.view', mirror('a', 6))
  tell('mirror.view', mirror('c', 1))
  expect(store.getState().mirrors.map(({ name, sequence }) => `${name}${sequence}`)).toEqual(['a7', 'b1', 'c1'])
  const before = store.getState().jobs
  tell('job.view', job('x', 2))
  tell('job.view', job('x', 1))
  expect(store.getState().jobs.map(({ sequence }) => sequence)).toEqual([2])
  expect(store.getState().jobs).not.toBe(before)
  const same = store.getState().jobs
  tell('job.view', job('x', 2))
  expect(store.getState().jobs).toBe(same)
})

test('the newest question wins, whether it was told or asked for', async () => {
  const { tell, link, store } = connected()
  const asked = { id: 'q', kind: 'host-key' } as unknown as MachineQuestion
  tell('machine.question', { sequence: 3, question: asked, waiting: 0 })
  link({ connected: true, control: true })
  await vi.waitFor(() => expect(store.getState().app).not.toBeNull())
  expect(store.getState().question.question).toBe(asked)
  tell('machine.question', { sequence: 2, question: null, waiting: 0 })
  expect(store.getState().question.question).toBe(asked)
  tell('machine.question', { sequence: 4, question: null, waiting: 0 })
  expect(store.getState().question.question).toBeNull()
})

test('an answer goes out as it was given, and stays nowhere', async () => {
  const { ask, store } = connected()
  await store.getState().answerQuestion('q' as QuestionId, { kind: 'text', text: 'not for any log' })
  expect(ask).toHaveBeenCalledWith('machine.answer', { id: 'q', answer: { kind: 'text', text: 'not for any log' } })
  expect(JSON.stringify(store.getState())).not.toContain('not for any log')
})

test('a view that does not come is told to whoever watches, and ending it ends all', async () => {
  const { ask, link, onError, end, told } = connected()
  ask.mockRejectedValueOnce(new Error('gone'))
  link({ connected: true, control: true })
  await vi.waitFor(() => expect(onError).toHaveBeenCalledTimes(1))
  end()
  expect(told.size).toBe(0)
})
