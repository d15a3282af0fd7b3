// Replaces a small file so that at every instant, also after power loss, the old or the new content is there whole:
// temporary name, fsync, rename, fsync of the folder.

import { randomBytes } from 'node:crypto'
import { open, rename, unlink, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AppError } from '../../../shared/errors.ts'
import { makeFolder } from '../make-folder.ts'

const newline = 0x0a
/** How the names of unfinished writes end. */
export const temporarySuffix = '.tmp'

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
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}${temporarySuffix}`
  try {
    await makeFolder(dirname(path), 0o700)
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

/** Whether the last line of a file was cut off by a crash: the next one must not be glued to it. */
async function endsInMidLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat()
  if (size === 0) return false
  const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return bytesRead === 1 && buffer[0] !== newline
}

/** Appends one line, in one write, and brings it to disk. */
export async function appendLine(path: string, line: string): Promise<void> {
  try {
    await makeFolder(dirname(path), 0o700)
    const file = await open(path, 'a+', 0o600)
    try {
      await file.writeFile(`${(await endsInMidLine(file)) ? '\n' : ''}${line}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new AppError('state-write', `cannot append to ${path}: ${code}`, { data: { path, code }, cause: error })
  }
}
