// What the owner of a mirror said about it, as the groups of handlers read it.

import type { MirrorPreferences, MirrorState } from '../../shared/model/mirror.ts'

export function preferencesOf(mirror: MirrorState | null): MirrorPreferences {
  return mirror?.preferences ?? {}
}

export function fossilOf(mirror: MirrorState): string | null {
  return preferencesOf(mirror).fossil ?? null
}

/** The window checks the newest root after each sync, unless the owner wants it otherwise. */
export function verifiesAfterSync(mirror: MirrorState): boolean {
  return preferencesOf(mirror).verifyAfterSync ?? true
}

/** What the owner calls a target, else a short form of its dial string. */
export function targetNameOf(mirror: MirrorState | null, dial: string): string {
  const names = preferencesOf(mirror).targetNames ?? {}
  const given = Object.hasOwn(names, dial) ? names[dial] : undefined
  return (
    given ??
    dial
      .replace(/^tcp!/, '')
      .replace(/!17034$/, '')
      .replace('!', ':')
  )
}
