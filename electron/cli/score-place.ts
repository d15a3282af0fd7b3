// SCORE[/path] as the command line takes it: vac:HEX or HEX, or a .vac file as vac writes one (its first 44 characters
// count). Whoever can see the arguments of a process sees the score; a .vac file keeps it to itself (R10).

import { open } from 'node:fs/promises'
import { AppError } from '../../shared/errors.ts'
import { isScore, type RootScore } from '../../shared/model/score.ts'

export type ScorePlace = {
  readonly root: RootScore
  /** Begins with a /. */
  readonly path: string
}

const vacFileBytes = 'vac:'.length + 40

/** Rejects with usage, or source-open for a .vac file that cannot be read. */
export async function resolveScorePlace(text: string): Promise<ScorePlace> {
  const typed = /^(?:[a-z0-9]+:)?([0-9a-f]{40})(\/.*)?$/is.exec(text)
  if (typed !== null) return { root: scoreOf(typed[1]!), path: typed[2] ?? '/' }
  const named = /^(.*?\.vac)(\/.*)?$/s.exec(text)
  if (named !== null) return { root: await scoreInFile(named[1]!), path: named[2] ?? '/' }
  throw new AppError('usage', 'SCORE is vac: and 40 hex digits, or a file that ends in .vac; /PATH may follow')
}

function scoreOf(digits: string): RootScore {
  const score = digits.toLowerCase()
  if (!isScore(score)) throw new AppError('usage', 'a score has 40 hex digits')
  return score as string as RootScore
}

async function scoreInFile(path: string): Promise<RootScore> {
  const bytes = Buffer.alloc(vacFileBytes)
  let length: number
  try {
    const file = await open(path, 'r')
    try {
      length = (await file.read(bytes, 0, vacFileBytes, 0)).bytesRead
    } finally {
      await file.close()
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new AppError('source-open', `cannot read ${path}: ${code}`, { data: { path, code }, cause: error })
  }
  const match = /^vac:([0-9a-f]{40})$/i.exec(bytes.toString('latin1', 0, length))
  if (match === null) throw new AppError('usage', `${path} does not begin with vac: and 40 hex digits`)
  return scoreOf(match[1]!)
}
