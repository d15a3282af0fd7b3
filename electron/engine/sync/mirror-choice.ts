// Which mirror of the state folder a sync belongs to: the one named, the one whose cursors came from this very partition,
// or the one remembered for this path; else a new one. A partition is known by its clump magics and places, not by its
// path, so that an image that moved goes on where it was.

import { realpath } from 'node:fs/promises'
import { AppError } from '../../../shared/errors.ts'
import { mirrorSchema, type MirrorState } from '../../../shared/model/mirror.ts'
import { clumpMagicV4 } from '../venti/format/constants.ts'
import { listMirrors, mirrorNameFor, setAside } from '../state/mirror-file.ts'
import type { SourceView } from './source-view.ts'

export type MirrorChoice = {
  readonly mirror: MirrorState
  readonly isNew: boolean
  readonly warnings: readonly string[]
}

export async function canonicalPath(path: string): Promise<string> {
  return await realpath(path).catch(() => path)
}

function newMirror(name: string, view: SourceView, path: string): MirrorState {
  return {
    schema: mirrorSchema,
    name,
    source: {
      spec: view.spec,
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

/** `now` stamps files set aside. Changes nothing but moving unreadable mirror files out of the way. */
export async function chooseMirror(
  stateDir: string,
  view: SourceView,
  wantedName: string | undefined,
  now: Date,
): Promise<MirrorChoice> {
  if (wantedName !== undefined && !/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/.test(wantedName)) {
    throw new AppError(
      'usage',
      `mirror name ${JSON.stringify(wantedName)}: expected letters, digits, dots and dashes, at most 64`,
    )
  }
  const { mirrors, problems, broken } = await listMirrors(stateDir)
  const warnings: string[] = []
  for (const [index, path] of broken.entries()) {
    const kept = await setAside(path, now)
    warnings.push(
      `${problems[index] ?? path}; kept as ${kept}. Its cursors are lost: blocks are asked for before they are sent`,
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
