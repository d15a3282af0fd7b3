// Where the copies go: ventis on the network, each tested before it is added, and stores in folders of this computer.

import { useState } from 'react'
import type { SetupDraft } from '../../../shared/model/window.ts'
import { AddStore } from './AddStore.tsx'
import { AddTunnel } from './AddTunnel.tsx'
import { AddVenti } from './AddVenti.tsx'
import { FixedNote } from './FixedNote.tsx'
import { useSetupFacts } from './setup-selectors.ts'
import { StepFrame } from './StepFrame.tsx'
import { isFixed } from './steps.ts'
import { TargetRow } from './TargetRow.tsx'
import styles from './Setup.module.css'

export type TargetsStepProps = { readonly draft: SetupDraft }

export function TargetsStep({ draft }: TargetsStepProps) {
  const facts = useSetupFacts(draft)
  const hasTargets = draft.targets.length > 0
  return (
    <StepFrame
      step="targets"
      facts={facts}
      title={hasTargets ? 'These get a copy' : 'Where is the copy to go?'}
      lead="Several targets are possible: each has its own position, and one that is away does not hold up the others."
    >
      {hasTargets ? (
        <ul className={styles['targets']} aria-label="Targets">
          {draft.targets.map((target) => (
            <TargetRow key={target.dial} target={target} isFixed={isFixed(draft)} />
          ))}
        </ul>
      ) : null}
      {isFixed(draft) ? <FixedNote what="The list of targets" /> : <Add key={draft.targets.length} draft={draft} />}
    </StepFrame>
  )
}

type Way = 'network' | 'tunnel' | 'folder'

function Add({ draft }: TargetsStepProps) {
  const [way, setWay] = useState<Way>(draft.isSample ? 'folder' : 'network')
  return (
    <section className="sheet stack" aria-labelledby="add-target">
      <h2 id="add-target">{draft.targets.length === 0 ? 'Add a target' : 'Add another'}</h2>
      <fieldset className={styles['choices']}>
        <legend className="visually-hidden">What kind of target</legend>
        <label>
          <input type="radio" name="way" checked={way === 'network'} onChange={() => setWay('network')} />A venti on the
          network
        </label>
        <label>
          <input type="radio" name="way" checked={way === 'tunnel'} onChange={() => setWay('tunnel')} />
          Through another machine (SSH tunnel)
        </label>
        <label>
          <input type="radio" name="way" checked={way === 'folder'} onChange={() => setWay('folder')} />A folder on this
          computer
        </label>
      </fieldset>
      {way === 'network' ? <AddVenti draft={draft} /> : null}
      {way === 'tunnel' ? <AddTunnel draft={draft} /> : null}
      {way === 'folder' ? <AddStore draft={draft} /> : null}
    </section>
  )
}
