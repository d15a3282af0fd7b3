// A window that shows a mirror which is set up, copied and checked already, by requests: where most of these tests begin.

import { join } from 'node:path'
import type { MirrorView } from '../../shared/model/window.ts'
import { startProgram } from './launcher.ts'
import { makeMirror, type MirrorSetup } from './setup-by-request.ts'
import type { OpenWindow, PageOptions, Program } from './program.ts'

export type OpenMirror<P extends Program> = OpenWindow<P> & { readonly mirror: MirrorView }

/** With the state in `folder`/state. */
export async function openMirror(
  folder: string,
  setup: MirrorSetup,
  options: PageOptions = {},
): Promise<OpenMirror<Program>> {
  return await openMirrorIn(await startProgram(join(folder, 'state')), setup, options)
}

/** In a program that was just started. */
export async function openMirrorIn<P extends Program>(
  program: P,
  setup: MirrorSetup,
  options: PageOptions = {},
): Promise<OpenMirror<P>> {
  const requests = await program.openRequests()
  const mirror = await makeMirror(requests, setup)
  await requests.close()
  return { ...((await program.openPage(options)) as OpenWindow<P>), mirror }
}
