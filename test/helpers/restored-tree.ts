// What stands in a folder, in the form of a trees/*.json manifest, and such a manifest without what a restore cannot keep:
// owners belong to whoever ran it.

import { createHash } from 'node:crypto'
import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { TreeEntry } from './fixtures.ts'

export type RestoredEntry = {
  readonly kind: 'file' | 'dir' | 'symlink'
  readonly mode?: string
  readonly mtime?: number
  readonly size?: number
  readonly sha256?: string
  readonly target?: string
}

export async function restoredTree(folder: string): Promise<Record<string, RestoredEntry>> {
  const found: Record<string, RestoredEntry> = {}
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const name = relative(folder, path).split(sep).join('/')
    const about = await lstat(path)
    const mode = (about.mode & 0o777).toString(8)
    const mtime = Math.floor(about.mtimeMs / 1000)
    if (about.isSymbolicLink()) found[name] = { kind: 'symlink', target: await readlink(path) }
    else if (about.isDirectory()) found[name] = { kind: 'dir', mode, mtime }
    else found[name] = { kind: 'file', mode, mtime, size: about.size, sha256: sha256(await readFile(path)) }
  }
  return found
}

export function withoutOwners(entries: Readonly<Record<string, TreeEntry>>): Record<string, RestoredEntry> {
  return Object.fromEntries(Object.entries(entries).map(([name, { uid: _uid, gid: _gid, ...rest }]) => [name, rest]))
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
