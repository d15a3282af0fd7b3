// Writes a vac archive of real size and mixture to ventis: seeded, most files small and most blocks in large ones, a few
// dozen files to a directory. Nothing of it is kept here: each file goes out before the next one is made.

import type { RootScore, Score } from '../../shared/model/score.ts'
import type { VentiClient } from '../../electron/engine/venti/client/client.ts'
import { sha1 } from '../../electron/engine/hash/sha1.ts'
import { MemoryBlocks } from '../helpers/memory-blocks.ts'
import { VacBuilder, type NodePlan } from '../helpers/vac-builder.ts'
import { fillBlock, seeded, type Random } from './seeded-blocks.ts'

const blockBytes = 8192
const filesInDirectory = 40
const directoriesInDirectory = 30
const largePart = 0.04
/** Sizes are spread evenly over their logarithm. */
const small = { least: 200, most: 16 * 1024 }
const large = { least: 32 * 1024, most: 8 * 1024 * 1024 }

export type BenchArchive = {
  readonly root: RootScore
  /** Different blocks, and those of them that hold 8 KiB of a file. */
  readonly blocks: number
  readonly fullBlocks: number
  readonly bytes: number
  readonly files: number
  /** Of all files, as they are restored. */
  readonly fileBytes: number
}

type Posted = { readonly type: number; readonly data: Uint8Array; readonly score: Score }

/** Stands where the builder's store stands, and only hands on: what comes up is sent, and forgotten. */
export class Outbox extends MemoryBlocks {
  readonly #seen = new Set<string>()
  #waiting: Posted[] = []
  #failure: Error | null = null
  bytes = 0
  fullBlocks = 0

  get count(): number {
    return this.#seen.size
  }

  override put(type: number, data: Uint8Array): Score {
    const score = sha1(data)
    const key = `${score}/${type}`
    if (this.#seen.has(key)) return score
    this.#seen.add(key)
    this.bytes += data.length
    if (data.length > blockBytes - 8) this.fullBlocks++
    this.#waiting.push({ type, data, score })
    return score
  }

  /** Resolves when everything has been handed over; what became of it is told by settle(). */
  async send(clients: readonly VentiClient[]): Promise<void> {
    const blocks = this.#waiting
    this.#waiting = []
    await Promise.all(
      clients.map(async (client) => {
        for (const { type, data, score } of blocks) {
          if (!client.hasRoom) await new Promise<void>((resolve) => client.onRoom(resolve))
          client.write(type, data, score, (error) => (this.#failure ??= error))
        }
      }),
    )
    if (this.#failure !== null) throw this.#failure
  }

  async settle(clients: readonly VentiClient[]): Promise<void> {
    await this.send(clients)
    await Promise.all(clients.map((client) => client.sync()))
    if (this.#failure !== null) throw this.#failure
  }
}

function sizeBetween({ least, most }: typeof small, random: Random): number {
  return Math.round(least * (most / least) ** (random() / 2 ** 32))
}

function contents(sizeBytes: number, random: Random, compressible: boolean): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(sizeBytes / blockBytes) * blockBytes)
  for (let at = 0; at < bytes.length; at += blockBytes) {
    fillBlock(bytes.subarray(at, at + blockBytes), random, compressible)
  }
  return bytes.subarray(0, sizeBytes)
}

/** At least `fullBlocks` blocks of 8 KiB with all that leads to them; on the disks of all `clients` when it resolves. */
export async function makeArchive(
  clients: readonly VentiClient[],
  options: { readonly fullBlocks: number; readonly compressiblePart: number; readonly seed: number },
): Promise<BenchArchive> {
  const random = seeded(options.seed)
  const chance = (part: number): boolean => random() % 1000 < part * 1000
  const outbox = new Outbox()
  const builder = new VacBuilder({ store: outbox })
  let nodes = 0
  // No two blocks of names may be alike: a walk that forgets where it was would visit them twice.
  const named = (name: string, rest: Omit<NodePlan, 'name'>): NodePlan => {
    nodes++
    return { name, attributes: { qid: BigInt(nodes), mtime: 1552593600 + nodes }, ...rest }
  }
  const top: NodePlan[] = []
  let parent: NodePlan[] = []
  let files = 0
  let fileBytes = 0
  // unvac searches the names of a block by halves, so they have to be sorted, as vac writes them.
  const numbered = (kind: string, number: number): string => `${kind}-${String(number).padStart(3, '0')}`
  while (outbox.fullBlocks < options.fullBlocks) {
    const children: NodePlan[] = []
    for (let i = 0; i < filesInDirectory; i++) {
      const sizeBytes = sizeBetween(chance(largePart) ? large : small, random)
      const entry = builder.put(contents(sizeBytes, random, chance(options.compressiblePart)))
      children.push(named(numbered('file', i), { entry }))
      files++
      fileBytes += sizeBytes
      await outbox.send(clients)
    }
    if (parent.length === 0) top.push(named(numbered('year', top.length), { children: parent }))
    parent.push(named(numbered('project', parent.length), { children }))
    if (parent.length === directoriesInDirectory) parent = []
  }
  const root = builder.archive([named('glenda', { children: top })])
  await outbox.settle(clients)
  return { root, blocks: outbox.count, fullBlocks: outbox.fullBlocks, bytes: outbox.bytes, files, fileBytes }
}
