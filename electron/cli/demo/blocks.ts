// Which blocks are in a partition file, and whether a server really has them: the demo's own evidence, independent of what
// a sync says of itself. A set of blocks is its sorted lines score/type/size, type as on disk.

import { createHash } from 'node:crypto'
import type { Score } from '../../../shared/model/score.ts'
import { sha1 } from '../../engine/hash/sha1.ts'
import { openFileSource } from '../../engine/source/any-file.ts'
import { openArena } from '../../engine/venti/arena/arena.ts'
import { openArenaPartition } from '../../engine/venti/arena/arena-partition.ts'
import { ClumpScanner, type ClumpItem } from '../../engine/venti/arena/clump-scanner.ts'
import { connectVenti } from '../../engine/venti/client/client.ts'
import { parseDial } from '../../engine/venti/client/dial.ts'

export type Block = { readonly score: Score; readonly type: number; readonly size: number }
export type FoundClump = Pick<ClumpItem, 'arena' | 'offset' | 'index' | 'type' | 'score' | 'storedSize'> & {
  readonly size: number
  /** Byte address of the stored data in the partition. */
  readonly dataOffset: number
}

/** Reads asked for at a time. */
const window = 32

export async function clumpsOf(path: string): Promise<readonly FoundClump[]> {
  const source = await openFileSource(path)
  try {
    const partition = await openArenaPartition(source)
    const found: FoundClump[] = []
    for (const entry of partition.entries) {
      const { arena } = await openArena(partition, entry, { head: true, seal: false })
      if (arena === null) continue
      for await (const items of new ClumpScanner(arena, { from: 0, index: 0 }).run()) {
        for (const item of items) {
          if (item.kind !== 'clump') continue
          const { offset, index, type, score, storedSize, nextOffset, data } = item
          const dataOffset = arena.dataBase + nextOffset - storedSize
          found.push({ arena: arena.name, offset, index, type, score, storedSize, size: data.length, dataOffset })
        }
      }
    }
    return found
  } finally {
    await source.close()
  }
}

export function blockLines(blocks: readonly Block[]): readonly string[] {
  return [...new Set(blocks.map(({ score, type, size }) => `${score}/${type}/${size}`))].toSorted()
}

export function blocksHash(lines: readonly string[]): string {
  return createHash('sha256')
    .update(lines.map((line) => `${line}\n`).join(''))
    .digest('hex')
}

export type ReadBack = { readonly whole: number; readonly missing: readonly string[] }

/** Asks the server for every block and hashes what comes. */
export async function readBack(dial: string, blocks: readonly Block[]): Promise<ReadBack> {
  const client = await connectVenti(parseDial(dial))
  const missing: string[] = []
  let next = 0
  let whole = 0
  const reader = async (): Promise<void> => {
    while (next < blocks.length) {
      const { score, type, size } = blocks[next++] as Block
      const bytes = await client.read(score, type).catch(() => null)
      if (bytes !== null && bytes.length === size && sha1(bytes) === score) whole++
      else missing.push(score)
    }
  }
  try {
    await Promise.all(Array.from({ length: window }, reader))
    return { whole, missing }
  } finally {
    await client.close()
  }
}
