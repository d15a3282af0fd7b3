// Replaces a small file so that at every instant, also after power loss, the old or the new content is there whole:
// temporary name, fsync, rename, fsync of the folder.

import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AppError } from '../../../shared/errors.ts'

async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder; its rename is durable by the file system's journal.
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Rejects with `state-write`; the old content is then untouched. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
    await syncFolder(dirname(path))
  } catch (error) {
    await unlink(temporary).catch(() => undefined)
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new AppError('state-write', `cannot save ${path}: ${code}. The file saved before is unchanged`, {
      data: { path, code },
      cause: error,
    })
  }
}

/** Appends one line, in one write, and brings it to disk. */
export async function appendLine(path: string, line: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const file = await open(path, 'a', 0o600)
    try {
      await file.writeFile(`${line}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new AppError('state-write', `cannot append to ${path}: ${code}`, { data: { path, code }, cause: error })
  }
}
