// The check of one root on one target: begun, watched, stopped, and its result with what heals it.

import { useEffect, useId, useState } from 'react'
import type { VerifyDepth } from '../../../shared/model/verify.ts'
import type { CheckJobView, MirrorView, RootView } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { Chip } from '../../components/Chip.tsx'
import { Note, ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useNow } from '../../store/use-now.ts'
import { useAction } from '../../store/use-request.ts'
import { checkCommand } from '../../text/command-words.ts'
import { earlierSentence } from '../../text/verify-words.ts'
import { newestCheck } from './check-selectors.ts'
import { EndedCheck } from './EndedCheck.tsx'
import { RootHead } from './RootHead.tsx'
import { RunningCheck } from './RunningCheck.tsx'
import { ScoreCommand } from './ScoreCommand.tsx'
import { useKeepFocus } from './use-keep-focus.ts'
import type { RevealedScore } from './use-revealed-score.ts'

export type CheckPanelProps = {
  readonly mirror: MirrorView
  readonly root: RootView
  readonly dial: string
  readonly name: string
  readonly revealed: RevealedScore
  readonly onChecked: () => void
}

export function CheckPanel({ mirror, root, dial, name, revealed, onChecked }: CheckPanelProps) {
  const job = useApp(newestCheck(root.id, dial))
  const start = useAction('check.start')
  const now = useNow()
  const headingId = useId()
  const { area, heir } = useKeepFocus<HTMLElement, HTMLHeadingElement>()
  const [depth, setDepth] = useState<VerifyDepth>('present')
  const isOpen = job !== null && job.state !== 'ended'
  // An end that was there already when this came into sight is nothing new.
  const [seen] = useState(job?.state === 'ended' ? job.id : null)
  const ended = job?.state === 'ended' ? job.id : null
  useEffect(() => {
    if (ended !== null && ended !== seen) onChecked()
  }, [ended, seen, onChecked])
  const check = (asked: VerifyDepth, repair: boolean): void => {
    setDepth(asked)
    void start.run({ mirror: mirror.name, root: root.id, dial, depth: asked, repair })
  }
  const command = job?.command ?? checkCommand({ mirror, score: root.score, dial, depth })
  const result = job?.result ?? null
  return (
    <section ref={area} className="sheet stack" aria-labelledby={headingId}>
      <RootHead
        root={root}
        dial={dial}
        name={name}
        now={now}
        result={isOpen ? null : result}
        revealed={revealed}
        headingId={headingId}
        heading={heir}
      />
      {isOpen ? <RunningCheck job={job} /> : null}
      {job === null ? <EarlierCheck check={root.checks.find((one) => one.dial === dial)} name={name} /> : null}
      {job === null || isOpen ? null : (
        <EndedCheck job={job} mirror={mirror} name={name} onRepair={() => check(job.depth, true)} />
      )}
      {isOpen ? null : <Begin job={job} isBusy={start.isBusy} onCheck={check} />}
      {start.problem === null ? null : <ProblemPanel problem={start.problem} />}
      <ScoreCommand command={command} revealed={revealed} isExplained />
    </section>
  )
}

type EarlierCheckProps = { readonly check: RootView['checks'][number] | undefined; readonly name: string }

/** What is known from before this session: the log keeps counts, not blocks. */
function EarlierCheck({ check, name }: EarlierCheckProps) {
  const sentence = earlierSentence(check, name)
  if (check === undefined) return <p>{sentence}</p>
  if (check.ok) {
    return (
      <p className="row">
        <Chip tone="ok">whole</Chip> {sentence}
      </p>
    )
  }
  return (
    <Note tone="warn" title={sentence}>
      <span>Check again to see which blocks, why, and what heals them.</span>
    </Note>
  )
}

type BeginProps = {
  readonly job: CheckJobView | null
  readonly isBusy: boolean
  readonly onCheck: (depth: VerifyDepth, repair: boolean) => void
}

/** Once there is a result, what heals it is the first thing to press, not another check. */
function Begin({ job, isBusy, onCheck }: BeginProps) {
  const control = useApp((state) => state.control)
  return (
    <>
      <div className="row">
        <Button
          look={job === null ? 'primary' : 'plain'}
          isDisabled={!control}
          isPending={isBusy}
          onPress={() => onCheck('present', false)}
        >
          Check that every block is there
        </Button>
        <Button isDisabled={!control} isPending={isBusy} onPress={() => onCheck('full', false)}>
          Read everything back
        </Button>
      </div>
      {job === null ? (
        <p className="small">
          Asking for every block is quick. Reading everything back takes as long as reading the archive, and proves it:
          each block is compared with its score.
        </p>
      ) : null}
    </>
  )
}
