// Command lines that do what the window does with roots and trees. The root stands in them masked (R10): who has it revealed
// puts it in its place.

import { maskScore, type RootScore } from '../../shared/model/score.ts'
import type { VerifyDepth } from '../../shared/model/verify.ts'
import type { Dial } from '../engine/venti/client/dial.ts'
import { hereDial } from '../engine/verify/recover-commands.ts'
import { shellWord, stateWords } from './commands.ts'
import type { ServiceContext } from './context.ts'

export type CheckAsked = {
  readonly root: RootScore
  readonly dial: Dial
  readonly depth: VerifyDepth
  readonly source: string
  readonly repair: boolean
}

export function checkCommand({ root, dial, depth, source, repair }: CheckAsked, context: ServiceContext): string {
  const options = `${depth === 'full' ? ' --full' : ''} --source ${shellWord(source)}${repair ? ' --repair' : ''}`
  const state = stateWords(context)
    .map((word) => ` ${shellWord(word)}`)
    .join('')
  return `venti-mirror verify ${maskScore(root)} --at ${hereDial(dial)}${options}${state}`
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
