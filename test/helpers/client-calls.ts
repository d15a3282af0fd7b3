// Calls of a VentiClient as tests want them: promises instead of callbacks, and waiting without sleeping.

import { AppError } from '../../shared/errors.ts'
import type { Score } from '../../shared/model/score.ts'
import { sha1 } from '../../electron/engine/hash/sha1.ts'
import type { VentiClient } from '../../electron/engine/venti/client/client.ts'

/** A block of its own for each seed. */
export function blockOf(seed: number, sizeBytes = 64): Uint8Array {
  const data = new Uint8Array(sizeBytes)
  new DataView(data.buffer).setUint32(0, seed)
  return data
}

export function writeBlock(client: VentiClient, data: Uint8Array, type = 13): Promise<Score> {
  const score = sha1(data)
  return new Promise((resolve, reject) => {
    client.write(type, data, score, (error) => (error === null ? resolve(score) : reject(error)))
  })
}

export function probeBlock(
  client: VentiClient,
  score: Score,
  type = 13,
): Promise<{ found: boolean; lengthBytes: number | null | undefined }> {
  return new Promise((resolve, reject) => {
    client.probe(score, type, (error, found, lengthBytes) => {
      if (error === null) resolve({ found, lengthBytes })
      else reject(error)
    })
  })
}

/** Writes every block through the window, as a target writer does. */
export function writeAll(client: VentiClient, blocks: readonly Uint8Array[], type = 13): Promise<void> {
  return new Promise((resolve, reject) => {
    let next = 0
    let answered = 0
    const fill = (): void => {
      while (next < blocks.length && client.hasRoom) {
        const data = blocks[next++]!
        client.write(type, data, sha1(data), (error) => {
          if (error !== null) reject(error)
          else if (++answered === blocks.length) resolve()
        })
      }
      if (next < blocks.length) client.onRoom(fill)
    }
    if (blocks.length === 0) resolve()
    else fill()
  })
}

/** The AppError a promise must reject with. */
export function thrown(work: () => unknown): AppError {
  try {
    work()
  } catch (error) {
    if (error instanceof AppError) return error
    throw new Error(`threw something that is no AppError: ${String(error)}`, { cause: error })
  }
  throw new Error('returned where an error was expected')
}

export async function rejection(promise: Promise<unknown>): Promise<AppError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof AppError) return error
    throw new Error(`rejected with something that is no AppError: ${String(error)}`, { cause: error })
  }
  throw new Error('resolved where a rejection was expected')
}

/** Lets the event loop turn until the condition holds; no clock is involved. A million turns are some seconds. */
export async function until(condition: () => boolean, turns = 1_000_000): Promise<void> {
  for (let i = 0; i < turns; i++) {
    if (condition()) return
    await turn()
  }
  throw new Error('the condition never held')
}

export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Enough turns for everything that is on its way in memory to arrive. */
export async function settle(turns = 8): Promise<void> {
  for (let i = 0; i < turns; i++) await turn()
}
