// Puts a planned line where wrcmd is, if the text is still the one that was looked at: nothing of somebody else's change is
// ever overwritten. With a backup, as every change of a 9fat.

import { AppError } from '../../../shared/errors.ts'
import { changeNinefat, textBytes, type NinefatOptions } from '../fat/ninefat.ts'

export type WrittenWrcmd = {
  /** False when the line was there already. */
  readonly written: boolean
  readonly backup: string | null
  readonly remarks: readonly string[]
}

/** `before`: the text that the line was planned from; null where there was no wrcmd. Rejects as changeNinefat does. */
export async function writeWrcmd(
  ninefat: string,
  before: string | null,
  line: string,
  options: NinefatOptions,
): Promise<WrittenWrcmd> {
  const { written, backup, recovered, warnings } = await changeNinefat(
    ninefat,
    (now) => {
      if (now.wrcmd.text !== before) {
        throw new AppError('changed-9fat', `${ninefat}: somebody else changed wrcmd in this moment`)
      }
      return [{ kind: 'replace', name: 'wrcmd', content: textBytes(line) }]
    },
    options,
  )
  return { written, backup, remarks: [...recovered, ...warnings].map((one) => `9fat: ${one}`) }
}
