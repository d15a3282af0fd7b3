// Reads ~/.ssh/config and the system's ssh_config with everything they include, once, into lines that ssh-config.ts judges for
// one host after the other. Read and never written. Authority: ssh_config(5), "Include". A file that is not there is empty;
// one that is there and cannot be read is an error, since we would connect elsewhere than the user's ssh does.

import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { AppError } from '../../../shared/errors.ts'
import { errnoOf } from '../errno.ts'
import { matchesPattern } from './host-pattern.ts'
import { configArguments, configError, splitConfigLine, type ConfigLine } from './ssh-config-line.ts'

/** Lines in order; those of included files stand in a list of their own. */
export type ConfigBlock = readonly (ConfigLine | ConfigBlock)[]

/** One for each file named. */
export type SshConfig = readonly ConfigBlock[]

const maxDepth = 16
const maxFileBytes = 4 * 2 ** 20

/** `files` in the order in which they count, `~` for `home`. Rejects with `ssh-login`. */
export async function readConfigFiles(files: readonly string[], home: string): Promise<SshConfig> {
  return await Promise.all(files.map((file) => readBlock(file, { home, folder: dirname(file), depth: 0 })))
}

type Around = {
  readonly home: string
  /** Relative names of included files count from here: ~/.ssh or /etc/ssh, also in included files. */
  readonly folder: string
  readonly depth: number
}

async function readBlock(file: string, around: Around): Promise<ConfigBlock> {
  const block: (ConfigLine | ConfigBlock)[] = []
  const text = await textOf(file)
  for (const [index, raw] of text.split('\n').entries()) {
    const split = splitConfigLine(raw)
    if (split === null) continue
    const line: ConfigLine = { ...split, file, line: index + 1 }
    if (line.keyword === 'include') block.push(...(await readIncluded(line, around)))
    else block.push(line)
  }
  return block
}

async function readIncluded(line: ConfigLine, { home, folder, depth }: Around): Promise<ConfigBlock[]> {
  if (depth >= maxDepth) throw configError(line, 'files include each other more than 16 deep')
  const blocks: ConfigBlock[] = []
  for (const argument of configArguments(line)) {
    const name = argument.startsWith('~/') ? join(home, argument.slice(2)) : argument
    for (const path of await matchingFiles(isAbsolute(name) ? name : join(folder, name)))
      blocks.push(await readBlock(path, { home, folder, depth: depth + 1 }))
  }
  return blocks
}

/** Patterns count in the last part of the path. Sorted, as glob does. */
async function matchingFiles(path: string): Promise<readonly string[]> {
  const pattern = basename(path)
  if (!/[*?]/.test(pattern)) return [path]
  const folder = dirname(path)
  const names = await readdir(folder).catch((error: unknown) => {
    if (isAbsent(error)) return []
    throw unreadable(folder, errnoOf(error), error)
  })
  return names
    .filter((name) => matchesPattern(name, pattern) && (!name.startsWith('.') || pattern.startsWith('.')))
    .toSorted((left, right) => (left < right ? -1 : 1))
    .map((name) => join(folder, name))
}

async function textOf(path: string): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size <= maxFileBytes) return await readFile(path, 'utf8')
  } catch (error) {
    if (isAbsent(error)) return ''
    throw unreadable(path, errnoOf(error), error)
  }
  throw unreadable(path, `larger than ${maxFileBytes} bytes`)
}

function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(errnoOf(error))
}

function unreadable(path: string, reason: string, cause?: unknown): AppError {
  return new AppError('ssh-login', `cannot read ${path}, which says how machines are reached: ${reason}`, {
    data: { path, next: `Let this user read ${path}, or move it away; then try again.` },
    cause,
  })
}
