// The open part of an archive's tree as rows of a list, without ever listing them: a directory knows how many entries it
// has, of which only the pages that were looked at are in memory, and which of them are open. So a row is found in time that
// grows with what is open, not with what is there. Pure.

import type { TreeEntry, TreePage } from '../../../shared/model/window.ts'

export const pageEntries = 200

export type Folder = {
  readonly path: string
  /** Null until the first page came. */
  readonly total: number | null
  readonly pages: ReadonlyMap<number, readonly TreeEntry[]>
  /** Open directories in it, by the number of their entry. */
  readonly open: ReadonlyMap<number, string>
  readonly problems: TreePage['problems']
}

/** By path; the root is "/". A folder that was closed stays in memory, so that opening it again is at once. */
export type Folders = ReadonlyMap<string, Folder>

export type Row = {
  readonly folder: Folder
  /** Number of the entry in its folder. */
  readonly number: number
  /** 1 at the top. */
  readonly level: number
  /** Null: its page has not come yet. */
  readonly entry: TreeEntry | null
  readonly isOpen: boolean
}

export const emptyFolder = (path: string): Folder => ({
  path,
  total: null,
  pages: new Map(),
  open: new Map(),
  problems: [],
})

export const pathIn = (folder: string, name: string): string => (folder === '/' ? `/${name}` : `${folder}/${name}`)

function sortedOpen(folder: Folder): readonly (readonly [number, string])[] {
  return [...folder.open].toSorted(([a], [b]) => a - b)
}

export function rowCount(folders: Folders, path = '/'): number {
  const folder = folders.get(path)
  if (folder === undefined) return 0
  let count = folder.total ?? 0
  for (const child of folder.open.values()) count += rowCount(folders, child)
  return count
}

export function entryAt(folder: Folder, number: number): TreeEntry | null {
  return folder.pages.get(Math.floor(number / pageEntries))?.[number % pageEntries] ?? null
}

/** Null where there is no such row. */
export function rowAt(folders: Folders, index: number, path = '/', level = 1): Row | null {
  const folder = folders.get(path)
  if (folder === undefined || index < 0) return null
  // Entries of this folder before the row, were it not for what is open between them.
  let number = index
  for (const [at, child] of sortedOpen(folder)) {
    if (number <= at) break
    const inside = rowCount(folders, child)
    if (number <= at + inside) return rowAt(folders, number - at - 1, child, level + 1)
    number -= inside
  }
  if (number >= (folder.total ?? 0)) return null
  return { folder, number, level, entry: entryAt(folder, number), isOpen: folder.open.has(number) }
}

/** The row of an entry; -1 where its folder is not open. */
export function indexOf(folders: Folders, path: string, number: number): number {
  if (path === '/') return within(folders, '/', number)
  for (const folder of folders.values()) {
    for (const [at, child] of folder.open) {
      if (child !== path) continue
      const parent = indexOf(folders, folder.path, at)
      return parent < 0 ? -1 : parent + 1 + within(folders, path, number)
    }
  }
  return -1
}

/** The row of the folder that a row is in; the row itself at the top. */
export function parentOf(folders: Folders, { folder, number }: Row): number {
  for (const parent of folders.values()) {
    for (const [at, path] of parent.open) if (path === folder.path) return indexOf(folders, parent.path, at)
  }
  return indexOf(folders, folder.path, number)
}

function within(folders: Folders, path: string, number: number): number {
  const folder = folders.get(path)
  if (folder === undefined) return -1
  let index = number
  for (const [at, child] of folder.open) if (at < number) index += rowCount(folders, child)
  return index
}

function changed(folders: Folders, folder: Folder): Folders {
  return new Map(folders).set(folder.path, folder)
}

export function withPage(folders: Folders, path: string, from: number, page: TreePage): Folders {
  const folder = folders.get(path) ?? emptyFolder(path)
  const pages = new Map(folder.pages).set(Math.floor(from / pageEntries), page.entries)
  return changed(folders, { ...folder, total: page.total, pages, problems: page.problems })
}

export function opened(folders: Folders, { folder, number, entry }: Row): Folders {
  if (entry === null || entry.kind !== 'directory') return folders
  const path = pathIn(folder.path, entry.name)
  const inside = folders.get(path) ?? emptyFolder(path)
  const open = new Map(folder.open).set(number, path)
  return changed(changed(folders, inside), { ...folder, open })
}

export function closed(folders: Folders, { folder, number }: Row): Folders {
  const open = new Map(folder.open)
  open.delete(number)
  return changed(folders, { ...folder, open })
}

/**
 * The first entry of a folder whose name begins with `prefix`: directories come first, each kind sorted by name, so that
 * halving finds it among a hundred thousand with a few pages. -1 where there is none.
 */
export async function seekName(
  total: number,
  prefix: string,
  entryOf: (number: number) => Promise<TreeEntry | null>,
): Promise<number> {
  const firstWhere = async (from: number, isThere: (entry: TreeEntry) => boolean): Promise<number> => {
    let [low, high] = [from, total]
    while (low < high) {
      const middle = (low + high) >>> 1
      const entry = await entryOf(middle)
      if (entry === null) return total
      if (isThere(entry)) high = middle
      else low = middle + 1
    }
    return low
  }
  const files = await firstWhere(0, ({ kind }) => kind !== 'directory')
  const directory = await firstWhere(0, ({ kind, name }) => kind !== 'directory' || name >= prefix)
  const candidates = directory < files ? [directory] : []
  candidates.push(await firstWhere(files, ({ name }) => name >= prefix))
  for (const number of candidates) {
    if (number < total && (await entryOf(number))?.name.startsWith(prefix) === true) return number
  }
  return -1
}

/** Pages that the rows of a window need and nobody has asked for: folder and first entry of each. */
export function pagesWanted(
  folders: Folders,
  first: number,
  last: number,
): readonly { readonly path: string; readonly from: number }[] {
  const wanted = new Map<string, { readonly path: string; readonly from: number }>()
  for (let index = first; index <= last; index++) {
    const row = rowAt(folders, index)
    if (row === null) break
    if (row.entry !== null) continue
    const from = row.number - (row.number % pageEntries)
    wanted.set(`${row.folder.path} ${from}`, { path: row.folder.path, from })
  }
  return [...wanted.values()]
}
