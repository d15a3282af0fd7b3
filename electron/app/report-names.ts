// What a report calls the places of its owner: target-1, source-2, ~. Every form in which a place may stand in a message or a
// line of the log is replaced, the longest first, since one may be the beginning of another.

import type { AppView } from '../../shared/model/window.ts'

type Names = Map<string, string>

/** Says nothing of anybody, and much of what is wrong. */
const isLoopback = (host: string): boolean => /^(?:localhost|127(?:\.\d+){3}|\[?::1\]?)$/i.test(host)

/** Of a venti, and of the machine on the way to it. */
function hostsOf(dial: string): readonly string[] {
  const [, authority, behind] = /^ssh:\/\/([^!/]*)!(.*)$/i.exec(dial) ?? []
  const host = /^(?:\w+!)?(.+)![^!]+$/.exec(behind ?? dial)?.[1]
  const hop = authority === undefined ? undefined : machineIn(authority)
  return [host, hop].filter((one) => one !== undefined && !isLoopback(one)) as string[]
}

/** Of USER@HOST:PORT. */
const machineIn = (authority: string): string => authority.replace(/^[^@]*@/, '').replace(/:\d+$/, '')

/** Of the machine that a path is on; null: this computer. */
function machineOf(path: string): string | null {
  const authority = /^ssh:\/\/([^/]*)\//i.exec(path)?.[1]
  return authority === undefined || isLoopback(machineIn(authority)) ? null : machineIn(authority)
}

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)

function add(names: Names, place: string | null, name: string): void {
  if (place !== null && place.length > 1 && !names.has(place)) names.set(place, name)
}

/** By their order in the view, so that "target-1" means the same everywhere in one report. */
export function namesOf(view: AppView | null): ReadonlyMap<string, string> {
  const names: Names = new Map()
  const targets: Names = new Map()
  const targetName = (dial: string): string => {
    const name = targets.get(dial) ?? `target-${targets.size + 1}`
    targets.set(dial, name)
    return name
  }
  for (const [index, { source, ninefat, targets: ofMirror }] of (view?.mirrors ?? []).entries()) {
    add(names, source.path, `source-${index + 1}`)
    add(names, machineOf(source.path), `machine-of-source-${index + 1}`)
    if (ninefat !== null) add(names, machineOf(ninefat), `machine-of-9fat-${index + 1}`)
    add(names, ninefat, `9fat-${index + 1}`)
    for (const { dial, name, store } of ofMirror) {
      const called = targetName(dial)
      add(names, dial, called)
      add(names, name, called)
      for (const host of hostsOf(dial)) add(names, host, called)
      add(names, store?.folder ?? null, `folder-of-${called}`)
    }
  }
  // Of a mirror that was made anew or is being copied, a job may name a target that no picture has.
  for (const job of view?.jobs ?? []) {
    const dials = job.kind === 'sync' ? job.targets.map(({ dial }) => dial) : job.kind === 'check' ? [job.dial] : []
    for (const dial of dials) {
      add(names, dial, targetName(dial))
      for (const host of hostsOf(dial)) add(names, host, targetName(dial))
    }
  }
  return names
}

/** Whole words and whole path components alone: a target called "a" is not every letter. */
export function replacePlaces(text: string, names: ReadonlyMap<string, string>, home: string): string {
  const all = new Map(names)
  if (home.length > 1) all.set(home, '~')
  if (all.size === 0) return text
  const lower = new Map([...all].map(([place, name]) => [place.toLowerCase(), name]))
  const places = [...all.keys()].toSorted((a, b) => b.length - a.length).map(escaped)
  const pattern = new RegExp(String.raw`(?<![\p{L}\p{N}_-])(?:${places.join('|')})(?![\p{L}\p{N}_-])`, 'giu')
  return text.replaceAll(pattern, (place) => lower.get(place.toLowerCase()) ?? place)
}
