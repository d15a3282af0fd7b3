// A window that shows a mirror which is set up, copied and checked already, by requests: where most of these tests begin.

import { join } from 'node:path'
import type { MirrorView } from '../../shared/model/window.ts'
import { cookieOf, makeMirror, type MirrorSetup } from './setup-by-request.ts'
import { openPage, openRequests, WindowHost, type OpenWindow, type WindowOptions } from './window.ts'

export type OpenMirror = OpenWindow & { readonly mirror: MirrorView; readonly cookie: string }

/** With the state in `folder`/state. */
export async function openMirror(
  folder: string,
  setup: MirrorSetup,
  options: Omit<WindowOptions, 'stateDir' | 'cookie'> = {},
): Promise<OpenMirror> {
  const host = await WindowHost.start(join(folder, 'state'))
  const cookie = await cookieOf(host)
  const requests = await openRequests(host, cookie)
  const mirror = await makeMirror(requests, setup)
  await requests.close()
  return { ...(await openPage(host, { ...options, cookie })), mirror, cookie }
}
