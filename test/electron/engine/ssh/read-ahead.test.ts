// How far ahead is read: a line made of numbers, with a clock of its own, instead of a connection.

import { describe, expect, test } from 'vitest'
import { blockBytes, ReadAhead } from '../../../../electron/engine/ssh/read-ahead.ts'

const mebibyte = 1024 * 1024
const sizeBytes = 64 * mebibyte
const mostBytes = 8 * mebibyte

/** Answers `delayMs` after they were asked for, and no more than `rate` bytes a millisecond. */
class Line {
  now = 0
  mostUnderWay = 0
  fetched = 0
  isBad = false
  #free = 0
  #underWay = 0
  readonly #answers: { readonly due: number; readonly give: () => void }[] = []
  readonly #delayMs: number
  readonly #rate: number

  constructor(delayMs: number, rate: number) {
    this.#delayMs = delayMs
    this.#rate = rate
  }

  fetch(_: number, length: number): Promise<Buffer> {
    this.fetched += length
    this.#underWay += length
    this.mostUnderWay = Math.max(this.mostUnderWay, this.#underWay)
    this.#free = Math.max(this.#free, this.now + this.#delayMs) + length / this.#rate
    const due = this.#free
    return new Promise((resolve, reject) => {
      const give = (): void => {
        this.#underWay -= length
        if (this.isBad) reject(new Error('bad'))
        else resolve(Buffer.alloc(length))
      }
      this.#answers.push({ due, give })
    })
  }

  /** Answers come until the work is done. */
  async until<T>(work: Promise<T>): Promise<T> {
    let isDone = false
    const done = work.finally(() => (isDone = true))
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      const next = isDone ? undefined : this.#answers.shift()
      if (next === undefined) break
      this.now = Math.max(this.now, next.due)
      next.give()
    }
    return await done
  }
}

function aheadOn(line: Line, roundTripMs: number): ReadAhead {
  const fetch = (offset: number, length: number): Promise<Buffer> => line.fetch(offset, length)
  return new ReadAhead({ fetch, sizeBytes, mostBytes, leastBytes: mebibyte, roundTripMs, now: () => line.now })
}

/** MiB a second at the end of a long sequence. */
async function scan(line: Line, ahead: ReadAhead, length = mebibyte): Promise<number> {
  let began = 0
  for (let at = 0; at < 48 * mebibyte; at += length) {
    if (at === 24 * mebibyte) began = line.now
    const bytes = await line.until(ahead.read(at, length, () => new Uint8Array(length)))
    if (bytes === null) await line.until(line.fetch(at, length))
  }
  return 24 / ((line.now - began) / 1000)
}

describe('how far ahead', () => {
  test('a long fast line is filled as far as memory allows', async () => {
    const line = new Line(50, 500_000)
    const ahead = aheadOn(line, 50)
    expect(await scan(line, ahead)).toBeGreaterThan(100)
    expect(ahead.depthBytes).toBe(mostBytes)
    expect(line.mostUnderWay).toBeLessThanOrEqual(mostBytes + 2 * mebibyte)
  })

  test('a line of 20 MB/s and 50 ms is full, and not much queues up before it', async () => {
    const line = new Line(50, 20_000)
    const ahead = aheadOn(line, 50)
    expect(await scan(line, ahead)).toBeGreaterThan(17)
    expect(ahead.depthBytes).toBeLessThan(3 * mebibyte)
  })

  test('a line without delay needs the least', async () => {
    const line = new Line(0.3, 250_000)
    const ahead = aheadOn(line, 0.3)
    expect(await scan(line, ahead)).toBeGreaterThan(200)
    expect(ahead.depthBytes).toBe(mebibyte)
  })
})

describe('what is no sequence', () => {
  test('jumps and small reads ask for nothing ahead', async () => {
    const line = new Line(1, 1000)
    const ahead = aheadOn(line, 1)
    for (let at = 0; at < 40; at++) {
      expect(await ahead.read(at * 140, 140, () => new Uint8Array(140))).toBe(null)
      expect(await ahead.read((at * 3 * mebibyte) % sizeBytes, mebibyte / 2, () => new Uint8Array(mebibyte))).toBe(null)
    }
    expect(line.fetched).toBe(0)
  })

  test('nothing behind the end, and nothing that is far from what was read', async () => {
    const line = new Line(1, 100_000)
    const ahead = aheadOn(line, 1)
    await ahead.read(0, 128 * 1024, () => new Uint8Array(0))
    await line.until(ahead.read(128 * 1024, 128 * 1024, () => new Uint8Array(128 * 1024)))
    expect(line.fetched).toBeLessThanOrEqual(3 * 128 * 1024 + 128 * 1024)
    const end = sizeBytes - 2 * mebibyte
    await ahead.read(end, mebibyte, () => new Uint8Array(0))
    const before = line.fetched
    await line.until(ahead.read(end + mebibyte, mebibyte, () => new Uint8Array(mebibyte)))
    expect(line.fetched - before).toBe(mebibyte)
  })
})

test('a place that cannot be read is left to the caller, and asked for again the next time', async () => {
  const line = new Line(1, 100_000)
  const ahead = aheadOn(line, 1)
  await ahead.read(0, blockBytes, () => new Uint8Array(0))
  line.isBad = true
  expect(await line.until(ahead.read(blockBytes, blockBytes, () => new Uint8Array(blockBytes)))).toBe(null)
  line.isBad = false
  const next = await line.until(ahead.read(2 * blockBytes, blockBytes, () => new Uint8Array(blockBytes)))
  // What was asked for ahead meanwhile may have failed with it.
  expect(next === null || next.length === blockBytes).toBe(true)
})
