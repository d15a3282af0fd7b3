// Which 9fat is followed: one that stands on the source's disk, another by its path, or none.

import { useState } from 'react'
import type { PlaceId, SetupDraft } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { Note, ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useAction } from '../../store/use-request.ts'
import { printable } from '../../text/format.ts'
import { placeText } from '../../text/machine-words.ts'
import { mayAct } from '../overview/overview-selectors.ts'
import { FoundHere } from './FoundHere.tsx'
import { PathChoice } from './PathChoice.tsx'
import { useSetupAction } from './use-setup-action.ts'

export type NinefatChoiceProps = { readonly draft: SetupDraft }

const noNinefatHere = {
  title: 'This is not a 9fat.',
  text: 'A 9fat is a small FAT partition with plan9.ini, and perhaps wrcmd and rootscor. It was only read.',
}
const onADisk = { title: 'This is a whole disk.', text: 'Take its 9fat, if it has one.' }

export function NinefatChoice({ draft }: NinefatChoiceProps) {
  const canAct = useApp(mayAct)
  const [path, setPath] = useState('')
  const { run: ask, clear, value: found, problem, isBusy } = useAction('places.look')
  const choose = useSetupAction('setup.ninefat')
  const { ninefat, noNinefat, source } = draft
  const take = async (place: PlaceId | null): Promise<void> => {
    if ((await choose.run({ place })) === null) return
    clear()
    setPath('')
  }
  const look = async (asked: string): Promise<void> => {
    setPath(asked)
    const answer = await ask({ path: asked })
    if (answer?.kind === '9fat') await take(answer.place.id)
  }
  const offered = (source?.partitions ?? []).filter(
    ({ kind, place }) => kind === '9fat' && place.path !== ninefat?.place.path,
  )
  return (
    <section className="sheet stack" aria-labelledby="choose-ninefat">
      <h2 id="choose-ninefat">{ninefat === null ? 'Choose the 9fat' : 'Another 9fat, or none'}</h2>
      {noNinefat ? (
        <Note tone="ok" title="No 9fat is kept up to date.">
          <span>The mirror remembers its positions itself; ventiprog on the Plan 9 machine will not know of them.</span>
        </Note>
      ) : null}
      {offered.map(({ place, name }) => (
        <div key={place.id} className="row">
          <Button isDisabled={!canAct} isPending={choose.isBusy} onPress={() => void take(place.id)}>
            Take the {printable(name)} on this disk
          </Button>
          <code className="small">{placeText(place.path)}</code>
        </div>
      ))}
      <PathChoice
        label="Path of the 9fat"
        hint="A partition, an image of one, or DISK:9fat. Only wrcmd and rootscor are ever written there."
        placeholder="/dev/sdb:9fat"
        verb="Look at the 9fat"
        isBusy={isBusy || choose.isBusy}
        isDisabled={!canAct}
        value={path}
        onChange={setPath}
        onLook={(asked) => void look(asked)}
        beside={source?.place.path ?? null}
        onWhere={() => clear()}
      />
      {problem === null ? null : <ProblemPanel problem={problem} />}
      {choose.problem === null ? null : <ProblemPanel problem={choose.problem} />}
      {found === null || isBusy || found.kind === '9fat' ? null : (
        <FoundHere
          look={found}
          wanted="9fat"
          words={found.kind === 'disk' ? onADisk : noNinefatHere}
          isBusy={choose.isBusy}
          onTake={(place) => void take(place)}
        />
      )}
      {noNinefat ? null : (
        <div className="row">
          <Button isDisabled={!canAct} isPending={choose.isBusy} onPress={() => void take(null)}>
            Go on without a 9fat
          </Button>
        </div>
      )}
    </section>
  )
}
