// What is to be mirrored: a disk of this computer, a file or partition by its path here or on another machine, a venti's
// configuration, or sample data.

import { useState } from 'react'
import type { PlaceId, SetupDraft } from '../../../shared/model/window.ts'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useAction } from '../../store/use-request.ts'
import { mayAct } from '../overview/overview-selectors.ts'
import { ChosenSource } from './ChosenSource.tsx'
import { FixedNote } from './FixedNote.tsx'
import { FoundHere } from './FoundHere.tsx'
import { PathChoice, type Where } from './PathChoice.tsx'
import { RawDisks } from './RawDisks.tsx'
import { SampleOffer } from './SampleOffer.tsx'
import { useSetupFacts } from './setup-selectors.ts'
import { StepFrame } from './StepFrame.tsx'
import { isFixed } from './steps.ts'
import { useSetupAction } from './use-setup-action.ts'
import styles from './Setup.module.css'

export type SourceStepProps = { readonly draft: SetupDraft }

export function SourceStep({ draft }: SourceStepProps) {
  const facts = useSetupFacts(draft)
  return (
    <StepFrame
      step="source"
      facts={facts}
      title={draft.source === null ? 'Which venti is to be mirrored?' : 'This is what will be mirrored'}
      lead="Its arenas are read straight from the disk, read-only. The venti may go on running."
    >
      {draft.source === null ? null : <ChosenSource source={draft.source} isSample={draft.isSample} />}
      {isFixed(draft) ? <FixedNote what="The source" /> : <Choose draft={draft} />}
    </StepFrame>
  )
}

function Choose({ draft }: SourceStepProps) {
  const canAct = useApp(mayAct)
  const [path, setPath] = useState('')
  const [where, setWhere] = useState<Where>('here')
  const { run: ask, clear, value: found, problem, isBusy } = useAction('places.look')
  const source = useSetupAction('setup.source')
  const sample = useSetupAction('setup.sample')
  const take = async (place: PlaceId): Promise<void> => {
    if ((await source.run({ place })) === null) return
    clear()
    setPath('')
  }
  const look = async (asked: string): Promise<void> => {
    setPath(asked)
    const answer = await ask({ path: asked })
    if (answer !== null && answer.totals !== null) await take(answer.place.id)
  }
  const takeSample = async (): Promise<void> => {
    if ((await sample.run({})) === null) return
    clear()
    setPath('')
  }
  const isWaiting = isBusy || source.isBusy || sample.isBusy
  const ways = (
    <>
      <section className="sheet stack" aria-labelledby="choose-source">
        <h2 id="choose-source">A file, a device or a partition</h2>
        <PathChoice
          label="Path of the source"
          hint="A raw device, an image of a disk or of a partition, DISK:PARTITION, or a venti.conf for all partitions it names."
          placeholder="/dev/sdb3"
          verb="Look"
          isBusy={isBusy || source.isBusy}
          isDisabled={!canAct}
          value={path}
          onChange={setPath}
          onLook={(asked) => void look(asked)}
          onWhere={(next) => {
            setWhere(next)
            clear()
            source.clear()
          }}
        />
        {problem === null ? null : <ProblemPanel problem={problem} />}
        {source.problem === null ? null : <ProblemPanel problem={source.problem} />}
        {found === null || isBusy ? null : (
          <FoundHere look={found} wanted="arenas" isBusy={source.isBusy} onTake={(place) => void take(place)} />
        )}
      </section>
      {where === 'there' ? null : <RawDisks isBusy={isWaiting} onLook={(asked) => void look(asked)} />}
      {draft.isSample || where === 'there' ? null : (
        <SampleOffer isBusy={isWaiting} problem={sample.problem} onTake={() => void takeSample()} />
      )}
    </>
  )
  // Once there is one, choosing stands back.
  if (draft.source === null) return ways
  return (
    <details key={draft.source.place.id} className={styles['other']}>
      <summary>Choose another source</summary>
      {ways}
    </details>
  )
}
