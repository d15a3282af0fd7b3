// The first copy: where it is, how fast, how long it still takes; held up, ended or gone on with at any time.

import { useEffect } from 'react'
import type { SetupDraft, SyncJobView } from '../../../shared/model/window.ts'
import { liveCursors } from '../../components/arena-map/live-cursors.ts'
import { Button } from '../../components/Button.tsx'
import { CommandLine } from '../../components/CommandLine.tsx'
import { LiveRegion } from '../../components/LiveRegion.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { ProgressBar } from '../../components/ProgressBar.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useAction } from '../../store/use-request.ts'
import { copyHeadline, copyLine, copyPercent, stoppedWords } from '../../text/copy-words.ts'
import { spokenProgress } from '../../text/run-words.ts'
import { mayAct } from '../overview/overview-selectors.ts'
import { CopyButtons } from './CopyButtons.tsx'
import { CopyTable } from './CopyTable.tsx'
import { CopyWarnings } from './CopyWarnings.tsx'
import { DamageNote } from './DamageNote.tsx'
import { useSetupFacts } from './setup-selectors.ts'
import { StepFrame } from './StepFrame.tsx'
import { isCopied, isOpenJob } from './steps.ts'
import { WhatHappens } from './WhatHappens.tsx'

export type CopyStepProps = { readonly draft: SetupDraft }

export function CopyStep({ draft }: CopyStepProps) {
  const facts = useSetupFacts(draft)
  const canAct = useApp(mayAct)
  const keep = useApp((state) => state.keepSetup)
  const { job, mirror } = facts
  const arenas = useApp((state) => state.arenas[draft.mirror ?? ''])
  const loadArenas = useApp((state) => state.loadArenas)
  const start = useAction('setup.copy')
  const map = arenas?.map ?? null
  const mapProblem = arenas?.problem ?? null
  const isRunning = isOpenJob(job)
  // While the copy runs the map moves with it; it is asked for again when the copy has ended.
  const isHeld = isRunning && map !== null
  const name = mirror?.name ?? null
  const sequence = mirror?.sequence ?? 0
  useEffect(() => {
    if (!isHeld && name !== null) void loadArenas(name, sequence)
  }, [isHeld, loadArenas, name, sequence])
  const goOn = async (): Promise<void> => {
    const begun = await start.run({})
    if (begun !== null) keep(begun.draft)
  }
  const isWhole = isCopied(facts) && !isRunning
  const shown = isRunning || isWhole ? job : null
  const percent = job === null ? null : copyPercent(job)
  const stopped = map === null ? '' : stoppedWords(map, liveCursors(map, job))
  return (
    <StepFrame
      step="copy"
      facts={facts}
      title={titleOf(job, isWhole, map)}
      lead={isRunning ? copyLine(job) : isWhole ? 'Every block is confirmed by the target’s own disk.' : stopped}
      problem={start.problem}
      actions={
        isRunning ? (
          <CopyButtons job={job} canAct={canAct} />
        ) : (
          <Button
            look={isWhole ? 'plain' : 'primary'}
            isDisabled={!canAct}
            isPending={start.isBusy}
            onPress={() => void goOn()}
          >
            {start.isBusy ? 'Starting …' : isWhole ? 'Copy what is new' : 'Go on'}
          </Button>
        )
      }
    >
      {job === null ? null : <LiveRegion text={spokenProgress(job)} />}
      {isRunning ? <ProgressBar label="The whole copy" percent={percent} valueText={copyLine(job)} isBig /> : null}
      {job === null ? null : <CopyWarnings job={job} />}
      {map === null ? (
        mapProblem === null ? (
          <output className="muted">Reading the arena table …</output>
        ) : (
          <ProblemPanel problem={mapProblem} />
        )
      ) : (
        <CopyTable map={map} job={job} />
      )}
      {job !== null && job.damage > 0 && name !== null ? <DamageNote mirror={name} damage={job.damage} /> : null}
      {shown === null ? null : <WhatHappens job={shown} />}
      {job === null ? (
        mirror === null ? null : (
          <CommandLine command={mirror.command} />
        )
      ) : (
        <CommandLine command={job.command} />
      )}
    </StepFrame>
  )
}

function titleOf(job: SyncJobView | null, isWhole: boolean, map: Parameters<typeof copyHeadline>[1]): string {
  if (job !== null && (isWhole || job.state !== 'ended')) return copyHeadline(job, map)
  if (isWhole) return 'Everything is copied'
  return 'The copy stopped. Everything confirmed is kept.'
}
