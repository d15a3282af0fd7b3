// What a server says about a block decides whether it is missing, damaged or too long; a server that does not answer says
// nothing about the block. The texts are those of the real programs (venti-protocol.md 3.3).

import { describe, expect, test } from 'vitest'
import { AppError } from '../../../../shared/errors.ts'
import type { Score } from '../../../../shared/model/score.ts'
import { ventiBlocks } from '../../../../electron/engine/vac/venti-blocks.ts'
import { serverError } from '../../../../electron/engine/venti/client/server-error.ts'

const score = '00112233445566778899aabbccddeeff00112233' as Score

/** A client whose server answers every read with this. */
function store(thrown: AppError, probe: readonly [boolean, number | null] = [false, null]) {
  return ventiBlocks({
    dial: 'tcp!test!venti',
    read: () => Promise.reject(thrown),
    probe: (_score, _type, done) => done(null, ...probe),
    close: () => Promise.resolve(),
  })
}

const said = (text: string, isRoot = false): AppError => serverError('tcp!test!venti', 'read of a block', text, isRoot)

async function failure(thrown: AppError, type = 13): Promise<AppError> {
  const found = await store(thrown)
    .read(score, type, 8192)
    .catch((caught: unknown) => caught)
  expect(found).toBeInstanceOf(AppError)
  return found as AppError
}

describe('reads', () => {
  test.each([
    [`no block with score ${score}/0 exists`, 'block-missing'],
    ['clump is marked corrupt', 'block-corrupt'],
    ['loadclump arenas0 1234: corrupted', 'block-corrupt'],
    ['decompression of 99 failed: x', 'block-corrupt'],
    ['index and clump size mismatch', 'block-corrupt'],
    ['i/o error on arenas0', 'block-corrupt'],
    ['read only', 'block-corrupt'],
    ['read too small: asked for 8192 need at least 9000', 'bad-tree'],
    ['read too small 1: asked for 8192 need at least 9000', 'bad-tree'],
  ])('%s', async (text, code) => {
    const error = await failure(said(text))
    expect(error.code).toBe(code)
    expect(error.message).toContain(score)
    expect(error.data).toMatchObject({ score, type: 0, detail: code === 'block-corrupt' ? text : null })
  })

  test('bytes of another score are damage', async () => {
    const other = new AppError('protocol', 'brought other bytes', { data: { answer: 'damaged' } })
    expect(await failure(other)).toMatchObject({ code: 'block-corrupt', cause: other })
  })

  test.each(['connection-lost', 'reply-timeout', 'protocol', 'cancelled', 'bug'] as const)(
    '%s is handed on as it is',
    async (code) => {
      const error = new AppError(code, 'something else')
      expect(await failure(error)).toBe(error)
    },
  )

  test('the score of a root is in no message and no data', async () => {
    for (const text of [`no block with score ${score}/16 exists`, 'clump is marked corrupt', 'read too small: asked']) {
      const error = await failure(said(text, true), 1)
      expect(JSON.stringify([error.message, error.data])).not.toContain(score)
      expect(error.message).toContain('vac:0011…2233')
    }
  })
})

describe('probes', () => {
  const none = said('unused')

  test('length, absence, and an answer that says neither', async () => {
    expect(await store(none, [true, 77]).probe(score, 13)).toBe(77)
    expect(await store(none, [false, null]).probe(score, 13)).toBeNull()
    await expect(store(none, [true, null]).probe(score, 13)).rejects.toMatchObject({ code: 'target-refused' })
  })
})
