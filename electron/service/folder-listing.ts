// Folders of this computer, for choosing a file or a folder in them. Names only: nothing is opened, and what is behind a
// link is said but not followed into the listing.

import { readdir, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { AppError } from '../../shared/errors.ts'
import type { FolderEntry, FolderListing } from '../../shared/model/window.ts'
import { errnoOf } from '../engine/errno.ts'
import { makeFolder } from '../engine/make-folder.ts'
import { isSshText } from '../engine/ssh/address.ts'

const maxEntries = 2000
/** Asked for their kind and size at the same time. */
const atOnce = 32

/** What a person typed as an absolute path: `~` is the home, and so is where a relative one starts; ssh://… stays so. */
export function absolutePath(typed: string, home: string): string {
  const path = typed.trim()
  if (isSshText(path)) return path
  if (path === '~') return home
  if (path.startsWith('~/')) return join(home, path.slice(2))
  return isAbsolute(path) ? path : resolve(home, path)
}

/** The same of a folder, which is looked into or made here and nowhere else. Rejects with usage. */
export function folderPath(typed: string, home: string): string {
  const path = absolutePath(typed, home)
  if (!isSshText(path)) return path
  throw new AppError('usage', `${path} is on another machine: folders are listed and made on this computer only`, {
    data: {
      safe: 'Nothing was opened or made.',
      next: 'Type the whole path of the file or device there, or choose a folder here.',
    },
  })
}

async function entryOf(folder: string, name: string): Promise<FolderEntry | null> {
  const found = await stat(join(folder, name)).catch(() => null)
  if (found === null) return null
  const isFolder = found.isDirectory()
  return { name, isFolder, sizeBytes: isFolder || !found.isFile() ? null : found.size }
}

const isHidden = (name: string): boolean => name.startsWith('.')

function inOrder(a: FolderEntry, b: FolderEntry): number {
  if (isHidden(a.name) !== isHidden(b.name)) return isHidden(a.name) ? 1 : -1
  if (a.isFolder !== b.isFolder) return a.isFolder ? -1 : 1
  return a.name.localeCompare(b.name, 'en', { numeric: true, sensitivity: 'base' })
}

function cannotList(path: string, error: unknown): AppError {
  const code = errnoOf(error)
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such folder',
    ENOTDIR: 'it is no folder',
    EACCES: 'this user may not look into it',
  }
  return new AppError('source-open', `cannot list ${path}: ${words[code] ?? code}`, {
    data: { path, code, safe: 'Nothing was opened.', next: 'Choose another folder, or type the whole path.' },
    cause: error,
  })
}

/** Rejects with source-open. */
export async function listFolder(path: string): Promise<FolderListing> {
  let names: readonly string[]
  try {
    names = await readdir(path)
  } catch (error) {
    throw cannotList(path, error)
  }
  // A cut must not depend on the order of the file system; hidden names go first.
  const sorted = names.toSorted((a, b) => Number(isHidden(a)) - Number(isHidden(b)) || a.localeCompare(b, 'en'))
  const kept = sorted.slice(0, maxEntries)
  const entries: FolderEntry[] = []
  for (let at = 0; at < kept.length; at += atOnce) {
    const found = await Promise.all(kept.slice(at, at + atOnce).map(async (name) => await entryOf(path, name)))
    for (const entry of found) if (entry !== null) entries.push(entry)
  }
  const parent = dirname(path)
  return {
    path,
    parent: parent === path ? null : parent,
    entries: entries.toSorted(inOrder),
    isCut: names.length > maxEntries,
  }
}

/** Makes it when it is not there. Rejects with extract-write. */
export async function ensureFolder(path: string): Promise<void> {
  try {
    await makeFolder(path)
  } catch (error) {
    const code = errnoOf(error)
    const what = code === 'EEXIST' || code === 'ENOTDIR' ? 'something that is no folder stands there' : code
    throw new AppError('extract-write', `cannot use the folder ${path}: ${what}`, {
      data: { path, code, safe: 'Nothing was written.', next: 'Choose another folder, or one this user may write to.' },
      cause: error,
    })
  }
}
