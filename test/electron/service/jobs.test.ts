// The book of jobs and the publisher by themselves: states in every order, and never more than ten events a second.

import { describe, expect, onTestFinished, test } from 'vitest'
import { JobBook, type JobHandle, type JobWork } from '../../../electron/service/jobs.ts'
import { Publisher } from '../../../electron/service/publish.ts'
import { AppError, cancelledError } from '../../../shared/errors.ts'
import type { JobId, JobView } from '../../../shared/model/window.ts'
import { settle, until } from '../../helpers/client-calls.ts'

const fields = {
  kind: 'sync',
  mirror: 'm',
  command: 'c',
  stage: 'sync',
  targets: [],
  bytesRead: 0,
  damage: 0,
  rollovers: [],
  verified: [],
  result: null,
} as const

function book() {
  const views: JobView[] = []
  const ended: JobView[] = []
  const jobs = new JobBook(
    () => new Date('2024-01-01T00:00:00Z'),
    (view) => views.push(view),
    (view) => ended.push(view),
  )
  return { jobs, views, ended }
}

/** Goes on until the signal fires, as a sync does. */
const untilStopped: JobWork = async (job) => {
  await new Promise<void>((resolve) => job.signal.addEventListener('abort', () => resolve()))
  return { result: 'cancelled' }
}

describe('jobs', () => {
  test('a pause ends the work at its checkpoint, a resume begins it again', async () => {
    const { jobs, ended } = book()
    const rounds: JobHandle[] = []
    const id = jobs.start(fields, async (job) => {
      rounds.push(job)
      return rounds.length < 3 ? await untilStopped(job) : { result: 'ok' }
    })
    expect(jobs.pause(id).state).toBe('pausing')
    await settle()
    expect(jobs.view(id)).toMatchObject({ state: 'paused', result: null, endedAt: null })
    expect(ended).toEqual([])
    jobs.resume(id)
    jobs.pause(id)
    await settle()
    expect(jobs.view(id).state).toBe('paused')
    jobs.resume(id)
    await settle()
    expect(jobs.view(id)).toMatchObject({ state: 'ended', result: 'ok', endedAt: '2024-01-01T00:00:00.000Z' })
    expect(rounds).toHaveLength(3)
    expect(ended.map((view) => view.id)).toEqual([id])
    expect(() => jobs.resume(id)).toThrow(/has ended/)
  })

  test('work that came to its end although it was to pause has ended', async () => {
    const { jobs } = book()
    const id = jobs.start(fields, async (job) => {
      await untilStopped(job)
      return { result: 'ok' }
    })
    jobs.pause(id)
    await settle()
    expect(jobs.view(id)).toMatchObject({ state: 'ended', result: 'ok' })
  })

  test('a cancel outlasts a pause, and the end of the service', async () => {
    const { jobs } = book()
    const id = jobs.start(fields, untilStopped)
    jobs.pause(id)
    expect(jobs.cancel(id).state).toBe('cancelling')
    await settle()
    expect(jobs.view(id)).toMatchObject({ state: 'ended', result: 'cancelled', problem: null })
    const second = jobs.start(fields, async (job) => {
      await untilStopped(job)
      throw cancelledError()
    })
    jobs.cancel(second)
    await jobs.close()
    expect(jobs.view(second)).toMatchObject({ state: 'ended', result: 'cancelled', problem: null })
  })

  test('what fails is a problem, with its score masked', async () => {
    const { jobs } = book()
    const score = 'cd'.repeat(20)
    const id = jobs.start(fields, () => Promise.reject(new AppError('source-read', `bad place vac:${score}`)))
    await settle()
    expect(jobs.view(id)).toMatchObject({
      state: 'ended',
      result: 'failed',
      problem: { code: 'source-read', happened: 'bad place vac:cdcd…cdcd' },
    })
  })

  test('the last notes and the last jobs are kept', async () => {
    const { jobs } = book()
    const ids: JobId[] = []
    for (let i = 0; i < 40; i++) {
      ids.push(
        jobs.start(fields, (job) => {
          for (let line = 0; line < 30; line++) job.note(`${line}`)
          return Promise.resolve({ result: 'ok' })
        }),
      )
      await settle(2)
    }
    expect(jobs.views.length).toBeLessThanOrEqual(21)
    expect(jobs.view(ids.at(-1) as JobId).notes).toEqual(Array.from({ length: 20 }, (_, i) => `${i + 10}`))
    expect(() => jobs.view(ids[0] as JobId)).toThrow(/not known/)
  })
})

test('publisher: ten a second for all together, the newest of each, nobody forgotten', async () => {
  const publisher = new Publisher()
  onTestFinished(() => publisher.close())
  const told: { readonly atMs: number; readonly subject: string; readonly sequence: number }[] = []
  publisher.onEvent(({ value }) => {
    const { sequence, name } = value as { sequence: number; name: string }
    told.push({ atMs: performance.now(), subject: name, sequence })
  })
  const beganMs = performance.now()
  let sequence = 0
  const subjects = ['a', 'b', 'c']
  await until(() => {
    sequence++
    for (const name of subjects) publisher.tell('mirror.view', name, { name, sequence } as never)
    return performance.now() - beganMs > 1200
  })
  const last = sequence
  await until(() => subjects.every((name) => told.some((one) => one.subject === name && one.sequence === last)))
  for (const [index, { atMs }] of told.entries()) {
    // A timer may fire a millisecond early.
    if (index >= 10) expect(atMs - (told[index - 10] as { atMs: number }).atMs).toBeGreaterThan(980)
  }
  for (const name of subjects) {
    const own = told.filter((one) => one.subject === name).map((one) => one.sequence)
    expect(own).toEqual(own.toSorted((a, b) => a - b))
    expect(own.length).toBeGreaterThan(2)
  }
})
