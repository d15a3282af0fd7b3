// A thread that compresses the blocks of a store: started by whack-threads.ts. It touches nothing but the shared memory it was
// given. The result of a block is told last, so that one which is not finished counts as one that does not compress.

import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../../shared/assert.ts'
import { maxLumpBytes } from '../engine/venti/format/constants.ts'
import { createWhackEncoder } from '../engine/venti/format/whack.ts'
import { slabIn, slabOut, type SlabStart, type SlabTurn } from './whack-threads.ts'

const port = parentPort
assert(port !== null, 'this program is a thread of another one')
const slabs = (workerData as SlabStart).slabs.map((memory) => ({
  lengths: new Int32Array(memory, 0, slabIn / 4),
  bytes: new Uint8Array(memory),
}))
const encoder = createWhackEncoder()
const out = new Uint8Array(maxLumpBytes)

port.on('message', (turn: SlabTurn) => {
  const slab = slabs[turn.slab]
  assert(slab !== undefined, `there is no slab number ${turn.slab}`)
  const { lengths, bytes } = slab
  let at = 0
  for (let index = 0; index < turn.blocks; index++) {
    const length = lengths[2 * index] as number
    const compressed = encoder.encode(bytes.subarray(slabIn + at, slabIn + at + length), out)
    if (compressed >= 0) {
      bytes.set(out.subarray(0, compressed), slabOut + at)
      Atomics.store(lengths, 2 * index + 1, compressed)
    }
    at += length
  }
  port.postMessage(turn)
})
