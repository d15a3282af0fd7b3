// Memory of the log is used again while blocks of it are still on their way: whatever the order in which they are let go,
// and whatever is damaged in between, every block is what its score says until then, and the scan yields what a scan yields
// whose blocks all stay.

import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { openFileSource } from '../../electron/engine/source/any-file.ts'
import { openArena } from '../../electron/engine/venti/arena/arena.ts'
import { openArenaPartition } from '../../electron/engine/venti/arena/arena-partition.ts'
import { ClumpScanner, type ClumpItem } from '../../electron/engine/venti/arena/clump-scanner.ts'
import { PiecePool, pieceBytes } from '../../electron/engine/venti/arena/piece.ts'
import { buildPartition, noise, prose } from '../helpers/image-builder.ts'
import { keyOf, scanSource } from '../helpers/scan-calls.ts'
import { scratchDir } from '../helpers/scratch.ts'

const sizes = [57_344, 8192, 40_000, 8192, 300]
const blocks = Array.from({ length: 360 }, (_, at) => {
  const size = sizes[at % sizes.length] as number
  return { data: at % 3 === 0 ? prose(size, at) : noise(size, at) }
})
const { bytes: image, arenas } = buildPartition({ arenas: [{ blocks, state: 'sealed' }] })
const clumps = arenas[0]!.clumps

const isWhole = ({ data, score }: ClumpItem): boolean => createHash('sha1').update(data).digest('hex') === score

/** What came out, and in how many pieces of memory it lay. Keeps up to `lag` blocks, and lets go of any of those. */
async function scanLettingGo(path: string, lag: number, seed: number): Promise<{ keys: string[]; pieces: number }> {
  const source = await openFileSource(path)
  try {
    const partition = await openArenaPartition(source)
    const { arena } = await openArena(partition, partition.entries[0]!, { head: true, seal: true })
    const kept: ClumpItem[] = []
    const keys: string[] = []
    const pieces = new Set<ArrayBufferLike>()
    const letGo = (at: number): void => {
      const [item] = kept.splice(at, 1) as [ClumpItem]
      if (!isWhole(item)) throw new Error(`the block at ${item.offset} was written over`)
      item.piece?.release()
    }
    for await (const items of new ClumpScanner(arena!, { from: 0, index: 0, pool: new PiecePool() }).run()) {
      for (const item of items) {
        keys.push(keyOf(item))
        if (item.kind !== 'clump') continue
        if (item.piece) pieces.add(item.piece.bytes.buffer)
        kept.push(item)
        while (kept.length > lag) letGo((seed * kept.length) % kept.length)
      }
    }
    while (kept.length > 0) letGo(0)
    return { keys, pieces: pieces.size }
  } finally {
    await source.close()
  }
}

test('a block is whole until it is let go, and its memory is used again then', async () => {
  const path = join(await scratchDir(), 'image')
  let reused = 0
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 120 }),
      fc.nat(1000),
      fc.array(fc.record({ clump: fc.nat(clumps.length - 1), at: fc.nat(200) }), { maxLength: 6 }),
      async (lag, seed, spoilt) => {
        const bytes = Buffer.from(image)
        for (const { clump, at } of spoilt) {
          const { address, nextOffset, offset } = clumps[clump]!
          bytes[address + (at % (nextOffset - offset))]! ^= 0x55
        }
        await writeFile(path, bytes)
        const { keys, pieces } = await scanLettingGo(path, lag, seed)
        const [whole] = (await scanSource(bytes)).arenas
        const expected = whole!.blocks.map(keyOf)
        expect(keys.filter((key) => /^\d/.test(key))).toEqual(expected)
        if (lag < 20) {
          const fresh = clumps.reduce((sum, { data }) => sum + data.length, 0) / pieceBytes
          if (pieces < fresh) reused++
        }
      },
    ),
    { numRuns: 12 },
  )
  expect(reused).toBeGreaterThan(0)
})

test('memory is not let go twice', () => {
  const piece = new PiecePool().take()
  piece.hold()
  piece.release()
  piece.release()
  expect(() => piece.release()).toThrow('let go twice')
  expect(() => piece.hold()).toThrow('after it was let go')
})
