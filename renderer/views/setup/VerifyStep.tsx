// Whether the copy is whole: the newest root on every target, as the check behind the copy found it, or one begun here.

import type { SetupDraft } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { CommandLine } from '../../components/CommandLine.tsx'
import { LiveRegion } from '../../components/LiveRegion.tsx'
import { Note } from '../../components/ProblemPanel.tsx'
import { ProgressBar } from '../../components/ProgressBar.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useAction } from '../../store/use-request.ts'
import { rootVerdict, verifyHeadline } from '../../text/copy-words.ts'
import { capital, moment, percent, printable } from '../../text/format.ts'
import { checkingWords } from '../../text/run-words.ts'
import { useNow } from '../../store/use-now.ts'
import { mayAct } from '../overview/overview-selectors.ts'
import { CopyButtons } from './CopyButtons.tsx'
import { CopyWarnings } from './CopyWarnings.tsx'
import { newestCheckOn, useSetupFacts } from './setup-selectors.ts'
import { StepFrame } from './StepFrame.tsx'
import { isOpenJob } from './steps.ts'
import { VerdictRow } from './VerdictRow.tsx'
import styles from './Setup.module.css'

export type VerifyStepProps = { readonly draft: SetupDraft }

export function VerifyStep({ draft }: VerifyStepProps) {
  const facts = useSetupFacts(draft)
  const canAct = useApp(mayAct)
  const keep = useApp((state) => state.keepSetup)
  const go = useApp((state) => state.go)
  const jobs = useApp((state) => state.jobs)
  const start = useAction('setup.copy')
  const now = useNow()
  const { job, mirror } = facts
  const checkAll = async (): Promise<void> => {
    const begun = await start.run({})
    if (begun !== null) keep(begun.draft)
  }
  if (mirror === null) {
    return (
      <StepFrame step="verify" facts={facts} title="Can the backup be read?" lead="Asking the service for the mirror …">
        {null}
      </StepFrame>
    )
  }
  const rows = mirror.targets.map((target) => {
    const check = newestCheckOn(mirror.name, target.dial)({ jobs })
    return { target, check, verdict: rootVerdict(target, job, check) }
  })
  const { title, text } = verifyHeadline(
    mirror,
    rows.map(({ verdict }) => verdict),
  )
  const isRunning = isOpenJob(job)
  const isUnknown = rows.some(({ verdict }) => verdict.state === 'unknown')
  const faulty = rows.find(({ verdict }) => verdict.state === 'faulty')
  const root = mirror.newestRoot
  return (
    <StepFrame
      step="verify"
      facts={facts}
      title={title}
      lead={text}
      problem={start.problem}
      actions={isRunning ? <CopyButtons job={job} canAct={canAct} /> : null}
    >
      <LiveRegion text={title} />
      <section className="sheet stack" aria-labelledby="newest-root">
        <div>
          <h2 id="newest-root">Newest root</h2>
          {root === null ? (
            <p className="muted">
              No root was found on the source, so there is no archive yet whose blocks could be checked.
            </p>
          ) : (
            <p className="muted">
              <code>{root.score}</code>, {root.at === null ? 'no date known' : `written ${moment(root.at, now)}`}
            </p>
          )}
        </div>
        {isRunning && job.stage === 'verify' ? <Checking job={job} /> : null}
        <ul className={styles['targets']} aria-label="The newest root on each target">
          {rows.map(({ target, verdict, check }) => (
            <VerdictRow key={target.dial} mirror={mirror} target={target} verdict={verdict} check={check} />
          ))}
        </ul>
      </section>
      {job === null ? null : <CopyWarnings job={job} />}
      {faulty !== undefined ? (
        <Note tone="warn" title="Everything that was confirmed is kept.">
          <span>Verify lists each block that is missing, why, and what brings it back.</span>
          <div className="row">
            <Button onPress={() => go('verify', { mirror: mirror.name, dial: faulty.target.dial })}>Open Verify</Button>
          </div>
        </Note>
      ) : null}
      {isUnknown && !isRunning ? (
        <div className="row">
          <Button isDisabled={!canAct} isPending={start.isBusy} onPress={() => void checkAll()}>
            Copy the rest and check
          </Button>
          <span className="small">You can also go on without, and check later under Verify.</span>
        </div>
      ) : null}
      <CommandLine command={job?.command ?? mirror.command} />
    </StepFrame>
  )
}

/** What is known grows while the tree is walked, so the bar may stand still. */
function Checking({ job }: { readonly job: NonNullable<Parameters<typeof rootVerdict>[1]> }) {
  const words = checkingWords(job)
  const checking = job.checking ?? null
  const part = checking === null || checking.known === 0 ? null : percent(checking.checked, checking.known)
  return (
    <div className="stack">
      <ProgressBar label="Check of the newest root" percent={part} valueText={words} isBig />
      <span className="muted">{capital(printable(words))}</span>
    </div>
  )
}
