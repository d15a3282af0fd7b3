// Folders of the computer that the service runs on, to choose a file or a folder in: typed as a path, narrowed by a part of
// the name, walked with the keys (arrows, Enter to open, Alt+Up for the folder above, letters to jump).

import { useState } from 'react'
import type { FolderListing } from '../../shared/model/window.ts'
import { useApp } from '../store/hooks.tsx'
import { useQuery } from '../store/use-request.ts'
import { count } from '../text/format.ts'
import { Button } from './Button.tsx'
import { Dialog } from './Dialog.tsx'
import { Field } from './Field.tsx'
import { FolderList } from './FolderList.tsx'
import { chosenPath, joinPath, shownEntries, type ChooserMode } from './folder-entries.ts'
import { ProblemPanel } from './ProblemPanel.tsx'
import styles from './FileChooser.module.css'

export type FileChooserProps = {
  readonly title: string
  readonly mode: ChooserMode
  readonly isOpen: boolean
  readonly onClose: () => void
  /** An absolute path; in mode `folder` perhaps one that is still to be made. */
  readonly onChoose: (path: string) => void
  /** Where to begin; default: the home of whom the service runs as. */
  readonly start?: string | null
}

export function FileChooser(props: FileChooserProps) {
  return props.isOpen ? <OpenChooser {...props} /> : null
}

function OpenChooser({ title, mode, onClose, onChoose, start = null }: FileChooserProps) {
  const [folder, setFolder] = useState<string | null>(start)
  const [typed, setTyped] = useState<string | null>(null)
  const [part, setPart] = useState('')
  const [isHiddenShown, setHiddenShown] = useState(false)
  const [selected, setSelected] = useState<string | null>(null)
  const system = useApp((state) => state.desktopActions)
  const { value, problem, isBusy } = useQuery('places.list', { path: folder })
  const entries = value === null ? [] : shownEntries(value, { mode, part, isHiddenShown })
  const open = (path: string): void => {
    setFolder(path)
    setTyped(null)
    setPart('')
    setSelected(null)
  }
  const path = chosenPath({ mode, typed, listing: value, selected })
  const choose = (): void => {
    if (path !== null) onChoose(path)
  }
  const act = (name: string): void => {
    if (value === null) return
    const entry = value.entries.find((one) => one.name === name)
    if (entry === undefined) return
    if (entry.isFolder) open(joinPath(value.path, name))
    else onChoose(joinPath(value.path, name))
  }
  const chooseBySystem = async (): Promise<void> => {
    const chosen = (await system?.choose(mode, title, value?.path ?? start)) ?? null
    if (chosen !== null) onChoose(chosen)
  }
  return (
    <Dialog
      title={title}
      isOpen
      isWide
      onClose={onClose}
      actions={
        <>
          {system === null ? null : <Button onPress={() => void chooseBySystem()}>System dialog …</Button>}
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" isDisabled={path === null} onPress={choose}>
            {mode === 'folder' ? 'Choose this folder' : 'Choose'}
          </Button>
        </>
      }
    >
      <Place
        typed={typed ?? (problem === null ? null : folder)}
        listing={value}
        onType={setTyped}
        onOpen={open}
        hint={
          mode === 'folder'
            ? 'A folder that is not there yet is made.'
            : 'Of a folder, a file or a device. Enter opens it.'
        }
      />
      <div className={styles['filters']}>
        <Field label="Names with" value={part} onChange={setPart} placeholder="arenas" />
        <label className={styles['hidden']}>
          <input type="checkbox" checked={isHiddenShown} onChange={(event) => setHiddenShown(event.target.checked)} />
          hidden ones too
        </label>
      </div>
      {problem === null ? null : (
        <ProblemPanel problem={problem}>
          {mode === 'file' && folder !== null ? (
            <Button onPress={() => onChoose(folder)}>It is a file: choose it</Button>
          ) : null}
        </ProblemPanel>
      )}
      {value === null ? (
        <div className={styles['waiting']}>{problem === null ? 'Looking …' : ''}</div>
      ) : (
        <FolderList
          key={value.path}
          listing={value}
          entries={entries}
          isBusy={isBusy}
          selected={selected}
          onSelect={(name) => {
            setSelected(name)
            setTyped(null)
          }}
          onAct={act}
          onUp={() => (value.parent === null ? undefined : open(value.parent))}
        />
      )}
      {value?.isCut === true ? (
        <p className="small">
          Only the first {count(value.entries.length)} names are listed here; type the path of another one above.
        </p>
      ) : null}
    </Dialog>
  )
}

type PlaceProps = {
  readonly typed: string | null
  readonly listing: FolderListing | null
  readonly onType: (path: string) => void
  readonly onOpen: (path: string) => void
  readonly hint: string
}

function Place({ typed, listing, onType, onOpen, hint }: PlaceProps) {
  const path = typed ?? listing?.path ?? ''
  const parent = listing?.parent ?? null
  return (
    <div className={styles['place']}>
      <Field
        label="Path"
        value={path}
        onChange={onType}
        isMono
        hint={hint}
        onEnter={() => (path.trim() === '' ? undefined : onOpen(path.trim()))}
      />
      <Button isDisabled={parent === null} onPress={() => (parent === null ? undefined : onOpen(parent))}>
        Folder above
      </Button>
    </div>
  )
}
