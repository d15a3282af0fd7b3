// What `recover` prints: the verification, then the commands, or why there are none. Pure.

import type { RecoverResult, RestoreWay } from '../../shared/model/recover.ts'
import { verifyLines } from './verify-text.ts'

const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`)

function headline(way: RestoreWay): string {
  if (way.kind === 'fossil') return 'To bring the fossil back, on the Plan 9 machine:'
  return `To bring its files back, on a Plan 9 machine (fossil/flfmt -v is not for it: ${way.why}):`
}

export function recoverLines({ verified, way, commands }: RecoverResult): readonly string[] {
  const found = verifyLines(verified)
  if (way === null || commands === null) {
    const why = verified.cancelled ? 'the check was interrupted' : 'not all of it is there'
    return [...found, `No commands to bring it back are given: ${why}.`]
  }
  return [
    ...found,
    '',
    headline(way),
    ...indented(commands.plan9),
    way.kind === 'fossil' ? 'Or only the files of /active, on this computer:' : 'Or on this computer:',
    ...indented(commands.here),
    ...commands.notes.map((note) => `Note: ${note}`),
    'Whoever has this score can read everything under it.',
  ]
}
