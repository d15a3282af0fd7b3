// The recovery card as a text to print or to keep on a stick. Pure.

import type { RecoveryCard } from '../../shared/model/window.ts'
import { printable } from './format.ts'

const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `    ${printable(line)}`)

export function recoveryText({ dial, verifiedAt, plan9, here, notes }: RecoveryCard, name: string): string {
  const lines = [
    `Bringing the files back from ${printable(name)} (${printable(dial)})`,
    `The whole archive was read back from there at ${verifiedAt}.`,
    '',
    'On Plan 9:',
    ...indented(plan9),
    '',
    'On a computer with Venti Mirror:',
    ...indented(here),
    '',
    ...notes.map((note) => `Note: ${printable(note)}`),
  ]
  return `${lines.join('\n')}\n`
}
