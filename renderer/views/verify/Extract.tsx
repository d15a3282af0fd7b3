// Files taken out of the archive into a folder of the computer that the service runs on: what and where to, how far it is,
// what could not be restored and why. Closing the dialog leaves it running; a line below the tree leads back to it.

import { useState } from 'react'
import type { ExtractJobView, JobId, RootView } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { Dialog } from '../../components/Dialog.tsx'
import { Field } from '../../components/Field.tsx'
import { FileChooser } from '../../components/FileChooser.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import type { AppState } from '../../store/store.ts'
import { useAction } from '../../store/use-request.ts'
import { extractCommand } from '../../text/command-words.ts'
import { counted, printable } from '../../text/format.ts'
import { ExtractProgress } from './ExtractProgress.tsx'
import { ScoreCommand } from './ScoreCommand.tsx'
import type { RevealedScore } from './use-revealed-score.ts'
import styles from './Extract.module.css'

export type ExtractProps = {
  readonly root: RootView
  readonly dial: string
  /** Chosen in the tree; "/" is all of it. */
  readonly path: string
  readonly revealed: RevealedScore
  readonly isOpen: boolean
  readonly onOpen: () => void
  readonly onClose: () => void
}

/** The one that was begun here, else one of this root that still runs. */
const extractJob =
  (id: JobId | null, root: RootView) =>
  ({ jobs }: AppState): ExtractJobView | null =>
    jobs.findLast((job): job is ExtractJobView => {
      return job.kind === 'extract' && (id === null ? job.root === root.id && job.state !== 'ended' : job.id === id)
    }) ?? null

export function Extract({ root, dial, path, revealed, isOpen, onOpen, onClose }: ExtractProps) {
  const [folder, setFolder] = useState('')
  const [isChoosing, setChoosing] = useState(false)
  const [wantsAll, setWantsAll] = useState(false)
  const [jobId, setJobId] = useState<JobId | null>(null)
  const place = useAction('places.folder')
  const start = useAction('extract.start')
  const job = useApp(extractJob(jobId, root))
  const isBusy = place.isBusy || start.isBusy
  const what = wantsAll ? '/' : path
  const begin = async (): Promise<void> => {
    if (folder.trim() === '' || isBusy) return
    const chosen = await place.run({ path: folder.trim() })
    if (chosen === null) return
    setJobId(await start.run({ root: root.id, dial, path: what, folder: chosen.id }))
  }
  const close = (): void => {
    if (job?.state === 'ended') setJobId(null)
    place.clear()
    start.clear()
    onClose()
  }
  return (
    <>
      {job === null || isOpen ? null : (
        <div className="row">
          <span className="muted">
            {job.state === 'ended' ? 'Extracted' : 'Extracting'} to <code>{printable(job.folder)}</code>:{' '}
            {counted(job.files, 'file')}
          </span>
          <Button look="quiet" onPress={onOpen}>
            Show
          </Button>
        </div>
      )}
      <Dialog
        title={job !== null ? titleOf(job.path) : path === '/' ? titleOf('/') : 'Extract files'}
        isOpen={isOpen}
        onClose={close}
        actions={
          job === null ? (
            <>
              <Button onPress={close}>Cancel</Button>
              <Button look="primary" isDisabled={folder.trim() === ''} isPending={isBusy} onPress={() => void begin()}>
                Extract
              </Button>
            </>
          ) : (
            <Button onPress={close}>{job.state === 'ended' ? 'Close' : 'Close, and let it go on'}</Button>
          )
        }
      >
        {job === null ? (
          <>
            {path === '/' ? null : <What path={path} wantsAll={wantsAll} onChange={setWantsAll} />}
            <div className={styles['folder']}>
              <Field
                label="Into the folder"
                isFirst
                value={folder}
                onChange={setFolder}
                isMono
                placeholder="/home/glenda/restored"
                hint="On the computer this service runs on; made when it is not there. Nothing outside it is written, nothing in it replaced."
                onEnter={() => void begin()}
              />
              <Button onPress={() => setChoosing(true)}>Choose…</Button>
            </div>
            <FileChooser
              title="Extract into which folder?"
              mode="folder"
              isOpen={isChoosing}
              start={folder.trim() === '' ? null : folder.trim()}
              onClose={() => setChoosing(false)}
              onChoose={(chosen) => {
                setFolder(chosen)
                setChoosing(false)
              }}
            />
            {place.problem === null ? null : <ProblemPanel problem={place.problem} />}
            {start.problem === null ? null : <ProblemPanel problem={start.problem} />}
          </>
        ) : (
          <ExtractProgress job={job} />
        )}
        <ScoreCommand
          command={job?.command ?? extractCommand({ score: root.score, dial, path: what, folder: folder.trim() })}
          revealed={revealed}
          isExplained
        />
      </Dialog>
    </>
  )
}

const titleOf = (path: string): string =>
  path === '/' ? 'Extract the whole archive' : `Extract ${printable(path.slice(path.lastIndexOf('/') + 1))}`

type WhatProps = {
  readonly path: string
  readonly wantsAll: boolean
  readonly onChange: (wantsAll: boolean) => void
}

function What({ path, wantsAll, onChange }: WhatProps) {
  return (
    <fieldset className={styles['what']}>
      <legend>What</legend>
      <label>
        <input type="radio" name="what" checked={!wantsAll} onChange={() => onChange(false)} />
        <code>{printable(path)}</code>
      </label>
      <label>
        <input type="radio" name="what" checked={wantsAll} onChange={() => onChange(true)} />
        the whole archive
      </label>
    </fieldset>
  )
}
