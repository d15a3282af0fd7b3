// Where keys of machines are kept that were accepted here: one file in the state folder, whichever face asked.

import { join } from 'node:path'

/** In the format of known_hosts. */
export const trustFileIn = (stateDir: string): string => join(stateDir, 'ssh_known_hosts')

export type TrustFiles = { readonly trustFile: string; readonly alsoTrusted: readonly string[] }

/** A state folder of its own is no reason to ask again about a machine that was accepted before, with the usual one. */
export function trustFilesFor(stateDir: string, usualStateDir: string): TrustFiles {
  return {
    trustFile: trustFileIn(stateDir),
    alsoTrusted: stateDir === usualStateDir ? [] : [trustFileIn(usualStateDir)],
  }
}
