// A folder on this computer as a target: the program keeps a venti store in it and serves that itself.

import { useState } from 'react'
import type { SetupDraft } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { Field } from '../../components/Field.tsx'
import { FileChooser } from '../../components/FileChooser.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useAction } from '../../store/use-request.ts'
import { size } from '../../text/format.ts'
import { parseSize, sizeText } from '../../text/parse-size.ts'
import { freeTargetName, suggestedStoreBytes } from '../../text/setup-words.ts'
import { mayAct } from '../overview/overview-selectors.ts'
import { useSetupAction } from './use-setup-action.ts'
import styles from './AddStore.module.css'

export type AddStoreProps = { readonly draft: SetupDraft }

export function AddStore({ draft }: AddStoreProps) {
  const canAct = useApp(mayAct)
  const [folder, setFolder] = useState('')
  const [isChoosing, setChoosing] = useState(false)
  const [room, setRoom] = useState(() => sizeText(suggestedStoreBytes(draft.source?.totals ?? null)))
  const [name, setName] = useState(() => freeTargetName('this computer', draft))
  const make = useAction('places.folder')
  const add = useSetupAction('setup.addStore')
  const sizeBytes = parseSize(room)
  const isNameTaken = draft.targets.some((target) => target.name === name.trim())
  const isReady = folder.trim() !== '' && sizeBytes !== null && name.trim() !== '' && !isNameTaken
  const isBusy = make.isBusy || add.isBusy
  const addIt = async (): Promise<void> => {
    if (!isReady || !canAct || isBusy) return
    const place = await make.run({ path: folder.trim() })
    if (place !== null) await add.run({ folder: place.id, name: name.trim(), sizeBytes })
  }
  const addNow = (): void => void addIt()
  const problem = make.problem ?? add.problem
  return (
    <>
      <div className={styles['folder']}>
        <Field
          label="Folder of the store"
          value={folder}
          onChange={setFolder}
          isMono
          hint="Best on another disk than the source. A folder that is not there yet is made."
          placeholder="/srv/venti-mirror"
          onEnter={addNow}
        />
        <div className={styles['beside']}>
          <Button isDisabled={!canAct} onPress={() => setChoosing(true)}>
            Choose a folder…
          </Button>
        </div>
      </div>
      <div className={styles['pair']}>
        <Field
          label="Room for the store"
          value={room}
          onChange={setRoom}
          hint={sizeBytes === null ? 'Such as 100g.' : `${size(sizeBytes)}. It takes up disk space only as it fills.`}
          problem={sizeBytes === null ? 'A size is a number with k, m, g or t behind it: 100g.' : null}
          onEnter={addNow}
        />
        <Field
          label="Name for it"
          value={name}
          onChange={setName}
          problem={isNameTaken ? 'Another target is called that already.' : null}
          onEnter={addNow}
        />
      </div>
      {problem === null ? null : <ProblemPanel problem={problem} />}
      <div className="row">
        <Button look="primary" isDisabled={!canAct || !isReady} isPending={isBusy} onPress={addNow}>
          {isBusy ? 'Making the store …' : 'Add this folder'}
        </Button>
      </div>
      <FileChooser
        title="Folder of the store"
        mode="folder"
        isOpen={isChoosing}
        onClose={() => setChoosing(false)}
        onChoose={(path) => {
          setChoosing(false)
          setFolder(path)
        }}
      />
    </>
  )
}
