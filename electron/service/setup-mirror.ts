// From a finished draft to a mirror: its first state, with every target at the beginning.

import { AppError } from '../../shared/errors.ts'
import { mirrorSchema, type MirrorState } from '../../shared/model/mirror.ts'
import type { SetupDraft } from '../../shared/model/window.ts'
import { absoluteSpec } from '../engine/source/absolute-path.ts'
import { listMirrors, lockMirror, writeMirror } from '../engine/state/mirror-file.ts'
import { canonicalPath } from '../engine/sync/mirror-choice.ts'
import { openSourceView, type SourceView } from '../engine/sync/source-view.ts'
import type { Core } from './core.ts'

async function stateOf(draft: SetupDraft, view: SourceView): Promise<MirrorState> {
  const { name, targets, ninefat, fossil } = draft
  return {
    schema: mirrorSchema,
    name,
    source: {
      spec: absoluteSpec(view.spec),
      path: await canonicalPath(view.path),
      blockSize: view.partitions[0]?.header.blockSize ?? 0,
      arenas: view.arenas.length,
    },
    targets: targets.map(({ dial }) => ({ dial, cursors: {}, lastSync: null, lastError: null })),
    damage: [],
    bookkeeping: ninefat === null ? null : { ninefat: absoluteSpec(ninefat.place.path) },
    preferences: {
      fossil: fossil?.path ?? null,
      targetNames: Object.fromEntries(targets.map(({ dial, name: called }) => [dial, called])),
      verifyAfterSync: true,
    },
  }
}

function refuseUnready({ source, targets, ninefat, name }: SetupDraft): void {
  const missing =
    source?.totals === null || source === null
      ? 'no source has been chosen that can be mirrored'
      : targets.length === 0
        ? 'no target has been added'
        : name === ''
          ? 'the mirror has no name'
          : null
  if (missing !== null) {
    throw new AppError('usage', missing, {
      data: { safe: 'Nothing was read or sent.', next: 'Go back and choose it.' },
    })
  }
  if (ninefat !== null && !ninefat.canImport) {
    throw new AppError('bad-wrcmd', `the wrcmd on ${ninefat.place.path} cannot be followed as it is`, {
      data: {
        safe: 'Nothing was sent, and wrcmd was not changed.',
        next: 'Put it right (the line that would be right is shown there), or go on without a 9fat.',
      },
    })
  }
}

/** Rejects with usage, bad-wrcmd, state-locked, state-write and what opening the source does. */
export async function makeMirror(core: Core, draft: SetupDraft): Promise<MirrorState> {
  refuseUnready(draft)
  const { stateDir } = core
  const view = await openSourceView(draft.source?.place.path ?? '')
  try {
    const lock = await lockMirror(stateDir, draft.name)
    try {
      const { mirrors } = await listMirrors(stateDir)
      if (mirrors.some(({ name }) => name === draft.name)) {
        throw new AppError('usage', `there is a mirror ${draft.name} already`, {
          data: { safe: 'It was not changed.', next: 'Give this one another name.' },
        })
      }
      const mirror = await stateOf(draft, view)
      await writeMirror(stateDir, mirror)
      return mirror
    } finally {
      await lock.release()
    }
  } finally {
    await view.close()
  }
}
