// Command lines that do what the window does with roots and trees. The root stands in them masked (R10): who has it revealed
// puts it in its place.

import { maskScore, type RootScore } from '../../shared/model/score.ts'
import type { VerifyDepth } from '../../shared/model/verify.ts'
import { defaultStateDir } from '../platform/paths.ts'
import type { Dial } from '../engine/venti/client/dial.ts'
import { hereDial } from '../engine/verify/recover-commands.ts'
import type { ServiceContext } from './context.ts'

/** For a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./…-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

function stateWords({ stateDir, environment, home }: ServiceContext): string {
  const usual = defaultStateDir({ platform: process.platform, environment, home })
  return stateDir === usual ? '' : ` --state ${shellWord(stateDir)}`
}

export type CheckAsked = {
  readonly root: RootScore
  readonly dial: Dial
  readonly depth: VerifyDepth
  readonly source: string
  readonly repair: boolean
}

export function checkCommand({ root, dial, depth, source, repair }: CheckAsked, context: ServiceContext): string {
  const options = `${depth === 'full' ? ' --full' : ''} --source ${shellWord(source)}${repair ? ' --repair' : ''}`
  return `venti-mirror verify ${maskScore(root)} --at ${hereDial(dial)}${options}${stateWords(context)}`
}

export type ExtractAsked = {
  readonly root: RootScore
  readonly dial: Dial
  readonly path: string
  readonly folder: string
}

export function extractCommand({ root, dial, path, folder }: ExtractAsked): string {
  const place = shellWord(`${maskScore(root)}${path === '/' ? '' : path}`)
  return `venti-mirror extract ${place} ${shellWord(folder)} --at ${hereDial(dial)}`
}
