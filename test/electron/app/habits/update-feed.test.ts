// The feed of new versions when it is wrong, hostile, or silent: an error in words, and nothing of what it sent.

import { expect, test } from 'vitest'
import {
  answerWithinMs,
  feedAddress,
  feedFile,
  longestAnswerBytes,
  newestIn,
  type FeedRequest,
} from '../../../../electron/app/habits/update-feed.ts'
import { isLookDue, newerThan, usualUpdates } from '../../../../electron/app/habits/update-state.ts'

type Ask = FeedRequest['fetch']

/** With a clock that a test lets run out. */
function look(fetch: Ask): { readonly newest: Promise<string>; readonly timers: Map<() => void, number> } {
  const timers = new Map<() => void, number>()
  const newest = newestIn({
    feed: 'https://updates.example/venti',
    platform: 'linux',
    arch: 'x64',
    fetch,
    setTimer: (run, ms) => {
      timers.set(run, ms)
      return () => timers.delete(run)
    },
  })
  return { newest, timers }
}

const answer =
  (body: BodyInit | null, status = 200): Ask =>
  () =>
    Promise.resolve(new Response(body, { status }))

/** Sends for ever, and counts. */
function endless(sent: { bytes: number; isCancelled: boolean }): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: (controller) => {
      sent.bytes += 4096
      controller.enqueue(new Uint8Array(4096).fill(0x61))
    },
    cancel: () => void (sent.isCancelled = true),
  })
}

test('the file of the platform below the feed is asked for, once, and its version is the answer', async () => {
  const asked: string[] = []
  const { newest, timers } = look((address) => {
    asked.push(address)
    return Promise.resolve(new Response('version: 1.2.3\n'))
  })
  expect([await newest, asked, timers.size]).toEqual(['1.2.3', ['https://updates.example/venti/latest-linux.yml'], 0])
})

test('files are named as electron-builder names them', () => {
  const names = (['linux', 'darwin', 'win32'] as const).map((platform) => [
    feedFile(platform, 'x64'),
    feedFile(platform, 'arm64'),
  ])
  expect(names).toEqual([
    ['latest-linux.yml', 'latest-linux-arm64.yml'],
    ['latest-mac.yml', 'latest-mac.yml'],
    ['latest.yml', 'latest.yml'],
  ])
})

test.each<[string, Ask, string]>([
  [
    'no connection',
    () => Promise.reject(new TypeError('<b>failed</b>')),
    'updates.example cannot be reached (no connection)',
  ],
  [
    'a name that nobody has',
    () => Promise.reject(new Error('net::ERR_NAME_NOT_RESOLVED at <b>')),
    'updates.example cannot be reached (net::ERR_NAME_NOT_RESOLVED)',
  ],
  ['no such file', answer('version: 1.2.3', 404), 'updates.example answered with status 404 instead of a version'],
  ['nothing', answer(null), 'the answer of updates.example names no version'],
  ['a page', answer('<!doctype html><h1>Log in</h1>'), 'the answer of updates.example names no version'],
  ['no text', answer(new Uint8Array(1000).fill(0xff)), 'the answer of updates.example names no version'],
  ['a path', answer('version: ../../x'), 'the answer of updates.example names no version'],
  ['markup', answer('version: 9.0.0-<img src=x onerror=alert(1)>'), 'the answer of updates.example names no version'],
  [
    'too much',
    answer(`version: 1.2.3\n${'#'.repeat(longestAnswerBytes)}`),
    'updates.example sent more than a version takes',
  ],
])('%s', async (_name, fetch, message) => {
  const { newest, timers } = look(fetch)
  await expect(newest).rejects.toMatchObject({ code: 'update-feed', message })
  expect(timers.size).toBe(0)
})

test('an answer without end is left soon', async () => {
  const sent = { bytes: 0, isCancelled: false }
  await expect(look(answer(endless(sent))).newest).rejects.toMatchObject({ code: 'update-feed' })
  expect([sent.bytes <= longestAnswerBytes + 3 * 4096, sent.isCancelled]).toEqual([true, true])
})

const never = new Promise<never>(() => undefined)

test.each<[string, (stalls: () => void) => Promise<Response>]>([
  [
    'no answer',
    (stalls) => {
      stalls()
      return never
    },
  ],
  [
    'an answer that stops in its middle',
    async (stalls) => {
      const pull = async (): Promise<void> => {
        stalls()
        await never
      }
      return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }))
    },
  ],
])('%s is not waited for any longer', async (_name, fetch) => {
  let signal: AbortSignal | null = null
  let newest: Promise<string> = never
  let timers: ReadonlyMap<() => void, number> = new Map()
  await new Promise<void>((resolve) => {
    ;({ newest, timers } = look((_address, init) => {
      ;({ signal } = init)
      return fetch(resolve)
    }))
  })
  const [[run, ms] = [() => undefined, 0]] = timers
  run()
  await expect(newest).rejects.toMatchObject({
    code: 'update-feed',
    message: 'updates.example did not answer within 15 seconds',
  })
  expect([ms, (signal as AbortSignal | null)?.aborted]).toEqual([answerWithinMs, true])
})

test('a feed is a folder over https, and nothing else', () => {
  const given = [
    'https://updates.example/venti',
    'http://updates.example/venti',
    'file:///etc/passwd',
    'https://name:word@updates.example/',
    'https://updates.example/?token=1',
    'https://updates.example/#x',
    'updates.example',
    null,
    { href: 'https://updates.example' },
  ]
  expect(given.map(feedAddress)).toEqual(['https://updates.example/venti', ...Array.from({ length: 8 }, () => null)])
})

test('by itself it is time a week after the last answer, and a day after a look without one', () => {
  const at = '2026-11-29T12:00:00.000Z'
  const due = (updates: Partial<typeof usualUpdates>, now: string): boolean =>
    isLookDue({ ...usualUpdates, ...updates }, new Date(now))
  expect([
    due({}, at),
    due({ triedAt: at, lookedAt: at }, '2026-12-06T11:59:59.000Z'),
    due({ triedAt: at, lookedAt: at }, '2026-12-06T12:00:00.000Z'),
    due({ triedAt: at }, '2026-11-30T11:00:00.000Z'),
    due({ triedAt: at }, '2026-11-30T12:00:00.000Z'),
    // A clock that was a year ahead once.
    due({ triedAt: at, lookedAt: at }, '2025-11-29T12:00:00.000Z'),
  ]).toEqual([true, false, true, false, true, true])
})

test('what was found counts no more once it runs', () => {
  const found = (version: string | null): string | null => newerThan('1.2.0', { ...usualUpdates, found: version })
  expect([null, '1.1.0', '1.2.0', '1.2.1', '1.2.0-beta', 'nonsense'].map(found)).toEqual([
    null,
    null,
    null,
    '1.2.1',
    null,
    null,
  ])
})
