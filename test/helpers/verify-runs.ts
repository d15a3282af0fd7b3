// Verifications as tests want them: a filled target, one check or a whole run, and what the parts of an archive are, as an
// independent look at the blocks of its image says.

import { createHash } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { verifyTree, type CheckOptions, type TreeCheck } from '../../electron/engine/verify/check.ts'
import { runVerify, type VerifyOptions } from '../../electron/engine/verify/run-verify.ts'
import { openTarget, type TargetOptions } from '../../electron/engine/verify/target-store.ts'
import { parseDial, type Dial } from '../../electron/engine/venti/client/dial.ts'
import type { RootScore } from '../../shared/model/score.ts'
import type { VerifyResult } from '../../shared/model/verify.ts'
import { startFakeVenti, type BlockKey, type FakeBehaviour, type FakeVenti } from './fake-venti.ts'
import { healthyPartition, treeManifest } from './fixtures.ts'
import { clumpLog, dialOf, imageIn, keyOf, stateDirIn, syncIn, type AnyTarget, type LoggedClump } from './sync-runs.ts'

export const rootOf = (score: string): RootScore => score.replace('vac:', '') as RootScore

/** The newest root of a fixture. */
export function newestRoot(id: string) {
  const root = healthyPartition(id).roots.at(-1)
  if (root === undefined) throw new Error(`${id} has no root`)
  return { ...root, root: rootOf(root.score), blocks: root.reachableBlocks as number }
}

const asDial = (target: AnyTarget | Dial): Dial =>
  typeof target === 'object' && 'kind' in target ? target : parseDial(dialOf(target))

export async function checkOn(
  target: AnyTarget | Dial,
  root: string,
  options: Partial<CheckOptions> = {},
  connection: TargetOptions = {},
): Promise<TreeCheck> {
  const { signal } = options
  const store = await openTarget(asDial(target), { retryPauseMs: 1, signal, ...connection })
  try {
    return await verifyTree(store, rootOf(root), { depth: 'present', ...options })
  } finally {
    await store.close()
  }
}

export async function verifyIn(
  folder: string,
  target: AnyTarget,
  root: string,
  options: Partial<VerifyOptions> = {},
): Promise<VerifyResult> {
  return await runVerify({
    root: rootOf(root),
    dial: asDial(target),
    depth: 'present',
    stateDir: stateDirIn(folder),
    environment: {},
    connection: { retryPauseMs: 1 },
    pollMs: 5,
    ...options,
  })
}

/** A fake target with everything of a fixture, and the image it came from. */
export async function filledFake(
  folder: string,
  id: string,
  behaviour: Partial<FakeBehaviour> = {},
): Promise<{ readonly venti: FakeVenti; readonly image: string }> {
  const venti = await startFakeVenti(behaviour)
  onTestFinished(() => venti.close())
  const image = await imageIn(folder, id)
  await syncIn(folder, image, [venti])
  return { venti, image }
}

export type Part = {
  readonly key: BlockKey
  readonly clump: LoggedClump
  /** API number. */
  readonly type: number
  /** Exactly this path, where the block itself tells it. */
  readonly path: string | null
}

/** Of vac, with two names at least: that of the root's own attributes has one. */
const isMetaBlock = (data: Uint8Array): boolean =>
  data.length > 12 && Buffer.from(data).readUInt32BE(0) === 0x5656fc79 && Buffer.from(data).readUInt16BE(10) > 1

/** A block of each kind of an archive of vac: data is a file of one block, so that its hash tells the path. */
export function partsOf(
  id: string,
  venti: FakeVenti,
): Readonly<Record<'data' | 'pointer' | 'directory' | 'meta', Part>> {
  const { tree } = newestRoot(id)
  const manifest = treeManifest(tree as string)
  const paths = new Map<string, string[]>()
  for (const [path, { sha256 }] of Object.entries(manifest.entries)) {
    if (sha256 !== undefined) paths.set(sha256, [...(paths.get(sha256) ?? []), path])
  }
  const found: Partial<Record<'data' | 'pointer' | 'directory' | 'meta', Part>> = {}
  for (const clump of clumpLog(id)) {
    const key = keyOf(clump)
    const data = venti.blocks.get(key)
    if (data === undefined) continue
    const part = { key, clump, path: null }
    if (clump.type === 3) found.pointer ??= { ...part, type: 9 }
    else if (clump.type === 2 && data.length > 200) found.directory ??= { ...part, type: 8 }
    else if (clump.type === 13 && isMetaBlock(data))
      // vac also writes some that nothing refers to in the end; the last one is the root directory's.
      found.meta = { ...part, type: 0 }
    else if (clump.type === 13) {
      const own = paths.get(createHash('sha256').update(data).digest('hex'))
      if (own?.length === 1) found.data ??= { ...part, type: 0, path: own[0] as string }
    }
  }
  const { data, pointer, directory, meta } = found
  if (!data || !pointer || !directory || !meta) throw new Error(`${id} lacks ${Object.keys(found).join(' ')}`)
  return { data, pointer, directory, meta }
}
