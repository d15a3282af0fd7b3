// The two ways a block can fail a reader, in the same words from every store; callers go on past these and past no other
// error. A root block's score is masked in them (R10).

import { AppError } from '../../../shared/errors.ts'
import type { Score } from '../../../shared/model/score.ts'
import { apiTypeOf, wireRoot } from '../venti/format/block-type.ts'
import { blockLabel } from '../venti/client/server-error.ts'

type Key = { readonly score: Score; readonly type: number }

/** For the explanation of a fault; a root's score stays out. */
function dataOf(store: string, { score, type }: Key, detail: string | null): AppError['data'] {
  return { store, score: type === wireRoot ? null : score, type: apiTypeOf(type), detail }
}

export function missingBlock(store: string, key: Key, cause?: unknown): AppError {
  const text = `${store}: ${blockLabel(key.score, key.type)} is not there`
  return new AppError('block-missing', text, { data: dataOf(store, key, null), cause })
}

export function corruptBlock(store: string, key: Key, detail: string, cause?: unknown): AppError {
  const text = `${store}: ${blockLabel(key.score, key.type)} cannot be given back: ${detail}`
  return new AppError('block-corrupt', text, { data: dataOf(store, key, detail), cause })
}

/** The block is good; the tree that asked for it says that it is shorter. */
export function oversizeBlock(store: string, key: Key, maxBytes: number, cause?: unknown): AppError {
  const text = `${store}: ${blockLabel(key.score, key.type)} is longer than the ${maxBytes} bytes its tree allows`
  return new AppError('bad-tree', text, { data: dataOf(store, key, null), cause })
}

/** Something is wrong with the archive at this place; elsewhere it may be read. False: the store itself failed. */
export function isTreeFault(error: unknown): error is AppError {
  if (!(error instanceof AppError)) return false
  return error.code === 'block-missing' || error.code === 'block-corrupt' || error.code === 'bad-tree'
}
