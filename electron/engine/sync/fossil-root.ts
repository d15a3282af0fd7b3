// fossil's last root, to be recorded in rootscor before a sync as the script fossilize does.

import type { RootScore } from '../../../shared/model/score.ts'
import { readFossilLast } from '../fossil/fossil-last.ts'
import { openPath } from '../source/open-source.ts'

export type FossilRoot = {
  readonly score: RootScore
  /** What its own machine calls the partition, as far as that is known here. */
  readonly partition: string
}

/** fsys main config /dev/sdE0/fossil */
function configuredPath(text: string | null): string | null {
  return /^fsys\s+\S+\s+config\s+(\S+)\s*$/m.exec(text ?? '')?.[1] ?? null
}

/** Null when there is none to record, with the reason in `warnings`. Rejects with `not-fossil` and the errors of reading. */
export async function readFossilRoot(path: string, warnings: string[]): Promise<FossilRoot | null> {
  const source = await openPath(path)
  try {
    const { last, isEmpty, archiving, configText, warnings: odd } = await readFossilLast(source)
    warnings.push(...odd.map((line) => `${path}: ${line}`))
    if (archiving) {
      warnings.push(`${path}: an archive is in progress; its root is recorded by the next run after it is complete`)
    }
    if (isEmpty) {
      warnings.push(`${path}: nothing was archived from this fossil yet, so there is no root to record`)
      return null
    }
    return { score: last, partition: configuredPath(configText) ?? path.replaceAll(/\s+/g, '_') }
  } finally {
    await source.close()
  }
}
