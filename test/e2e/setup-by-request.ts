// The wizard by requests instead of by hand: for getting quickly to where a test begins.

import type { MirrorView, Place, PlaceId } from '../../shared/model/window.ts'
import type { Requests } from './requests.ts'

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
