// How a sync ended, in words, and what to do next.

import type { SyncJobView } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { LiveRegion } from '../../components/LiveRegion.tsx'
import { Note, ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { listed } from '../../text/overview-words.ts'
import { printable } from '../../text/format.ts'
import { endWords } from '../../text/run-words.ts'

export type RunEndProps = {
  readonly job: SyncJobView
  readonly canAct: boolean
  readonly onRetry: (dials: readonly string[] | null) => void
  readonly onDismiss: () => void
}

const dialOf = (target: { readonly dial: string } | undefined) => (target === undefined ? {} : { dial: target.dial })

export function RunEnd({ job, canAct, onRetry, onDismiss }: RunEndProps) {
  const go = useApp((state) => state.go)
  const { tone, title, next } = endWords(job)
  const failed = job.targets.filter(({ phase, error }) => phase === 'failed' || error !== null)
  const unsound = job.verified.find(({ ok }) => !ok)
  const isWholeSync = failed.length === 0 || failed.length === job.targets.length
  const retry =
    tone === 'bad' || failed.length > 0 ? (
      <Button isDisabled={!canAct} onPress={() => onRetry(isWholeSync ? null : failed.map(({ dial }) => dial))}>
        {isWholeSync ? 'Try again' : `Retry ${listed(failed.map(({ name }) => printable(name)))}`}
      </Button>
    ) : null
  const buttons = (
    <>
      {retry}
      {tone === 'ok' && job.verified.length === 0 ? (
        <Button onPress={() => go('verify', dialOf(job.targets[0]))}>Check the newest root</Button>
      ) : null}
      {tone === 'warn' && unsound !== undefined ? (
        <Button onPress={() => go('verify', dialOf(unsound))}>Open Verify</Button>
      ) : null}
      {job.damage > 0 ? <Button onPress={() => go('activity', { kinds: ['damage'] })}>Show the damage</Button> : null}
      <Button look="quiet" onPress={onDismiss}>
        Dismiss
      </Button>
    </>
  )
  return (
    <>
      <LiveRegion text={title} />
      {job.problem === null ? (
        <Note tone={tone} title={title}>
          <span>{next}</span>
          {failed.map(({ dial, name, error }) =>
            error === null ? null : (
              <span key={dial}>
                {printable(name)}: {printable(error)}
              </span>
            ),
          )}
          <div className="row">{buttons}</div>
        </Note>
      ) : (
        <ProblemPanel problem={job.problem}>{buttons}</ProblemPanel>
      )}
    </>
  )
}
