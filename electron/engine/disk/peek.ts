// Small reads for looking around on a disk: outside the disk there is nothing, and a bad sector is a fact to report and no
// reason to stop (only a disk that is gone is).

import { AppError } from '../../../shared/errors.ts'
import { hexNumber } from '../bytes/hex.ts'
import { readOrBadPlace } from '../source/bad-place.ts'
import type { BlockSource } from '../source/block-source.ts'

/** The bytes; null when they are not wholly inside; the error where they cannot be read. Rejects when the disk is gone. */
export async function peek(disk: BlockSource, offset: number, length: number): Promise<Uint8Array | AppError | null> {
  if (!Number.isSafeInteger(offset) || offset < 0 || offset + length > disk.sizeBytes) return null
  return await readOrBadPlace(disk, offset, length)
}

/** As `peek`, with what cannot be read told to `problems` and taken for nothing. */
export async function peekOrTell(
  disk: BlockSource,
  offset: number,
  length: number,
  what: string,
  problems: string[],
): Promise<Uint8Array | null> {
  const bytes = await peek(disk, offset, length)
  if (!(bytes instanceof AppError)) return bytes
  problems.push(`${what} at ${hexNumber(offset)} cannot be read: ${bytes.message}`)
  return null
}

const pieceBytes = 512

/** The first bytes of the disk, as many as there are up to `length`; a piece that cannot be read is told and is zeros. */
export async function peekHead(disk: BlockSource, length: number, problems: string[]): Promise<Uint8Array> {
  const end = Math.min(length, disk.sizeBytes)
  const whole = await peek(disk, 0, end)
  if (whole instanceof Uint8Array) return whole
  const head = new Uint8Array(end)
  for (let at = 0; at < end; at += pieceBytes) {
    const piece = await peekOrTell(disk, at, Math.min(pieceBytes, end - at), 'the place', problems)
    if (piece !== null) head.set(piece, at)
  }
  return head
}
