import { describe, expect, test } from 'vitest'
import type { MirrorView } from '../../shared/model/window.ts'
import {
  attentionWords,
  checkingWords,
  copyWords,
  endWords,
  handOverWords,
  isOvertaken,
  runHeadline,
  runWords,
  spokenProgress,
} from '../../renderer/text/run-words.ts'
import { aCopy, aJob, aMirror, aTarget, hoursAgo } from './fake-mirror.ts'

const done = (name: string, blocksDone: number) => aCopy(name, { phase: 'done', blocksDone, blocksTotal: blocksDone })
const failed = (name: string) => aCopy(name, { phase: 'failed', error: 'connection refused' })

describe('while it runs', () => {
  test('the heading names those it sends to, not one that failed', () => {
    expect(runHeadline(aJob())).toBe('Sending 100 blocks to basement and attic')
    expect(runHeadline(aJob({ targets: [aCopy('basement'), failed('attic')] }))).toBe('Sending 100 blocks to basement')
    expect(runHeadline(aJob({ targets: [aCopy('basement', { blocksTotal: 0 })] }))).toBe('Looking for new blocks')
    expect(runHeadline(aJob({ stage: 'verify' }))).toBe('Checking the newest root on the targets')
    expect(runHeadline(aJob({ state: 'paused' }))).toBe('Paused')
  })

  test('a target: part, sizes, rate, a range of time', () => {
    const copy = aCopy('basement', { bytesDone: 420, bytesPerSecond: 108e6, secondsLeft: [480, 540] })
    expect(copyWords(copy)).toBe('42 % · 420 bytes of 1.0 kB · 108.0 MB/s · 8 to 9 minutes left')
    expect(copyWords({ ...copy, secondsLeft: null })).toContain('time left not known yet')
    expect(copyWords({ ...copy, phase: 'syncing' })).toBe('42 % · 420 bytes of 1.0 kB · waiting for its confirmation')
    expect(copyWords(failed('attic'))).toBe('connection refused')
    expect(copyWords(done('basement', 0))).toBe('has everything, nothing was new')
  })

  test('what is spoken changes with tenths only', () => {
    const spoken = new Set(
      Array.from({ length: 1000 }, (_, bytesDone) =>
        spokenProgress(aJob({ targets: [aCopy('basement', { bytesDone })] })),
      ),
    )
    expect(spoken.size).toBe(10)
  })

  test('the check behind it', () => {
    expect(checkingWords(aJob({ stage: 'verify' }))).toBe('beginning')
    const checking = { known: 40, checked: 12, faults: 0 }
    expect(checkingWords(aJob({ checking }))).toBe('12 of 40 blocks, all good so far')
    expect(checkingWords(aJob({ checking: { ...checking, faults: 2 } }))).toBe('12 of 40 blocks, 2 missing or damaged')
  })

  test('the hand-over names the target', () => {
    expect(handOverWords(aJob(), 'arenas2', 'arenas3', 'tcp!basement!17034')).toBe(
      'arenas2 is full and complete on basement; arenas3 takes over.',
    )
  })
})

describe('how it ended', () => {
  const ended = { state: 'ended', result: 'ok' } as const

  test('all there', () => {
    const words = endWords(aJob({ ...ended, targets: [done('basement', 5), done('attic', 9)] }))
    expect(words).toMatchObject({ tone: 'ok', title: 'Done: 9 blocks, everything is on basement and attic.' })
    expect(words.next).toContain('check the newest root')
  })

  test('nothing was new', () => {
    expect(endWords(aJob({ ...ended, targets: [done('basement', 0)] })).title).toBe(
      'Nothing was new: everything is on basement.',
    )
  })

  test('one was left behind: never called done', () => {
    const words = endWords(aJob({ ...ended, result: 'attention', targets: [done('basement', 5), failed('attic')] }))
    expect(words).toMatchObject({ tone: 'warn', title: 'basement has everything; attic was left behind.' })
  })

  test('all failed', () => {
    const words = endWords(aJob({ ...ended, result: 'failed', targets: [failed('basement'), failed('attic')] }))
    expect(words).toMatchObject({ tone: 'bad', title: 'Nothing could be sent to basement and attic.' })
  })

  test('damage, and an archive that is not whole', () => {
    const damaged = endWords(aJob({ ...ended, result: 'attention', damage: 1, targets: [done('basement', 5)] }))
    expect(damaged).toMatchObject({
      tone: 'warn',
      title: 'Done: 5 blocks, everything is on basement but 1 damaged block.',
    })
    const unsound = endWords(
      aJob({
        ...ended,
        result: 'attention',
        targets: [done('basement', 5)],
        verified: [{ dial: 'x', ok: false, problem: '3 blocks are missing' }],
      }),
    )
    expect(unsound).toMatchObject({ tone: 'warn', next: '3 blocks are missing.' })
  })

  test('cancelled', () => {
    expect(endWords(aJob({ ...ended, result: 'cancelled' })).tone).toBe('warn')
  })
})

describe('the end gives way', () => {
  const job = aJob({
    state: 'ended',
    startedAt: hoursAgo(2),
    targets: [done('basement', 9), aCopy('attic', { phase: 'failed', error: 'refused' })],
  })
  const lastRun: NonNullable<MirrorView['lastRun']> = {
    id: '1',
    mirror: 'cirno',
    at: hoursAgo(2),
    kind: 'run',
    result: 'attention',
    durationMs: 1,
    targets: [],
    damage: 0,
    rollovers: 0,
  }
  const view = (basement: number, attic: number, change: Partial<MirrorView> = {}) =>
    aMirror({
      lastRun,
      targets: [aTarget('basement', { behindBlocks: basement }), aTarget('attic', { behindBlocks: attic })],
      ...change,
    })

  test('once a target that has everything is behind again', () => {
    expect(isOvertaken(job, view(0, 0))).toBe(false)
    expect(isOvertaken(job, view(3, 0))).toBe(true)
  })

  test('not because of a target that was left behind anyway', () => {
    expect(isOvertaken(job, view(0, 86))).toBe(false)
  })

  test('not because of a picture from before the end', () => {
    expect(isOvertaken(job, view(9, 9, { job: job.id }))).toBe(false)
    expect(isOvertaken(job, view(9, 9, { lastRun: { ...lastRun, at: hoursAgo(26) } }))).toBe(false)
    expect(isOvertaken(job, view(9, 9, { lastRun: null }))).toBe(false)
  })
})

test('a run that wants attention says why', () => {
  expect(attentionWords(aJob({ notes: ['9fat: wrcmd was not written'] }))).toBe('9fat: wrcmd was not written.')
  expect(attentionWords(aJob())).toMatch(/see Activity/)
})

test('an earlier run in one sentence', () => {
  const target = { dial: 'x', sent: 0, present: 0, bytesSent: 0 }
  const run = {
    id: '1',
    mirror: 'cirno',
    at: hoursAgo(26),
    kind: 'run',
    result: 'attention',
    durationMs: 12_000,
    targets: [
      { ...target, name: 'basement', ok: true, error: null, blocks: 951 },
      { ...target, name: 'attic', ok: false, error: 'connection refused', blocks: 0 },
    ],
    damage: 1,
    rollovers: 0,
  } as const
  expect(runWords(run)).toBe(
    '951 blocks to basement; attic was left behind: connection refused; 1 damaged place left out.',
  )
  expect(runWords({ ...run, result: 'cancelled' })).toBe(
    'Cancelled after 951 blocks; the rest is sent by the next sync.',
  )
})
