// The feed of new versions, as electron-builder lays it out for its provider "generic": a folder with a latest*.yml for each
// platform. Its address is one that the maker of the package gave; what comes from there is text of a stranger, of which
// nothing but a version is ever used.

import { AppError } from '../../../shared/errors.ts'
import { versionIn } from './versions.ts'

export const longestAnswerBytes = 64 * 1024
export const answerWithinMs = 15_000

export type FeedRequest = {
  readonly feed: string
  readonly platform: NodeJS.Platform
  readonly arch: string
  readonly fetch: (address: string, init: { readonly signal: AbortSignal }) => Promise<Response>
  /** Returns what stops it. */
  readonly setTimer: (run: () => void, ms: number) => () => void
}

/** An https address of a folder, without a name, a password, a query or a fragment in it; null: it is none. */
export function feedAddress(text: unknown): string | null {
  if (typeof text !== 'string' || !URL.canParse(text)) return null
  const { protocol, username, password, search, hash, href } = new URL(text)
  return protocol === 'https:' && `${username}${password}${search}${hash}` === '' ? href : null
}

/** The name that electron-builder gives the file of a platform. Releases only: those before one have files of their own. */
export function feedFile(platform: NodeJS.Platform, arch: string): string {
  if (platform === 'darwin') return 'latest-mac.yml'
  if (platform === 'win32') return 'latest.yml'
  return arch === 'x64' ? 'latest-linux.yml' : `latest-linux-${arch}.yml`
}

export const feedProblem = (happened: string, cause?: unknown): AppError =>
  new AppError('update-feed', happened, cause === undefined ? {} : { cause })

/** The newest version that the feed names. Rejects with update-feed. */
export async function newestIn({ feed, platform, arch, fetch, setTimer }: FeedRequest): Promise<string> {
  const address = new URL(feedFile(platform, arch), feed.endsWith('/') ? feed : `${feed}/`)
  const end = new AbortController()
  let stopTimer: () => void = () => undefined
  // By itself: not everything that can stall heeds a signal.
  const tooLate = new Promise<never>((_resolve, reject) => {
    stopTimer = setTimer(() => {
      reject(feedProblem(`${address.host} did not answer within ${answerWithinMs / 1000} seconds`))
      end.abort()
    }, answerWithinMs)
  })
  try {
    return await Promise.race([readVersion(address, fetch, end.signal), tooLate])
  } finally {
    stopTimer()
    end.abort()
  }
}

async function readVersion(address: URL, fetch: FeedRequest['fetch'], signal: AbortSignal): Promise<string> {
  const { href, host } = address
  const response = await fetch(href, { signal }).catch((error: unknown) => {
    if (error instanceof AppError) throw error
    // Chromium's own name of what went wrong; the rest of a message may hold anything.
    const why = /net::ERR_[A-Z_]+/.exec(String(error))?.[0] ?? 'no connection'
    throw feedProblem(`${host} cannot be reached (${why})`, error)
  })
  if (!response.ok) throw feedProblem(`${host} answered with status ${response.status} instead of a version`)
  const version = versionIn(await textOf(response, host))
  if (version === null) throw feedProblem(`the answer of ${host} names no version`)
  return version
}

/** No more of it is taken than may be: the length that is told may be wrong. */
async function textOf({ body }: Response, host: string): Promise<string> {
  const reader = body?.getReader()
  const parts: Uint8Array[] = []
  let sizeBytes = 0
  try {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true }
      if (done || value === undefined) break
      sizeBytes += value.length
      if (sizeBytes > longestAnswerBytes) throw feedProblem(`${host} sent more than a version takes`)
      parts.push(value)
    }
  } catch (error) {
    void reader?.cancel().catch(() => undefined)
    throw error instanceof AppError ? error : feedProblem(`${host} broke off in its answer`, error)
  }
  return Buffer.concat(parts).toString('utf8')
}
