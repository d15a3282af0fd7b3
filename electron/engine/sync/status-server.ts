// Asks a venti's status web server for a page. Only http, no redirects, a bounded answer in a bounded time: whatever
// listens there may be anything. The address is what a person or the httpaddr line of venti.conf says.

import { request } from 'node:http'
import { AppError } from '../../../shared/errors.ts'

export type StatusAddress = {
  readonly host: string
  readonly port: number
  /** As messages and results show it: http://HOST:PORT */
  readonly text: string
}

/** A line of /xindex has about 300 bytes: enough for tens of thousands of arenas (R9). */
const maxPageBytes = 16 * 1024 * 1024
const pageTimeoutMs = 10_000
/** A cache of some gigabytes on a slow disk. */
const flushTimeoutMs = 60_000
const httpPort = 80

/** HOST:PORT, http://HOST:PORT or tcp!HOST!PORT (as in venti.conf). Throws `usage`. */
export function parseStatusAddress(given: string): StatusAddress {
  const shown = JSON.stringify(given.length > 80 ? `${given.slice(0, 80)}…` : given)
  const fail = (problem: string): AppError =>
    new AppError('usage', `status address ${shown}: ${problem}; expected HOST:PORT or http://HOST:PORT`)
  const text = given.trim()
  const dial = /^(?:tcp|net)!([^!]+)!([^!]+)$/.exec(text)
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) && !/^http:\/\//i.test(text)) throw fail('only http is spoken')
  const host = dial?.[1] as string
  const spelt =
    dial === null ? text.replace(/^http:\/\//i, '') : `${host.includes(':') ? `[${host}]` : host}:${dial[2]}`
  const plain = spelt.replace(/:http$/, `:${httpPort}`)
  let url: URL
  try {
    url = new URL(`http://${plain}`)
  } catch {
    throw fail('it is no address')
  }
  if (url.username !== '' || url.password !== '') throw fail('it has a user name in it')
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') throw fail('it names a page')
  if (url.hostname === '') throw fail('the host is missing')
  const port = url.port === '' ? httpPort : Number(url.port)
  if (port === 0) throw fail('port 0 cannot be called')
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port, text: `http://${url.hostname}:${port}` }
}

async function get(address: StatusAddress, page: string, timeoutMs: number, signal?: AbortSignal): Promise<string> {
  const limit = AbortSignal.timeout(timeoutMs)
  const where = `${address.text}/${page}`
  const failed = (what: string, cause?: unknown): AppError =>
    new AppError('connect-failed', `${where}: ${limit.aborted ? `no answer within ${timeoutMs / 1000} s` : what}`, {
      cause,
    })
  return await new Promise((resolve, reject) => {
    const asked = request(
      {
        host: address.host,
        port: address.port,
        path: `/${page}`,
        agent: false,
        headers: { connection: 'close', accept: 'text/xml, text/plain' },
        signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      },
      (reply) => {
        if (reply.statusCode !== 200) {
          reject(failed(`the server answered with status ${reply.statusCode ?? 0}`))
          asked.destroy()
          return
        }
        const parts: Buffer[] = []
        let length = 0
        reply.on('data', (bytes: Buffer) => {
          length += bytes.length
          if (length <= maxPageBytes) parts.push(bytes)
          else {
            reject(failed(`the page has more than ${maxPageBytes} bytes`))
            asked.destroy()
          }
        })
        reply.on('end', () => resolve(Buffer.concat(parts).toString('latin1')))
        reply.on('error', (error) => reject(failed(error.message, error)))
        reply.on('close', () => reject(failed('the connection was lost')))
      },
    )
    asked.on('error', (error) => reject(failed(error.message, error)))
    asked.end()
  })
}

export async function fetchPage(
  address: StatusAddress,
  page: 'xindex' | 'index',
  signal?: AbortSignal,
): Promise<string> {
  return await get(address, page, pageTimeoutMs, signal)
}

/** Has the server write its block cache to disk. Changes nothing else there. */
export async function requestFlush(address: StatusAddress, signal?: AbortSignal): Promise<void> {
  await get(address, 'flushdcache', flushTimeoutMs, signal)
}
