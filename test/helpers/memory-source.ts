// A BlockSource over bytes in memory: for images a test builds or spoils. Keeps the contract to the letter (copies, bounds,
// no reads after close), so that what passes here passes on a disk.

import { AppError } from '../../shared/errors.ts'
import type { BlockSource } from '../../electron/engine/source/block-source.ts'

/** `bytes` is borrowed: what the test changes in it later is read changed. */
export function memorySource(bytes: Uint8Array, name = 'memory'): BlockSource {
  let closed = false
  return {
    name,
    sizeBytes: bytes.length,
    read(offset, length) {
      const bad = closed || offset < 0 || length < 0 || offset + length > bytes.length
      if (bad) {
        const why = closed ? 'it is closed' : `it ends at 0x${bytes.length.toString(16)}`
        const message = `${name}: ${length} bytes at 0x${offset.toString(16)} wanted, but ${why}`
        return Promise.reject(new AppError('source-read', message))
      }
      // Not from Node's pool, and never a view of the image.
      return Promise.resolve(new Uint8Array(bytes.subarray(offset, offset + length)))
    },
    close() {
      closed = true
      return Promise.resolve()
    },
  }
}
