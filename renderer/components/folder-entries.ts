// What a chooser shows of a folder, and which path it means. Pure. The service may run on another system than the page, so
// which sign stands between names is told from the path of the folder.

import type { FolderEntry, FolderListing } from '../../shared/model/window.ts'

export type ChooserMode = 'file' | 'folder'

export type EntryFilter = {
  readonly mode: ChooserMode
  /** Of a name, in any case; empty: all. */
  readonly part: string
  readonly isHiddenShown: boolean
}

export function shownEntries({ entries }: FolderListing, filter: EntryFilter): readonly FolderEntry[] {
  const { mode, part, isHiddenShown } = filter
  const wanted = part.trim().toLowerCase()
  return entries.filter(({ name, isFolder }) => {
    if (mode === 'folder' && !isFolder) return false
    if (name.startsWith('.') && !isHiddenShown) return false
    return wanted === '' || name.toLowerCase().includes(wanted)
  })
}

export function joinPath(folder: string, name: string): string {
  const separator = folder.includes('\\') && !folder.startsWith('/') ? '\\' : '/'
  return folder.endsWith(separator) ? `${folder}${name}` : `${folder}${separator}${name}`
}

export type Chosen = {
  readonly mode: ChooserMode
  /** Null: nothing was typed since the folder was opened. */
  readonly typed: string | null
  readonly listing: FolderListing | null
  readonly selected: string | null
}

/** What the button chooses; null: nothing yet. */
export function chosenPath({ mode, typed, listing, selected }: Chosen): string | null {
  if (typed !== null) return typed.trim() === '' ? null : typed.trim()
  if (listing === null) return null
  if (selected !== null) {
    const entry = listing.entries.find(({ name }) => name === selected)
    if (entry !== undefined && (mode === 'folder' || !entry.isFolder)) return joinPath(listing.path, selected)
  }
  return mode === 'folder' ? listing.path : null
}
