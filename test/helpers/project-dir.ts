// Where the project lies, for tests that run its programs.

import { fileURLToPath } from 'node:url'

export const projectDir = fileURLToPath(new URL('../..', import.meta.url))

/** For import(): of a file of the project. */
export const projectUrl = (path: string): string => new URL(`../../${path}`, import.meta.url).href
