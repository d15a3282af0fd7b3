// The source that stands beside a 9fat: on a disk written DISK:9fat, the arenas partition of the same disk. Never chosen
// between several that fit.

import { listDisk } from '../disk/discover.ts'
import { fileExists, openFileSource } from '../source/any-file.ts'
import { parseNamePath } from '../source/path-forms.ts'

export type BesideNinefat =
  | { readonly path: string; readonly why: null }
  /** Why there is none: a sentence. */
  | { readonly path: null; readonly why: string }

const none = (why: string): BesideNinefat => ({ path: null, why })

/** `partition` is the path that a wrcmd names; only its last element says something here. */
export async function arenasBeside(ninefat: string, partition: string | null): Promise<BesideNinefat> {
  const named = (await fileExists(ninefat)) ? null : parseNamePath(ninefat)
  if (named === null) return none(`${ninefat} is not written DISK:9fat, so its arenas are not known here`)
  const disk = await openFileSource(named.file)
  try {
    const { partitions } = await listDisk(disk)
    const arenas = partitions.filter(({ kind }) => kind === 'arenas')
    const [first, second] = arenas
    if (first === undefined) return none(`there is no arenas partition on ${named.file}`)
    if (second === undefined) return { path: first.path, why: null }
    const last = partition?.split('/').at(-1)
    const own = arenas.filter(({ name }) => name === last)
    if (own.length === 1) return { path: (own[0] as { path: string }).path, why: null }
    const names = arenas.map(({ name }) => name).join(', ')
    return none(`${named.file} has several arenas partitions (${names}), and which one is meant is not known`)
  } finally {
    await disk.close()
  }
}
