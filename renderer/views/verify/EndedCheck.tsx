// How a check ended: one sentence, how much of the archive is good, and what was found.

import type { CheckJobView, CheckResult, MirrorView } from '../../../shared/model/window.ts'
import { Chip } from '../../components/Chip.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { printable } from '../../text/format.ts'
import { resultSentence } from '../../text/verify-words.ts'
import { CheckFindings } from './CheckFindings.tsx'
import styles from './Verify.module.css'

export type EndedCheckProps = {
  readonly job: CheckJobView
  readonly mirror: MirrorView
  readonly name: string
  readonly onRepair: () => void
}

export function EndedCheck({ job, mirror, name, onRepair }: EndedCheckProps) {
  const { problem, result } = job
  if (problem !== null) return <ProblemPanel problem={problem} />
  if (result === null) return <p>Stopped before anything was known.</p>
  const { ok, cancelled, warnings } = result
  return (
    <div className="stack">
      <GoodBar result={result} />
      <output className="row">
        <Chip tone={ok ? 'ok' : cancelled ? 'plain' : 'late'}>
          {ok ? 'whole' : cancelled ? 'stopped' : 'not whole'}
        </Chip>
        <span>{resultSentence(result, job.depth, name)}</span>
      </output>
      <CheckFindings result={result} mirror={mirror} name={name} dial={job.dial} onRepair={onRepair} />
      {warnings.map((warning) => (
        <p key={warning} className="muted">
          {printable(warning)}
        </p>
      ))}
    </div>
  )
}

/** A picture of the sentence below it: what is good, and at its end, never too small to be seen, what is not. */
function GoodBar({ result: { good, blocks, cancelled } }: { readonly result: CheckResult }) {
  if (cancelled || blocks === 0) return null
  return (
    <div className={styles['good']} aria-hidden="true">
      <i style={{ flexGrow: good }} />
      {good < blocks ? <b style={{ flexGrow: blocks - good }} /> : null}
    </div>
  )
}
