// The embedded server's store as tests want it: hex scores, quiet, no flush that was not asked for unless a test wants one.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { fromHex, toHex } from '../../electron/engine/bytes/hex.ts'
import { createStore } from '../../electron/engine/venti/server/create-store.ts'
import { decodeArenaTail } from '../../electron/engine/venti/format/arena-tail.ts'
import { openStore, type ArenaStore, type OpenStoreOptions } from '../../electron/engine/venti/server/arena-store.ts'
import { startServer, type RunningServer, type ServerOptions } from '../../electron/engine/venti/server/server.ts'
import { scratchDir } from './scratch.ts'

const mebibyte = 1024 * 1024

/** Three arenas of 1 MiB, the last a little longer. */
export const smallSizes = { sizeBytes: 4 * mebibyte, arenaBytes: mebibyte } as const

const never = { idleFlushMs: 1e8, maxFlushDelayMs: 1e8 } as const

/** Opens with no flush of its own accord; closed when the test ends. */
export async function openQuiet(path: string, options: OpenStoreOptions = {}): Promise<ArenaStore> {
  const store = await openStore(path, { ...never, ...options })
  onTestFinished(() => store.close().catch(() => undefined))
  return store
}

export async function newStore(folder: string, options: OpenStoreOptions = {}): Promise<ArenaStore> {
  const path = join(folder, 'store')
  await createStore(path, smallSizes)
  return openQuiet(path, options)
}

/** The score of a block that must be taken. */
export function storeBlock(into: ArenaStore, data: Uint8Array, type = 13): string {
  const score = into.write(type, data)
  if (typeof score === 'string') throw new Error(`write refused: ${score}`)
  return toHex(score)
}

/** The block, or the text of the error. */
export async function loadBlock(
  from: ArenaStore,
  score: string,
  type = 13,
  count = 57344,
): Promise<Uint8Array | string> {
  const result = await from.read(fromHex(score) as Uint8Array, 0, type, count)
  return typeof result === 'string' ? result : new Uint8Array(result)
}

/** A block that does not compress, the same for the same seed. */
export function noise(seed: number, sizeBytes: number): Uint8Array {
  const data = new Uint8Array(sizeBytes)
  let state = (seed * 2654435761 + 1) >>> 0
  for (let i = 0; i < sizeBytes; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    data[i] = state >>> 11
  }
  // Short blocks of neighbouring seeds must differ, too.
  new DataView(data.buffer).setUint32(0, seed)
  return data
}

/** A block that compresses to about a third. */
export function prose(seed: number, sizeBytes: number): Uint8Array {
  const line = `block ${seed} of the synthetic text, line `
  let text = ''
  for (let i = 0; text.length < sizeBytes; i++) text += `${line}${i * seed}\n`
  return new TextEncoder().encode(text.slice(0, sizeBytes))
}

/** The tail of arena `number` in a store of smallSizes, or of the arena that ends at `stop`. */
export async function tailOf(path: string, number: number, stop = 794624 + (number + 1) * smallSizes.arenaBytes) {
  const bytes = (await readFile(path)).subarray(stop - 8192, stop)
  const tail = decodeArenaTail(bytes)
  if (typeof tail === 'string') throw new Error(tail)
  return { ...tail, seal: bytes.subarray(-20).toString('hex') }
}

/** A server on a new store. */
export async function startSmall(
  options: Partial<ServerOptions> = {},
): Promise<{ readonly server: RunningServer; readonly folder: string; readonly path: string }> {
  const folder = await scratchDir()
  const path = join(folder, 'store')
  await createStore(path, smallSizes)
  const server = await startServer({ path, listen: { port: 0 }, ...options })
  onTestFinished(() => server.close().catch(() => undefined))
  return { server, folder, path }
}

export const fileBytes = (path: string): Promise<Buffer> => readFile(path)
