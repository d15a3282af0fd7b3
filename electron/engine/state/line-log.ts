// Logs of one JSON document a line, as history/ and verify/ keep them (appended by appendLine). What is no line of the log,
// or was cut off by a crash, is skipped: a log is never rewritten.

import { readFile } from 'node:fs/promises'
import { AppError } from '../../../shared/errors.ts'
import { errnoOf } from '../errno.ts'

/** Oldest first; empty when there is none yet. Rejects with `state-missing` when there is one that cannot be read. */
export async function readLineLog<T>(path: string, decode: (document: unknown) => T | null): Promise<readonly T[]> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const code = errnoOf(error)
    if (code === 'ENOENT') return []
    throw new AppError('state-missing', `cannot read ${path}: ${code}`, { data: { path, code }, cause: error })
  }
  return text
    .split('\n')
    .map((line) => decode(parsed(line)))
    .filter((line) => line !== null)
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
