// Directories of one open archive as the window pages through them: read once, sorted, and kept while they are looked at,
// so that the next page of a hundred thousand names costs nothing. Bounded in all respects (R9).

import type { TreeProblem } from '../../shared/model/verify.ts'
import type { TreeEntry, TreePage } from '../../shared/model/window.ts'
import { countOf, formatCount } from '../../shared/text/format.ts'
import { listedFile } from '../engine/extract/list-tree.ts'
import type { VacTree } from '../engine/vac/tree.ts'
import type { VacFile } from '../engine/vac/vac-file.ts'

export type ListingLimits = {
  /** Of one directory, and of all that are kept together. */
  readonly maxEntries: number
  readonly maxListings: number
  readonly maxFiles: number
}

const usualLimits: ListingLimits = { maxEntries: 200_000, maxListings: 8, maxFiles: 256 }
/** Of names in one directory. */
const maxNameCharacters = 16 * 1024 * 1024
const maxProblems = 100
/** Entries in one answer. */
const maxPage = 5000

type Named = Omit<TreeEntry, 'path'>
type Listing = { readonly entries: readonly Named[]; readonly problems: readonly TreeProblem[] }

/** One `/` before every name; the root is "/". */
export function plainPath(path: string): string {
  return `/${path.split('/').filter(Boolean).join('/')}`
}

const byKindAndName = (a: Named, b: Named): number => {
  const [first, second] = [a.kind === 'directory', b.kind === 'directory']
  if (first !== second) return first ? -1 : 1
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}

/** Owners and modes are the same few texts a hundred thousand times. */
class Texts {
  readonly #known = new Map<string, string>()

  same(text: string): string {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    if (this.#known.size < 1000) this.#known.set(text, text)
    return text
  }
}

export class DirectoryListings {
  readonly #tree: VacTree
  readonly #limits: ListingLimits
  /** The one used last stands last. */
  readonly #listings = new Map<string, Promise<Listing>>()
  readonly #sizes = new Map<string, number>()
  readonly #files = new Map<string, VacFile>()

  constructor(tree: VacTree, limits: ListingLimits = usualLimits) {
    this.#tree = tree
    this.#limits = limits
  }

  /** Rejects as VacTree.lookup does. */
  async file(path: string): Promise<VacFile> {
    let file = this.#tree.rootFile
    let at = ''
    for (const part of path.split('/')) {
      if (part === '') continue
      at += `/${part}`
      const known = this.#files.get(at)
      if (known === undefined) {
        file = await this.#tree.lookup(part, file)
        this.#keepFile(at, file)
      } else file = known
    }
    return file
  }

  /** Rejects as VacTree.lookup does, and with no-such-path for what is no directory. */
  async page(asked: string, from: number, count: number): Promise<TreePage> {
    const path = plainPath(asked)
    const { entries, problems } = await this.#listing(path, from)
    const prefix = path === '/' ? '/' : `${path}/`
    const page = entries.slice(from, from + Math.min(count, maxPage))
    return { path, entries: page.map((one) => ({ ...one, path: prefix + one.name })), total: entries.length, problems }
  }

  async #listing(path: string, from: number): Promise<Listing> {
    const known = this.#listings.get(path)
    if (known !== undefined) {
      const listing = await known
      // A block that was missing may have been healed since: looking again begins at the first page.
      if (listing.problems.length === 0 || from > 0) {
        this.#keep(path, known, listing)
        return listing
      }
      if (this.#listings.get(path) === known) this.#forget(path)
      else return await this.#listing(path, 1)
    }
    const coming = this.file(path).then(async (directory) => await this.#read(directory))
    this.#listings.set(path, coming)
    try {
      const listing = await coming
      this.#keep(path, coming, listing)
      return listing
    } catch (error) {
      if (this.#listings.get(path) === coming) this.#forget(path)
      throw error
    }
  }

  async #read(directory: VacFile): Promise<Listing> {
    const texts = new Texts()
    const entries: Named[] = []
    const problems: TreeProblem[] = []
    let more = 0
    let characters = 0
    const problem = ({ path, message }: TreeProblem): void => {
      if (problems.length < maxProblems) problems.push({ path, message })
      else more++
    }
    for await (const listed of this.#tree.list(directory)) {
      if (listed.kind === 'problem') {
        problem(listed)
        continue
      }
      const { file } = listed
      characters += file.name.length
      if (entries.length === this.#limits.maxEntries || characters > maxNameCharacters) {
        const message = `only ${formatCount(entries.length)} of its names are listed: it has more than can be shown`
        problems.unshift({ path: directory.path, message })
        break
      }
      entries.push(namedOf(file, texts))
      if (file.problem !== null) problem(file.problem)
    }
    if (more > 0) problems.push({ path: directory.path, message: `${countOf(more, 'more problem')} in this directory` })
    entries.sort(byKindAndName)
    return { entries, problems }
  }

  #keep(path: string, coming: Promise<Listing>, { entries }: Listing): void {
    // Forgotten while it was read.
    if (this.#listings.get(path) !== coming) return
    this.#forget(path)
    this.#listings.set(path, coming)
    this.#sizes.set(path, entries.length)
    const { maxEntries, maxListings } = this.#limits
    let total = [...this.#sizes.values()].reduce((sum, one) => sum + one, 0)
    for (const [oldest, size] of this.#sizes) {
      if (oldest === path || (total <= maxEntries && this.#sizes.size <= maxListings)) break
      this.#forget(oldest)
      total -= size
    }
  }

  #forget(path: string): void {
    this.#listings.delete(path)
    this.#sizes.delete(path)
  }

  #keepFile(path: string, file: VacFile): void {
    if (file.problem !== null) return
    this.#files.set(path, file)
    const [oldest] = this.#files.keys()
    if (this.#files.size > this.#limits.maxFiles && oldest !== undefined) this.#files.delete(oldest)
  }
}

/** Field by field: objects made by taking one away cost a second for every hundred thousand. */
function namedOf(file: VacFile, texts: Texts): Named {
  const { kind, letters, mode, uid, gid, mid, size, mtime } = listedFile(file, '')
  return {
    name: file.name,
    kind,
    letters: texts.same(letters),
    mode: texts.same(mode),
    uid: texts.same(uid),
    gid: texts.same(gid),
    mid: texts.same(mid),
    size,
    mtime,
  }
}
