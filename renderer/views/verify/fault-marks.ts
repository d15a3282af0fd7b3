// Which paths of an archive miss blocks, as the last check has it: what is missing in a file counts for every folder above
// it, so that one finds the way down. Pure.

import type { CheckResult } from '../../../shared/model/window.ts'
import { counted } from '../../text/format.ts'

export type FaultMark = { readonly missing: number; readonly damaged: number }
/** By path as the tree has it; without the root. */
export type FaultMarks = ReadonlyMap<string, FaultMark>

export const noMarks: FaultMarks = new Map()

/** "/a", "/a/b" of "/a/b"; nothing for the root, and for a path so long that only its end was kept. */
function pathsTo(path: string): readonly string[] {
  if (!path.startsWith('/') || path === '/') return []
  const paths: string[] = []
  for (let at = path.indexOf('/', 1); at >= 0; at = path.indexOf('/', at + 1)) paths.push(path.slice(0, at))
  return [...paths, path]
}

export function faultMarks(result: CheckResult | null): FaultMarks {
  if (result === null) return noMarks
  const marks = new Map<string, FaultMark>()
  const add = (path: string, kind: keyof FaultMark): void => {
    for (const one of pathsTo(path)) {
      const before = marks.get(one) ?? { missing: 0, damaged: 0 }
      marks.set(one, { ...before, [kind]: before[kind] + 1 })
    }
  }
  for (const { path, repaired } of result.missing) if (!repaired) add(path, 'missing')
  for (const { path, repaired } of result.corrupt) if (!repaired) add(path, 'damaged')
  return marks.size === 0 ? noMarks : marks
}

/** "3 blocks missing", "1 block damaged", "3 blocks missing, 1 damaged". */
export function markWords({ missing, damaged }: FaultMark): string {
  if (damaged === 0) return `${counted(missing, 'block')} missing`
  return missing === 0
    ? `${counted(damaged, 'block')} damaged`
    : `${counted(missing, 'block')} missing, ${damaged} damaged`
}
