// Where keys of machines are kept that were accepted here: one file in the state folder, whichever face asked.

import { join } from 'node:path'

/** In the format of known_hosts. */
export const trustFileIn = (stateDir: string): string => join(stateDir, 'ssh_known_hosts')
