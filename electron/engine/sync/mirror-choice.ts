// Which mirror of the state folder a sync belongs to: the one named, the one whose cursors came from this very partition,
// or the one remembered for this path; else a new one. A partition is known by its clump magics and places, not by its
// path, so that an image that moved goes on where it was.

import { realpath } from 'node:fs/promises'
import { AppError } from '../../../shared/errors.ts'
import { mirrorSchema, type MirrorState } from '../../../shared/model/mirror.ts'
import { absoluteSpec } from '../source/absolute-path.ts'
import { isSshText } from '../ssh/address.ts'
import { clumpMagicV4 } from '../venti/format/constants.ts'
import { listMirrors, mirrorNameFor, setAside } from '../state/mirror-file.ts'
import type { SourceView } from './source-view.ts'

export type MirrorChoice = {
  readonly mirror: MirrorState
  readonly isNew: boolean
  readonly warnings: readonly string[]
}

/** Absolute, and free of links where the path is a file's own here (a range keeps its text). */
export async function canonicalPath(path: string): Promise<string> {
  return isSshText(path) ? absoluteSpec(path) : await realpath(path).catch(() => absoluteSpec(path))
}

function newMirror(name: string, view: SourceView, path: string): MirrorState {
  return {
    schema: mirrorSchema,
    name,
    source: {
      // Absolute, so that the mirror's name stands for the source from any folder.
      spec: absoluteSpec(view.spec),
      path,
      blockSize: (view.partitions[0] as { header: { blockSize: number } }).header.blockSize,
      arenas: view.arenas.length,
    },
    targets: [],
    damage: [],
  }
}

/** Some arena with a cursor has a random clump magic that stands at the same place in this source. */
function cameFrom(mirror: MirrorState, view: SourceView): boolean {
  return mirror.targets.some((target) =>
    Object.entries(target.cursors).some(([name, cursor]) => {
      const here = view.byName.get(name)
      return (
        here?.arena !== null &&
        here?.arena !== undefined &&
        cursor.clumpMagic !== clumpMagicV4 &&
        here.entry.start === cursor.start &&
        here.arena.clumpMagic === cursor.clumpMagic
      )
    }),
  )
}

/**
 * Files that do not decode are set aside, stamped with `now`; null (a dry run) leaves them where they are. A file that
 * cannot be read at all may be in order: its mirror could be the one wanted, so nothing is chosen past it.
 */
export async function chooseMirror(
  stateDir: string,
  view: SourceView,
  wantedName: string | undefined,
  now: Date | null,
): Promise<MirrorChoice> {
  if (wantedName !== undefined && !/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/.test(wantedName)) {
    throw new AppError(
      'usage',
      `mirror name ${JSON.stringify(wantedName)}: expected letters, digits, dots and dashes, at most 64`,
    )
  }
  const { mirrors, problems, broken, unreadable } = await listMirrors(stateDir)
  if (unreadable.length > 0) {
    throw new AppError('state-missing', `${unreadable.join('; ')}. It may hold positions, so nothing was read or sent`)
  }
  const warnings: string[] = []
  for (const [index, path] of broken.entries()) {
    const place = now === null ? 'a sync keeps it under another name' : `kept as ${await setAside(path, now)}`
    warnings.push(
      `${problems[index] ?? path}; ${place}. Its cursors are lost: blocks are asked for before they are sent`,
    )
  }
  const path = await canonicalPath(view.path)
  const named = wantedName === undefined ? undefined : mirrors.find((mirror) => mirror.name === wantedName)
  const known =
    wantedName === undefined
      ? (mirrors.find((mirror) => cameFrom(mirror, view)) ?? mirrors.find((mirror) => mirror.source.path === path))
      : named
  if (known !== undefined) return { mirror: known, isNew: false, warnings }
  const taken = new Set(mirrors.map((mirror) => mirror.name))
  return { mirror: newMirror(wantedName ?? mirrorNameFor(view.path, taken), view, path), isNew: true, warnings }
}
