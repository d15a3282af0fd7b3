// Reads one stored block back and gives it out only if it is the block asked for: type, size and SHA-1 are checked on every
// read. What is wrong becomes the text of an error reply, worded as the real server words it (venti-protocol.md 3.3;
// plan9port srv/clump.c loadclump, lump.c readilump), because clients tell "damaged" from "missing" by these texts.

import { asAppError } from '../../../../shared/errors.ts'
import { clumpHeaderBytes } from '../format/clump.ts'
import { examineClump, type ClumpState } from '../arena/clump-check.ts'
import type { AppendLog } from './append-log.ts'
import type { ReadAhead } from './read-ahead.ts'
import type { StoreArena } from './store-arena.ts'
import type { StoreFile } from './store-file.ts'

export type StoredBlock = {
  readonly arena: StoreArena
  readonly offset: number
  readonly type: number
  readonly sizeBytes: number
  /** As hex. */
  readonly score: string
}

/** The block, or what is wrong with its clump. `damaged`: reading again will not help, storing it again would. */
export type ReadBlock = { readonly data: Uint8Array } | { readonly error: string; readonly damaged: boolean }

function judge(state: ClumpState, { arena, offset, type, sizeBytes, score }: StoredBlock): ReadBlock {
  const place = `loadclump ${arena.place.name} ${offset}`
  switch (state.state) {
    case 'no-header':
      return { error: `${place}: no sound clump header`, damaged: true }
    case 'marked-corrupt':
      return { error: 'clump is marked corrupt', damaged: true }
    case 'bad-data':
      if (state.plain) return { error: `${place}: corrupted, the block does not have its score`, damaged: true }
      return { error: `decompression of ${offset} failed: ${arena.place.name}: ${state.reason}`, damaged: true }
    case 'good':
      if (state.data.length !== sizeBytes) return { error: 'index and clump size mismatch', damaged: true }
      if (state.type !== type) return { error: 'index and clump type mismatch', damaged: true }
      if (state.score !== score) return { error: `${place}: another block stands there`, damaged: true }
      return { data: state.data }
  }
}

export type ReadFrom = { readonly file: StoreFile; readonly log: AppendLog; readonly ahead: ReadAhead }

export async function readBlock({ file, log, ahead }: ReadFrom, block: StoredBlock): Promise<ReadBlock> {
  const { arena, offset, sizeBytes } = block
  const { clumpMagic } = arena.place
  // A clump is never longer than its block in plain form.
  const length = Math.min(clumpHeaderBytes + sizeBytes, arena.used - offset)
  const inMemory = log.peek(arena.dataBase + offset, length)
  if (inMemory !== null) {
    const copy = new Uint8Array(inMemory)
    return judge(examineClump(copy, 0, copy.length, clumpMagic), block)
  }
  const taken = ahead.take(arena.dataBase + offset, length, arena.dataBase + arena.used)
  const near = taken === null ? null : await taken
  if (near !== null) {
    const found = judge(examineClump(near, 0, near.length, clumpMagic), block)
    // A copy, because one block must not hold what was read with it. If it is not the block, the file itself is asked.
    if ('data' in found) return found.data.buffer === near.buffer ? { data: new Uint8Array(found.data) } : found
  }
  let bytes: Uint8Array
  try {
    bytes = await file.read(arena.dataBase + offset, length)
  } catch (error) {
    // The path of the file is nobody's business at the other end of the wire.
    const reason = `read failed (${asAppError(error).data['code'] ?? 'unknown error'})`
    return { error: `loadclump ${arena.place.name} ${offset}: ${reason}`, damaged: false }
  }
  return judge(examineClump(bytes, 0, bytes.length, clumpMagic), block)
}
