// What a 9fat says: its wrcmd taken apart and checked against the arenas, with the line that would put it right, and how many
// roots its rootscor has. Read only; nothing in it is run, and scores in it are masked (R10).

import type { WrarenaCommand } from '../../shared/model/bookkeeping.ts'
import type { WrcmdLook } from '../../shared/model/window.ts'
import { rootsOf } from '../engine/bookkeeping/rootscor.ts'
import { maskScoresIn } from '../engine/bookkeeping/wrcmd-words.ts'
import { readNinefat, shownText } from '../engine/fat/ninefat.ts'
import { judgeWrcmd } from '../engine/ninefat/judge-wrcmd.ts'
import { wrcmdCheckCommand } from './commands.ts'
import type { PlaceBook } from './places.ts'
import { problemOf } from './problem.ts'
import { windowText } from './window-words.ts'

/** Texts of the 9fat have one character per byte. */
export const shownWrcmd = (text: string): string => maskScoresIn(shownText(text)).trimEnd()

function shownCommand(command: WrarenaCommand): WrarenaCommand {
  const { words, program, host, partition } = command
  return {
    ...command,
    words: words.map(shownWrcmd),
    program: shownWrcmd(program),
    host: host === null ? null : shownWrcmd(host),
    partition: shownWrcmd(partition),
  }
}

/** What a user sees of wrcmd, and so knows it by: null for none, empty for blank. */
export const seenLine = (text: string | null): string | null => (text === null ? null : shownWrcmd(text))

const nothing = { line: null, command: null, arena: null, problems: [], proposal: null, remarks: [] } as const

/** `source`: the arenas it is checked against; null: those that stand beside the 9fat. Never rejects. */
export async function lookAtWrcmd(path: string, source: string | null, places: PlaceBook): Promise<WrcmdLook> {
  const base = { place: places.add(path), shell: wrcmdCheckCommand(path, source) }
  try {
    const { wrcmd, rootscor, problems: broken, warnings } = await readNinefat(path)
    const roots = rootsOf(rootscor.text ?? '').filter(({ isEmpty }) => !isEmpty).length
    const volume = [...broken, ...warnings].map(maskScoresIn)
    const { text } = wrcmd
    if (text === null || text.trim() === '') {
      const line = seenLine(text)
      const remarks = [text === null ? 'There is no wrcmd on this 9fat yet.' : 'wrcmd is empty, and claims nothing.']
      const canImport = broken.length === 0
      return { ...base, ...nothing, line, remarks: [...remarks, ...volume], roots, canImport, problem: null }
    }
    const { command, arena, problems, proposal, remarks } = await judgeWrcmd(text, { ninefat: path, source })
    return {
      ...base,
      line: seenLine(text),
      command: command === null ? null : shownCommand(command),
      arena,
      problems: problems.map(({ severity, message }) => ({ severity, message: maskScoresIn(message) })),
      proposal: proposal === null ? null : shownWrcmd(proposal),
      remarks: [...remarks.map((one) => windowText(shownWrcmd(one))), ...volume],
      roots,
      canImport: broken.length === 0 && !problems.some(({ severity }) => severity === 'error'),
      problem: null,
    }
  } catch (thrown) {
    return { ...base, ...nothing, roots: 0, canImport: false, problem: problemOf(thrown) }
  }
}
