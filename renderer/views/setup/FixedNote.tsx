// Why a step can be looked at and not changed any more.

import { Note } from '../../components/ProblemPanel.tsx'

export type FixedNoteProps = { readonly what: string }

export function FixedNote({ what }: FixedNoteProps) {
  return (
    <Note tone="ok" title={`${what} of this mirror can no longer be changed here: its copy has begun.`}>
      <span>Targets are added and taken off under Settings. For another source, set up another mirror.</span>
    </Note>
  )
}
