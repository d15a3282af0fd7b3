// What is kept up to date beside the blocks: wrcmd and rootscor on a 9fat, and the fossil whose archives are recorded.

import type { SetupDraft } from '../../../shared/model/window.ts'
import { FixedNote } from './FixedNote.tsx'
import { FossilChoice } from './FossilChoice.tsx'
import { NinefatChoice } from './NinefatChoice.tsx'
import { useSetupFacts } from './setup-selectors.ts'
import { StepFrame } from './StepFrame.tsx'
import { isFixed } from './steps.ts'
import { WrcmdReport } from './WrcmdReport.tsx'

export type BookkeepingStepProps = { readonly draft: SetupDraft }

export function BookkeepingStep({ draft }: BookkeepingStepProps) {
  const facts = useSetupFacts(draft)
  const { ninefat } = draft
  return (
    <StepFrame
      step="bookkeeping"
      facts={facts}
      title={titleOf(draft)}
      lead="ventiprog keeps its position in wrcmd and the scores of roots in rootscor. Both can go on from what is done here."
    >
      {ninefat === null ? null : (
        <WrcmdReport key={ninefat.place.path} look={ninefat} draft={draft} canChange={!isFixed(draft)} />
      )}
      {isFixed(draft) ? (
        <FixedNote what="The bookkeeping" />
      ) : (
        <>
          <NinefatChoice draft={draft} />
          <FossilChoice draft={draft} />
        </>
      )}
    </StepFrame>
  )
}

function titleOf({ ninefat }: SetupDraft): string {
  if (ninefat === null) return 'Is there a 9fat to keep up to date?'
  return ninefat.canImport ? 'This is what the 9fat says' : 'This wrcmd cannot be taken over as it is'
}
