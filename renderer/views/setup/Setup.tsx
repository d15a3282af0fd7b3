// The set-up: which step is shown. What each step may do is in its own file, when it may be shown in steps.ts.

import { assertNever } from '../../../shared/assert.ts'
import type { SetupDraft } from '../../../shared/model/window.ts'
import { useApp } from '../../store/hooks.tsx'
import { BookkeepingStep } from './BookkeepingStep.tsx'
import { CopyStep } from './CopyStep.tsx'
import { DoneStep } from './DoneStep.tsx'
import { EmptySetup } from './EmptySetup.tsx'
import { PlanStep } from './PlanStep.tsx'
import { SourceStep } from './SourceStep.tsx'
import { TargetsStep } from './TargetsStep.tsx'
import { VerifyStep } from './VerifyStep.tsx'

export function Setup() {
  const draft = useApp((state) => state.setup)
  return draft === null ? <EmptySetup /> : <Step draft={draft} />
}

function Step({ draft }: { readonly draft: SetupDraft }) {
  switch (draft.step) {
    case 'source':
      return <SourceStep draft={draft} />
    case 'targets':
      return <TargetsStep draft={draft} />
    case 'bookkeeping':
      return <BookkeepingStep draft={draft} />
    case 'plan':
      return <PlanStep draft={draft} />
    case 'copy':
      return <CopyStep draft={draft} />
    case 'verify':
      return <VerifyStep draft={draft} />
    case 'done':
      return <DoneStep draft={draft} />
    default:
      return assertNever(draft.step, 'step of the set-up')
  }
}
