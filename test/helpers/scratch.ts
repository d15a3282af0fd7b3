// Folders for one test, gone afterwards whether it passes or fails.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export type ScratchDir = { readonly path: string; readonly remove: () => Promise<void> }

/** For beforeAll and other places outside a test; the caller removes it. */
export async function openScratchDir(): Promise<ScratchDir> {
  const path = await mkdtemp(join(tmpdir(), 'venti-mirror-test-'))
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) }
}

/** A fresh folder, removed when the running test ends. Call it inside a test or beforeEach. */
export async function scratchDir(): Promise<string> {
  const { path, remove } = await openScratchDir()
  onTestFinished(remove)
  return path
}
