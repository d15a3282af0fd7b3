// Folders made with those above them. Node's own mkdir({ recursive: true }) never comes back where a file system answers
// ENOENT below a folder that exists, as /proc does (seen with Node 20), so this asks what is there before it goes up.

import { mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { errnoOf } from './errno.ts'

const isThere = async (path: string): Promise<boolean> =>
  await stat(path).then(
    () => true,
    () => false,
  )

/** True when it was made, false when it was there. Rejects as mkdir does; EEXIST when something else stands there. */
export async function makeFolder(path: string, mode = 0o777): Promise<boolean> {
  const whole = resolve(path)
  try {
    await mkdir(whole, mode)
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST' && (await stat(whole)).isDirectory()) return false
    const parent = dirname(whole)
    if (errnoOf(error) !== 'ENOENT' || parent === whole || (await isThere(parent))) throw error
  }
  await makeFolder(dirname(whole), mode)
  return await makeFolder(whole, mode)
}
