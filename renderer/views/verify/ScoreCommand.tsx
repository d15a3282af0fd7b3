// A command line with a root score in it: masked like every score, until the user has revealed it; then it can be run as
// it stands.

import { CommandLine } from '../../components/CommandLine.tsx'
import type { RevealedScore } from './use-revealed-score.ts'

export type ScoreCommandProps = {
  readonly command: string
  readonly revealed: RevealedScore
  readonly label?: string
  /** Says that the score is masked. */
  readonly isExplained?: boolean
}

export function ScoreCommand({ command, revealed, label, isExplained = false }: ScoreCommandProps) {
  return (
    <div>
      <CommandLine command={revealed.inCommand(command)} {...(label === undefined ? {} : { label })} />
      {revealed.isRevealed || !isExplained ? null : (
        <p className="small">The score is masked here too: reveal it, and this line can be run as it stands.</p>
      )}
    </div>
  )
}
