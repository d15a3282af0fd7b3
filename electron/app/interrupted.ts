// interrupted.json in the state folder: the syncs that a quit stopped, to go on with at the next start. Read once and gone.

import { readFile, unlink } from 'node:fs/promises'
import { z } from 'zod'
import { writeAtomically } from '../engine/state/atomic-write.ts'
import type { Interrupted } from './habits/interrupted-sync.ts'

const saved = z.array(z.object({ mirror: z.string(), dials: z.array(z.string()).nullable() })).max(100)

/** Never rejects: a copy that is not begun by itself is begun by hand. */
export async function takeInterrupted(path: string): Promise<readonly Interrupted[]> {
  try {
    const syncs = saved.parse(JSON.parse(await readFile(path, 'utf8')))
    await unlink(path)
    return syncs
  } catch {
    return []
  }
}

/** Never rejects. */
export async function keepInterrupted(path: string, syncs: readonly Interrupted[]): Promise<void> {
  if (syncs.length === 0) return
  await writeAtomically(path, `${JSON.stringify(syncs)}\n`).catch(() => undefined)
}
