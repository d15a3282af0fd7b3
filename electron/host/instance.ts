// One window on one state folder: window.lock is held while it runs, and window.json says where it is, without a token, so
// that a second one can send its user to the first.

import { readFile, realpath, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../shared/errors.ts'
import { errnoOf } from '../engine/errno.ts'
import { makeFolder } from '../engine/make-folder.ts'
import { acquireFileLock } from '../engine/state/file-lock.ts'
import { writeAtomically } from '../engine/state/atomic-write.ts'

export type Instance = {
  /** The state folder without symbolic links. */
  readonly stateDir: string
  /** For the next one that tries. */
  tellAddress(address: string): Promise<void>
  release(): Promise<void>
}

/** Of the window that has the folder; null when it does not say. */
async function addressIn(path: string): Promise<string | null> {
  try {
    const { address } = JSON.parse(await readFile(path, 'utf8')) as { address?: unknown }
    return typeof address === 'string' && /^http:\/\/127\.0\.0\.1:\d+\/$/.test(address) ? address : null
  } catch {
    return null
  }
}

async function lockedError(stateDir: string, path: string, cause: AppError): Promise<AppError> {
  const address = await addressIn(path)
  const { pid = null } = cause.data
  const where = address === null ? '' : ` at ${address}`
  const who = pid === null ? '' : ` (process ${pid})`
  return new AppError('state-locked', `a window on ${stateDir} is open already${where}${who}`, {
    data: {
      stateDir,
      address,
      pid,
      safe: 'Nothing was started; that window goes on undisturbed.',
      next: 'Go on there (Enter in its terminal prints a new link), end it with Ctrl-C, or name another folder with --state.',
    },
    cause,
  })
}

async function openFolder(path: string): Promise<string> {
  try {
    await makeFolder(path, 0o700)
    return await realpath(path)
  } catch (error) {
    const code = errnoOf(error)
    const isFile = code === 'EEXIST' || code === 'ENOTDIR'
    throw new AppError(
      'state-write',
      `cannot use ${path} as state folder: ${isFile ? 'it is a file, or lies in one' : code}`,
      {
        data: { path, code, safe: 'Nothing was started.', ...(isFile ? { next: 'Name a folder.' } : {}) },
        cause: error,
      },
    )
  }
}

/** Makes the folder when it is not there. Rejects with state-locked while another window has it, and with state-write. */
export async function takeInstance(folder: string): Promise<Instance> {
  const stateDir = await openFolder(folder)
  const path = join(stateDir, 'window.json')
  try {
    const lock = await acquireFileLock(join(stateDir, 'window'))
    return {
      stateDir,
      tellAddress: (address) => writeAtomically(path, `${JSON.stringify({ address, pid: process.pid })}\n`),
      release: async () => {
        await unlink(path).catch(() => undefined)
        await lock.release()
      },
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    if (error.code === 'store-locked') throw await lockedError(stateDir, path, error)
    const { code = null } = error.data
    throw new AppError('state-write', `cannot use ${stateDir} as state folder: ${code}`, {
      data: { path: stateDir, code, safe: 'Nothing was started.' },
      cause: error,
    })
  }
}
