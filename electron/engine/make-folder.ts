// Folders made with those above them. Node's own mkdir({ recursive: true }) never comes back where a file system answers
// ENOENT below a folder that exists, as /proc does (seen with Node 20), so this tries once more, and no more, when the
// folder above is there: it may have been made by another just now.

import { mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { errnoOf } from './errno.ts'

/** True when it was made, false when it was there. Rejects as mkdir does; EEXIST when something else stands there. */
export async function makeFolder(path: string, mode = 0o777): Promise<boolean> {
  const whole = resolve(path)
  const made = await makeOne(whole, mode)
  if (made !== null) return made
  const parent = dirname(whole)
  if (parent !== whole) await makeFolder(parent, mode)
  const madeNow = await makeOne(whole, mode)
  if (madeNow !== null) return madeNow
  // As it was: the error says which folder.
  await mkdir(whole, mode)
  return true
}

/** Null where the folder above is not there, or so the file system says. */
async function makeOne(path: string, mode: number): Promise<boolean | null> {
  try {
    await mkdir(path, mode)
    return true
  } catch (error) {
    const code = errnoOf(error)
    if (code === 'ENOENT') return null
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return false
    throw error
  }
}
