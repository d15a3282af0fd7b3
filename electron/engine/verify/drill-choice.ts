// Which files of an archive a restore drill reads: drawn from the whole tree while it is listed, with as much memory as the
// files drawn need (reservoir sampling, Vitter's algorithm R). Nothing but the tree and the seed decides, so that a drill
// can be repeated. Directories that share all their blocks, as the daily snapshots of a fossil do, count once: else the
// listing would be as long as the history, or without end in an archive made for that (R9).

import type { VacEntry } from '../vac/entry.ts'
import type { VacTree } from '../vac/tree.ts'
import type { VacFile } from '../vac/vac-file.ts'
import { SeenKeys } from './seen.ts'

export type ChosenFile = {
  readonly path: string
  /** Null with `problem`. */
  readonly entry: VacEntry | null
  readonly problem: string | null
}

export type Choice = {
  /** In the order of the listing. */
  readonly chosen: readonly ChosenFile[]
  /** Files that could have been drawn. */
  readonly files: number
  /** Places that could not be listed: what is below was not drawn from. */
  readonly unlisted: readonly string[]
  readonly unlistedCount: number
}

const maxDepth = 500
const maxUnlisted = 20
const maxPathText = 4096

/** Numbers from 0 up to 1, the same everywhere for one seed of 32 bits (mulberry32, 53 bits of two draws). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  const draw = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  return () => ((draw() >>> 5) * 2 ** 26 + (draw() >>> 6)) / 2 ** 53
}

export class Reservoir<T> {
  readonly #size: number
  readonly #random: () => number
  readonly #held: { readonly item: T; readonly number: number }[] = []
  #offered = 0

  constructor(size: number, random: () => number) {
    this.#size = size
    this.#random = random
  }

  get offered(): number {
    return this.#offered
  }

  offer(make: () => T): void {
    const number = this.#offered++
    const at = number < this.#size ? number : Math.floor(this.#random() * this.#offered)
    if (at < this.#size) this.#held[at] = { item: make(), number }
  }

  /** In the order in which they were offered. */
  drawn(): readonly T[] {
    return this.#held.toSorted((a, b) => a.number - b.number).map(({ item }) => item)
  }
}

const cutPath = (path: string): string => (path.length > maxPathText ? `…${path.slice(-maxPathText)}` : path)

const streamKey = ({ score, size, depth, psize, dsize }: VacEntry): string =>
  [score, size, depth, psize, dsize].join('/')

class Chooser {
  readonly #tree: VacTree
  readonly #reservoir: Reservoir<ChosenFile>
  readonly #seen = new SeenKeys()
  readonly unlisted: string[] = []
  unlistedCount = 0

  constructor(tree: VacTree, reservoir: Reservoir<ChosenFile>) {
    this.#tree = tree
    this.#reservoir = reservoir
  }

  async list(dir: VacFile, depth: number): Promise<void> {
    const { entry, meta } = dir
    if (entry !== null && meta !== null && !this.#seen.claim(`${streamKey(entry)} ${streamKey(meta)}`)) return
    if (depth > maxDepth) {
      this.#note(`${cutPath(dir.path)}: it is more than ${maxDepth} folders deep`)
      return
    }
    for await (const listed of this.#tree.list(dir)) {
      if (listed.kind === 'problem') {
        // Where all blocks are there, the walk judges what they say.
        if (listed.error !== null) this.#note(`${cutPath(listed.path)}: ${listed.message}`)
      } else if (listed.file.isDirectory) await this.list(listed.file, depth + 1)
      else this.#reservoir.offer(() => chosenFrom(listed.file))
    }
  }

  #note(text: string): void {
    this.unlistedCount++
    if (this.unlisted.length < maxUnlisted) this.unlisted.push(text)
  }
}

function chosenFrom({ path, entry, problem }: VacFile): ChosenFile {
  const message = problem?.message ?? (entry === null ? 'it has no contents' : null)
  return { path: cutPath(path), entry: message === null ? entry : null, problem: message }
}

/** Rejects with `bad-tree` where a directory is a trick, `cancelled`, and when the store itself fails. */
export async function chooseFiles(tree: VacTree, wanted: number, random: () => number): Promise<Choice> {
  const reservoir = new Reservoir<ChosenFile>(wanted, random)
  const chooser = new Chooser(tree, reservoir)
  await chooser.list(tree.rootFile, 1)
  const { unlisted, unlistedCount } = chooser
  return { chosen: reservoir.drawn(), files: reservoir.offered, unlisted, unlistedCount }
}
