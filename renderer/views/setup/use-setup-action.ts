// A request of the wizard that is answered with the draft as it is afterwards: the store has it at once, so that a step that
// was asked for is there when the answer is.

import { useCallback, useState } from 'react'
import type { Answer, Asked, Channel } from '../../../shared/contract.ts'
import type { Problem, SetupDraft, SetupStep } from '../../../shared/model/window.ts'
import { problemFrom } from '../../service-error.ts'
import { useApp } from '../../store/hooks.tsx'
import { useAction, type Request } from '../../store/use-request.ts'

type DraftChannel = { [C in Channel]: Answer<C> extends SetupDraft ? C : never }[Channel]

export type SetupAction<C extends DraftChannel> = Request<Answer<C>> & {
  readonly run: (asked: Asked<C>) => Promise<Answer<C> | null>
  readonly clear: () => void
}

export function useSetupAction<C extends DraftChannel>(channel: C): SetupAction<C> {
  const { run: ask, ...state } = useAction(channel)
  const keep = useApp(({ keepSetup }) => keepSetup)
  const run = useCallback(
    async (asked: Asked<C>): Promise<Answer<C> | null> => {
      const draft = await ask(asked)
      if (draft !== null) keep(draft)
      return draft
    },
    [ask, keep],
  )
  return { ...state, run }
}

/** To another step, once the service has kept that. */
export function useStep(): Omit<SetupAction<'setup.step'>, 'run'> & { readonly goTo: (step: SetupStep) => void } {
  const { run, ...state } = useSetupAction('setup.step')
  const goTo = useCallback((step: SetupStep) => void run({ step }), [run])
  return { ...state, goTo }
}

/** The end of the set-up. `end` resolves with whether it came; the view with this hook is gone then. */
export function useEndSetup(how: 'setup.discard' | 'setup.finish') {
  const endSetup = useApp((state) => state.endSetup)
  const [state, setState] = useState<{ readonly problem: Problem | null; readonly isBusy: boolean }>({
    problem: null,
    isBusy: false,
  })
  const end = useCallback(async (): Promise<boolean> => {
    setState({ problem: null, isBusy: true })
    try {
      await endSetup(how)
      return true
    } catch (thrown) {
      setState({ problem: problemFrom(thrown), isBusy: false })
      return false
    }
  }, [endSetup, how])
  return { ...state, end }
}
