// The newest root on one target: the word on it, and a check of this target alone.

import type { CheckJobView, MirrorView, TargetView } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { Chip, type ChipProps } from '../../components/Chip.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { ProgressBar } from '../../components/ProgressBar.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useAction } from '../../store/use-request.ts'
import type { RootVerdict } from '../../text/copy-words.ts'
import { percent, printable } from '../../text/format.ts'
import { mayAct } from '../overview/overview-selectors.ts'

export type VerdictRowProps = {
  readonly mirror: MirrorView
  readonly target: TargetView
  readonly verdict: RootVerdict
  readonly check: CheckJobView | null
}

const chips: Readonly<Record<RootVerdict['state'], readonly [tone: ChipProps['tone'], word: string]>> = {
  unknown: ['plain', 'not checked'],
  running: ['plain', 'checking'],
  whole: ['ok', 'whole'],
  faulty: ['bad', 'not whole'],
}

export function VerdictRow({ mirror, target, verdict, check }: VerdictRowProps) {
  const canAct = useApp(mayAct)
  const start = useAction('check.start')
  const [tone, word] = chips[verdict.state]
  const name = printable(target.name)
  const root = mirror.newestRoot
  const isChecking = check !== null && check.state !== 'ended'
  return (
    <li className="stack">
      <div className="row between">
        <div className="row">
          <b>{name}</b>
          <Chip tone={tone}>{word}</Chip>
          <span className="muted">{verdict.words}</span>
        </div>
        {root === null || verdict.state === 'running' || target.behindBlocks > 0 ? null : (
          <Button
            isDisabled={!canAct}
            isPending={start.isBusy}
            aria-label={`${verdict.state === 'unknown' ? 'Check now' : 'Check again'}: ${name}`}
            onPress={() =>
              void start.run({ mirror: mirror.name, root: root.id, dial: target.dial, depth: 'present', repair: false })
            }
          >
            {verdict.state === 'unknown' ? 'Check now' : 'Check again'}
          </Button>
        )}
      </div>
      {isChecking ? (
        <ProgressBar
          label={`Check on ${name}`}
          percent={check.known === 0 ? null : percent(check.checked, check.known)}
        />
      ) : null}
      {start.problem === null ? null : <ProblemPanel problem={start.problem} />}
      {check === null || check.problem === null ? null : <ProblemPanel problem={check.problem} />}
    </li>
  )
}
