// Requests to a running host as a page makes them, from the test itself: for getting quickly to where a test begins, and for
// measuring how fast they are answered. A link works once, so the cookie it was exchanged for is what a page opened later
// comes in with.

import { WebSocket } from 'ws'
import { sessionPath, socketPath, type Answer, type Asked, type Channel } from '../../shared/contract.ts'
import type { EventMessage, EventName, Events, ReplyMessage } from '../../shared/contract.ts'
import type { AppView, JobId, MirrorView, Place, PlaceId, SyncJobView } from '../../shared/model/window.ts'

type Told = (result: ReplyMessage['result']) => void
type Waiting = {
  readonly event: EventName
  readonly isIt: (value: never) => boolean
  readonly met: (value: never) => void
}

/** Where a host is: the address of its page, and its link, the same with the token behind it. */
export type HostAddress = { readonly address: string; readonly link: string }

/** "name=value" of the session that the link of this host, still unused, is good for. */
export async function cookieOf(host: HostAddress): Promise<string> {
  const { origin, hash } = new URL(host.link)
  const { status, headers } = await fetch(origin + sessionPath, {
    method: 'POST',
    body: hash.slice(1),
    headers: { Origin: origin },
  })
  const [cookie] = headers.getSetCookie()
  if (status !== 204 || cookie === undefined) throw new Error(`the link was answered with ${status}`)
  return cookie.slice(0, cookie.indexOf(';'))
}

export class Requests {
  readonly #socket: WebSocket
  readonly #asked = new Map<number, Told>()
  readonly #waiting = new Set<Waiting>()
  /** When each event came, milliseconds. */
  readonly events: { readonly name: EventName; readonly ms: number }[] = []
  #lastId = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data) => this.#onMessage(JSON.parse((data as Buffer).toString('utf8')) as never))
  }

  /** Has control until it is closed when no page came before it. */
  static async open(host: HostAddress, cookie: string): Promise<Requests> {
    const { origin } = new URL(host.address)
    const socket = new WebSocket(origin.replace(/^http/, 'ws') + socketPath, { origin, headers: { Cookie: cookie } })
    const requests = new Requests(socket)
    socket.on('error', () => undefined)
    await new Promise<void>((resolve, reject) => {
      socket.once('message', () => resolve())
      socket.once('close', () => reject(new Error('the host let no request in')))
    })
    return requests
  }

  /** Rejects with the words of a problem. */
  async ask<C extends Channel>(channel: C, asked: Asked<C>): Promise<Answer<C>> {
    const id = ++this.#lastId
    const result = await new Promise<ReplyMessage['result']>((resolve) => {
      this.#asked.set(id, resolve)
      this.#socket.send(JSON.stringify({ id, channel, asked }))
    })
    if (!result.ok) throw new Error(`${channel}: ${result.problem.code}: ${result.problem.happened}`)
    return result.value as Answer<C>
  }

  /** The first event like this, from now on. */
  async told<E extends EventName>(event: E, isIt: (value: Events[E]) => boolean): Promise<Events[E]> {
    return await new Promise((met) => this.#waiting.add({ event, isIt, met }))
  }

  async ended(job: JobId): Promise<SyncJobView> {
    const isIt = (view: AppView['jobs'][number]): boolean => view.id === job && view.state === 'ended'
    const coming = this.told('job.view', isIt)
    const { jobs } = await this.ask('app.view', {})
    return (jobs.find(isIt) ?? (await coming)) as SyncJobView
  }

  async close(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return
    const closed = new Promise<void>((resolve) => this.#socket.once('close', () => resolve()))
    this.#socket.close()
    await closed
  }

  #onMessage(message: ReplyMessage | EventMessage | { readonly control: boolean }): void {
    if ('id' in message) {
      this.#asked.get(message.id)?.(message.result)
      this.#asked.delete(message.id)
    } else if ('event' in message) {
      this.events.push({ name: message.event, ms: performance.now() })
      for (const one of this.#waiting) {
        if (one.event !== message.event || !one.isIt(message.value as never)) continue
        this.#waiting.delete(one)
        one.met(message.value as never)
      }
    }
  }
}

export type MirrorSetup = {
  readonly source: string
  /** Ventis that are there, by what they are called. */
  readonly targets?: Readonly<Record<string, string>>
  /** Folders for embedded servers, by what they are called. */
  readonly stores?: Readonly<Record<string, string>>
  readonly ninefat?: string | null
  readonly fossil?: string | null
  /** There is no archive in it, so that the copy cannot end with the check of one. */
  readonly hasNoRoot?: boolean
}

export const storeBytes = 64 * 1024 * 1024

export async function placeIn(requests: Requests, path: string): Promise<PlaceId> {
  const { place } = (await requests.ask('places.look', { path })) as { readonly place: Place }
  return place.id
}

/** The wizard up to its copy, which is not begun. */
export async function prepareMirror(requests: Requests, setup: MirrorSetup): Promise<void> {
  const { source, targets = {}, stores = {}, ninefat, fossil } = setup
  await requests.ask('setup.begin', {})
  await requests.ask('setup.source', { place: await placeIn(requests, source) })
  for (const [name, dial] of Object.entries(targets)) await requests.ask('setup.addTarget', { dial, name })
  for (const [name, path] of Object.entries(stores)) {
    const folder = (await requests.ask('places.folder', { path })).id
    await requests.ask('setup.addStore', { folder, name, sizeBytes: storeBytes })
  }
  const placeOf = async (path: string | null) => (path === null ? null : await placeIn(requests, path))
  if (ninefat !== undefined) await requests.ask('setup.ninefat', { place: await placeOf(ninefat) })
  if (fossil !== undefined) await requests.ask('setup.fossil', { place: await placeOf(fossil) })
}

/** A whole mirror, copied and checked. */
export async function makeMirror(requests: Requests, setup: MirrorSetup): Promise<MirrorView> {
  await prepareMirror(requests, setup)
  const { job } = await requests.ask('setup.copy', {})
  const { result, problem, targets, notes } = await requests.ended(job)
  if (result !== (setup.hasNoRoot === true ? 'attention' : 'ok')) {
    throw new Error(`the first copy came to ${result}: ${JSON.stringify({ problem, targets, notes }, null, 1)}`)
  }
  await requests.ask('setup.finish', {})
  const { mirrors } = await requests.ask('app.view', {})
  const mirror = mirrors.at(-1)
  if (mirror === undefined) throw new Error('the set-up made no mirror')
  return mirror
}
