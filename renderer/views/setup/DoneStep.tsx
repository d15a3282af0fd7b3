// The end of the set-up: what there is now, what to do each day, and the other direction.

import type { MirrorView, SetupDraft } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { Chip } from '../../components/Chip.tsx'
import { CommandLine } from '../../components/CommandLine.tsx'
import { Note } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useNow } from '../../store/use-now.ts'
import { age, counted, printable } from '../../text/format.ts'
import { doneHeadline } from '../../text/copy-words.ts'
import { mayAct } from '../overview/overview-selectors.ts'
import { OtherDirection } from './OtherDirection.tsx'
import { useSetupFacts } from './setup-selectors.ts'
import { StepFrame } from './StepFrame.tsx'
import { useEndSetup } from './use-setup-action.ts'
import styles from './Setup.module.css'

export type DoneStepProps = { readonly draft: SetupDraft }

export function DoneStep({ draft }: DoneStepProps) {
  const facts = useSetupFacts(draft)
  const canAct = useApp(mayAct)
  const go = useApp((state) => state.go)
  const chooseMirror = useApp((state) => state.chooseMirror)
  const { end, problem, isBusy } = useEndSetup('setup.finish')
  const { mirror } = facts
  const finish = async (): Promise<void> => {
    if (!(await end())) return
    if (draft.mirror !== null) chooseMirror(draft.mirror)
    go('overview')
  }
  return (
    <StepFrame
      step="done"
      facts={facts}
      title={mirror === null ? 'The mirror is set up' : doneHeadline(mirror)}
      lead="From now on one press of Sync under Overview sends what is new, and checks the newest root again."
      problem={problem}
      next={
        <Button look="primary" isDisabled={!canAct} isPending={isBusy} onPress={() => void finish()}>
          Go to the overview
        </Button>
      }
    >
      {mirror === null ? null : <Summary mirror={mirror} />}
      <OtherDirection />
    </StepFrame>
  )
}

function Summary({ mirror }: { readonly mirror: MirrorView }) {
  const now = useNow()
  return (
    <section className="sheet stack" aria-labelledby="summary">
      <h2 id="summary">The mirror {printable(mirror.name)}</h2>
      <ul className={styles['targets']} aria-label="Targets">
        {mirror.targets.map(({ dial, name, behindBlocks, lastSync, lastVerified }) => (
          <li key={dial} className="row">
            <b>{printable(name)}</b>
            {behindBlocks === 0 && lastSync !== null ? (
              <Chip tone="ok">has everything</Chip>
            ) : (
              <Chip tone="late">{`${counted(behindBlocks, 'block')} behind`}</Chip>
            )}
            <span className="muted">
              {lastSync === null ? 'not confirmed yet' : `confirmed ${age(lastSync, now)}`},{' '}
              {lastVerified === null ? 'newest root not checked' : `newest root checked ${age(lastVerified.at, now)}`}
            </span>
          </li>
        ))}
      </ul>
      {mirror.damage === 0 ? null : (
        <Note tone="warn" title={`${counted(mirror.damage, 'damaged place')} in the source.`}>
          <span>They are listed under Activity; everything else is mirrored.</span>
        </Note>
      )}
      <p className="small">The daily sync on the command line, for cron or a timer:</p>
      <CommandLine command={mirror.command} label="The daily sync on the command line" />
    </section>
  )
}
