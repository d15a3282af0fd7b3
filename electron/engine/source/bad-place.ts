// Tells a bad sector from a source that is gone. The first is damage and reading goes on (R4); the second ends the run,
// because everything behind it would look damaged.

import { AppError, asAppError } from '../../../shared/errors.ts'
import { partBlankBytes } from '../venti/format/constants.ts'
import type { BlockSource } from './block-source.ts'

const trialBytes = 512

/** One of three far places of a disk with bad sectors can be read; of one that was pulled out none can. */
async function sourceAnswers(source: BlockSource): Promise<boolean> {
  const last = source.sizeBytes - trialBytes
  for (const offset of [partBlankBytes, 0, last]) {
    if (offset < 0 || offset > last) continue
    try {
      await source.read(offset, trialBytes)
      return true
    } catch {
      // The next place may still answer.
    }
  }
  return false
}

/** For a `catch` around a read: null for a place that is bad. A machine that cannot be reached says nothing of any place. */
export function badPlace(thrown: unknown): null {
  const error = asAppError(thrown)
  if (error.retriable || error.code === 'cancelled') throw error
  return null
}

/**
 * After a failed read: returns when only that place is bad, rejects with `source-read` when the source is gone, and with what
 * is known already of a machine that cannot be reached.
 */
export async function requireSource(source: BlockSource, cause: unknown): Promise<void> {
  badPlace(cause)
  if (await sourceAnswers(source)) return
  throw new AppError('source-read', `${source.name}: it can no longer be read: ${asAppError(cause).message}`, { cause })
}

/** The bytes, or the error where the disk cannot read them. Rejects when the source is gone. */
export async function readOrBadPlace(
  source: BlockSource,
  offset: number,
  length: number,
): Promise<Uint8Array | AppError> {
  try {
    return await source.read(offset, length)
  } catch (error) {
    await requireSource(source, error)
    return asAppError(error)
  }
}
