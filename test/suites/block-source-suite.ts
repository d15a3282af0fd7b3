// What every BlockSource owes its readers, run against each implementation (test/electron/engine/source).

import * as fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { AppError } from '../../shared/errors.ts'
import type { BlockSource } from '../../electron/engine/source/block-source.ts'

/** `content` is what the source must give; a source may be larger than that (a device of many terabytes). */
export type SourceCase = { readonly source: BlockSource; readonly content: Uint8Array; readonly sizeBytes: number }

async function refusal(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await promise
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, message: error.message }
    throw error
  }
  throw new Error('it was not refused')
}

export function blockSourceSuite(name: string, open: () => Promise<SourceCase>): void {
  async function opened(): Promise<SourceCase> {
    const one = await open()
    onTestFinished(async () => await one.source.close().catch(() => undefined))
    return one
  }

  describe(`${name} as a source`, () => {
    test('knows its size and its name', async () => {
      const { source, sizeBytes } = await opened()
      expect(source.sizeBytes).toBe(sizeBytes)
      expect(source.name).not.toBe('')
    })

    test('gives exactly the bytes asked for', async () => {
      const { source, content } = await opened()
      const range = fc
        .tuple(fc.nat(content.length), fc.nat(content.length))
        .map(([a, b]) => [Math.min(a, b), Math.max(a, b)])
      const reads = fc.asyncProperty(fc.array(range, { minLength: 1, maxLength: 5 }), async (ranges) => {
        const got = await Promise.all(ranges.map(async ([from, to]) => await source.read(from!, to! - from!)))
        return got.every((bytes, i) => Buffer.compare(bytes, content.subarray(ranges[i]![0], ranges[i]![1])) === 0)
      })
      await fc.assert(reads, { numRuns: 100 })
      for (const offset of [0, 511, 512, 513, 4095, 4096, 4097, content.length - 1]) {
        expect([...(await source.read(offset, 1))]).toEqual([content[offset]])
      }
    })

    test('gives nothing when asked for nothing, also at its end', async () => {
      const { source, sizeBytes } = await opened()
      expect(await source.read(0, 0)).toHaveLength(0)
      expect(await source.read(sizeBytes, 0)).toHaveLength(0)
    })

    test('hands over memory it never touches again', async () => {
      const { source, content } = await opened()
      const first = await source.read(0, 600)
      const second = await source.read(0, 600)
      first.fill(0xa5)
      expect(Buffer.compare(second, content.subarray(0, 600))).toBe(0)
      expect(Buffer.compare(await source.read(0, 600), content.subarray(0, 600))).toBe(0)
      expect(first.every((byte) => byte === 0xa5)).toBe(true)
    })

    test('refuses what is outside, and says where', async () => {
      const { source, sizeBytes } = await opened()
      const outside = [
        [sizeBytes, 1],
        [sizeBytes - 1, 2],
        [0, sizeBytes + 1],
        [-1, 1],
        [10, -1],
        [2 ** 53, 1],
      ] as const
      for (const [offset, length] of outside) {
        const { code, message } = await refusal(source.read(offset, length))
        expect([offset, length, code]).toEqual([offset, length, 'source-read'])
        expect(message).toContain(source.name)
        expect(message).toContain(`0x${offset.toString(16)}`)
      }
    })

    test('has no way to write', async () => {
      const { source } = await opened()
      const methods = new Set<string>()
      for (
        let at: object | null = source;
        at !== null && at !== Object.prototype;
        at = Object.getPrototypeOf(at) as object | null
      ) {
        for (const key of Object.getOwnPropertyNames(at)) methods.add(key)
      }
      methods.delete('constructor')
      expect([...methods].toSorted()).toEqual(['close', 'name', 'read', 'sizeBytes'])
    })

    test('gives nothing once closed', async () => {
      const { source } = await opened()
      await source.close()
      await expect(source.read(0, 1)).rejects.toThrow(/closed|failed/)
    })
  })
}
