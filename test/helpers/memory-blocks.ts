// A BlockStore in memory that keeps what it was given, loses or spoils what a test wants gone, and counts what is asked.

import { createHash } from 'node:crypto'
import type { Score } from '../../shared/model/score.ts'
import { corruptBlock, missingBlock, oversizeBlock } from '../../electron/engine/vac/block-faults.ts'
import type { BlockStore } from '../../electron/engine/vac/block-store.ts'

export class MemoryBlocks implements BlockStore {
  readonly name = 'memory'
  readonly blocks = new Map<string, Uint8Array>()
  readonly corrupt = new Set<string>()
  reads = 0
  /** Reads under way, and the most there ever were. */
  current = 0
  most = 0

  /** `type` is the wire code. The score of nothing is stored, too: whoever asks for it is wrong, see `read`. */
  put(type: number, data: Uint8Array): Score {
    const score = createHash('sha1').update(data).digest('hex') as Score
    if (data.length > 0) this.blocks.set(`${score}/${type}`, new Uint8Array(data))
    return score
  }

  async read(score: Score, type: number, maxBytes: number): Promise<Uint8Array> {
    this.reads++
    this.current++
    this.most = Math.max(this.most, this.current)
    // As from far away: reads that are made together are under way together.
    await new Promise((resolve) => setImmediate(resolve))
    this.current--
    const key = `${score}/${type}`
    const data = this.blocks.get(key)
    if (data === undefined) throw missingBlock(this.name, { score, type })
    if (this.corrupt.has(key)) throw corruptBlock(this.name, { score, type }, 'spoiled by the test')
    if (data.length > maxBytes) throw oversizeBlock(this.name, { score, type }, maxBytes)
    return new Uint8Array(data)
  }

  probe(score: Score, type: number): Promise<number | null> {
    return Promise.resolve(this.blocks.get(`${score}/${type}`)?.length ?? null)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
