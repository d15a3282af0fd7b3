// The fossil that archives to the source: with it each sync records its newest root. It may be left out.

import { useState } from 'react'
import type { PlaceId, SetupDraft } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useAction } from '../../store/use-request.ts'
import { placeText } from '../../text/machine-words.ts'
import { mayAct } from '../overview/overview-selectors.ts'
import { FoundHere } from './FoundHere.tsx'
import { PathChoice } from './PathChoice.tsx'
import { useSetupAction } from './use-setup-action.ts'
import styles from './Setup.module.css'

export type FossilChoiceProps = { readonly draft: SetupDraft }

const noFossilHere = {
  title: 'This is not a fossil.',
  text: 'A fossil partition is wanted, of the file server that archives to this venti. It was only read.',
}
const onADisk = { title: 'This is a whole disk.', text: 'Take its fossil, if it has one.' }

export function FossilChoice({ draft }: FossilChoiceProps) {
  const canAct = useApp(mayAct)
  const [path, setPath] = useState('')
  const { run: ask, clear, value: found, problem, isBusy } = useAction('places.look')
  const choose = useSetupAction('setup.fossil')
  const take = async (place: PlaceId | null): Promise<void> => {
    if ((await choose.run({ place })) === null) return
    clear()
    setPath('')
  }
  const look = async (asked: string): Promise<void> => {
    setPath(asked)
    const answer = await ask({ path: asked })
    if (answer?.kind === 'fossil') await take(answer.place.id)
  }
  return (
    <section className="sheet stack" aria-labelledby="choose-fossil">
      <h2 id="choose-fossil">The fossil that archives to it, if there is one</h2>
      {draft.fossil === null ? (
        <PathChoice
          label="Path of the fossil"
          hint="Optional. With it each sync records fossil’s last archive and checks that every block of it is on the targets."
          placeholder="/dev/sdb:fossil"
          verb="Look at the fossil"
          isBusy={isBusy || choose.isBusy}
          isDisabled={!canAct}
          value={path}
          onChange={setPath}
          onLook={(asked) => void look(asked)}
          beside={draft.source?.place.path ?? null}
          onWhere={() => clear()}
        />
      ) : (
        <div className="row between">
          <code className={styles['path']}>{placeText(draft.fossil.path)}</code>
          <Button isDisabled={!canAct} isPending={choose.isBusy} onPress={() => void take(null)}>
            Leave the fossil out
          </Button>
        </div>
      )}
      {problem === null ? null : <ProblemPanel problem={problem} />}
      {choose.problem === null ? null : <ProblemPanel problem={choose.problem} />}
      {found === null || isBusy || found.kind === 'fossil' ? null : (
        <FoundHere
          look={found}
          wanted="fossil"
          words={found.kind === 'disk' ? onADisk : noFossilHere}
          isBusy={choose.isBusy}
          onTake={(place) => void take(place)}
        />
      )}
    </section>
  )
}
