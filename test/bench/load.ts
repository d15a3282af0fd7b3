// What fills a venti for measurements, in a process of its own: this measuring program, started another way (bench.ts).
// All blocks and their scores are made before the first is sent, so that the clock sees the server and our client only.
// The time is that from the first write to the acknowledged sync.

import { hash } from 'node:crypto'
import { parseDial } from '../../electron/engine/venti/client/dial.ts'
import { connectVenti } from '../../electron/engine/venti/client/client.ts'
import { wireData } from '../../electron/engine/venti/format/block-type.ts'
import type { AppError } from '../../shared/errors.ts'
import type { Score } from '../../shared/model/score.ts'
import { mixedLength } from './make-partition.ts'
import { fillBlock, seeded } from './seeded-blocks.ts'
import { mebibyte } from './turns.ts'

/** `mixed`: so many MiB of all lengths, four in ten blocks compressible. `tiny`: so many blocks of 1 to 64 bytes. */
export type LoadKind = 'mixed' | 'tiny'

export type Loaded = {
  readonly seconds: number
  /** Of this process, in that time. */
  readonly cpuSeconds: number
  readonly blocks: number
  readonly bytes: number
}

type Block = { readonly data: Uint8Array; readonly score: Score }

function* mixedBlocks(sizeMiB: number): Generator<Uint8Array> {
  const random = seeded(20190314)
  for (let left = sizeMiB * mebibyte; left > 0;) {
    const length = mixedLength(random)
    const block = Buffer.allocUnsafeSlow((length + 3) & ~3).subarray(0, length)
    fillBlock(block, random, random() % 1000 < 400)
    left -= length
    yield block
  }
}

/** Different ones: a number in front, as far as there is room for it. */
function* tinyBlocks(count: number): Generator<Uint8Array> {
  const random = seeded(20190314)
  const whole = Buffer.allocUnsafeSlow(count * 64)
  for (let number = 0; number < count; number++) {
    const at = 64 * number
    const least = number < 128 ? 1 : number < 32_768 ? 2 : 4
    whole.writeUInt32LE(number, at)
    yield whole.subarray(at, at + least + (random() % (65 - least)))
  }
}

export async function load(dial: string, kind: LoadKind, amount: number): Promise<Loaded> {
  const blocks: Block[] = []
  let bytes = 0
  for (const data of kind === 'mixed' ? mixedBlocks(amount) : tinyBlocks(amount)) {
    blocks.push({ data, score: hash('sha1', data, 'hex') as Score })
    bytes += data.length
  }
  const client = await connectVenti(parseDial(dial))
  let failure: AppError | null = null
  const done = (error: AppError | null): void => void (failure ??= error)
  const used = process.cpuUsage()
  const began = performance.now()
  for (const { data, score } of blocks) {
    if (!client.hasRoom) await new Promise<void>((resolve) => client.onRoom(resolve))
    client.write(wireData, data, score, done)
  }
  await client.sync()
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(used)
  if (failure !== null) throw failure as AppError
  await client.close()
  return { seconds, cpuSeconds: (user + system) / 1e6, blocks: blocks.length, bytes }
}
