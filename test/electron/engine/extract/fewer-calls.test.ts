// What an extraction does less often for the sake of speed, and what must stay as it was all the same: the bytes of a file, the
// freshness of a look at a folder, the answer to "is there room".

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { GatheredWrites } from '../../../../electron/engine/extract/gathered-writes.ts'
import { LookRounds, type Looked } from '../../../../electron/engine/extract/look-rounds.ts'
import { RoomLeft } from '../../../../electron/engine/extract/room-left.ts'

test('gathered writes write what single ones would, holes left out, and borrow nothing', async () => {
  const piece = fc.record({
    gap: fc.constantFrom(0, 0, 0, 1, 9000),
    length: fc.constantFrom(0, 1, 8192, 57344, 300_000),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (plan) => {
      const size = plan.reduce((sum, { gap, length }) => sum + gap + length, 0)
      // 255 stands where nothing was written.
      const [single, gathered] = [new Uint8Array(size).fill(255), new Uint8Array(size).fill(255)]
      let calls = 0
      const writes = new GatheredWrites(async (bytes, offset) => {
        calls++
        gathered.set(bytes, offset)
      }, size)
      const borrowed = new Uint8Array(300_000)
      let offset = 0
      for (const [number, { gap, length }] of plan.entries()) {
        offset += gap
        const bytes = borrowed.subarray(0, length).fill(number)
        single.set(bytes, offset)
        await writes.add(offset, bytes)
        offset += length
      }
      await writes.flush()
      expect(Buffer.compare(gathered, single)).toBe(0)
      expect(calls).toBeLessThanOrEqual(plan.length)
    }),
    { numRuns: 40 },
  )
})

class Folder implements Looked {
  isWhole = true
  looks = 0

  async look(): Promise<void> {
    this.looks++
    const { isWhole } = this
    await new Promise((resolve) => setImmediate(resolve))
    if (!isWhole) throw new Error('no longer what it was')
  }
}

test('folders are looked at once for all who ask together, and anew for who asks later', async () => {
  const folders = [new Folder(), new Folder()] as const
  const rounds = new LookRounds()
  await Promise.all([0, 1, 0, 1].map(async (at) => await rounds.whole(folders[at] as Folder)))
  expect(folders.map(({ looks }) => looks)).toEqual([1, 1])

  const before = rounds.whole(folders[0])
  await expect.poll(() => folders[0].looks, { interval: 0 }).toBe(2)
  folders[0].isWhole = false
  // That look began before; what was seen then does not answer this question, nor the one about another folder.
  const after = rounds.whole(folders[0])
  const other = rounds.whole(folders[1])
  await before
  await expect(after).rejects.toThrow('no longer what it was')
  await other
  folders[0].isWhole = true
  await rounds.whole(folders[0])
})

test('room is asked for anew before what was begun could have used it up', async () => {
  let free = 1000
  let asked = 0
  const room = new RoomLeft(async () => {
    asked++
    return free
  })
  expect([await room.lacks(100), await room.lacks(100), await room.lacks(300), asked]).toEqual([null, null, null, 1])
  free = 50
  expect([await room.lacks(200), asked]).toEqual([50, 2])
  expect([await room.lacks(51), await room.lacks(50), asked]).toEqual([50, null, 4])
})
