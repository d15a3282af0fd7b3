// A restore under way or at its end.

import type { ExtractJobView } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { Chip } from '../../components/Chip.tsx'
import { LiveRegion } from '../../components/LiveRegion.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { ProgressBar } from '../../components/ProgressBar.tsx'
import { useAction } from '../../store/use-request.ts'
import { count, counted, exactSize, printable, size } from '../../text/format.ts'
import { extractEnd } from '../../text/extract-words.ts'
import extractStyles from './Extract.module.css'
import styles from './Verify.module.css'
import { useKeepFocus } from './use-keep-focus.ts'

/** More tell nobody anything; the command line lists them all. */
const maxListed = 100

export type ExtractProgressProps = { readonly job: ExtractJobView }

export function ExtractProgress({ job }: ExtractProgressProps) {
  const { area, heir } = useKeepFocus<HTMLDivElement, HTMLOutputElement>()
  const { files, bytes, skipped, failed, state, folder, at, problem, notes } = job
  const end = state === 'ended' ? extractEnd(job) : null
  return (
    <div ref={area} className="stack">
      {end === null ? (
        <div>
          <ProgressBar
            label="Files restored"
            percent={state === 'paused' ? 0 : null}
            valueText={counted(files, 'file')}
            isBig
          />
          <p className={`small mono ${styles['path']}`}>
            {state === 'paused' ? 'Paused; what is complete stays.' : printable(at)}
          </p>
        </div>
      ) : (
        <output ref={heir} tabIndex={-1} className="row">
          <Chip tone={end.tone}>{end.label}</Chip>
          <span>{end.sentence}</span>
        </output>
      )}
      <dl className={extractStyles['facts']}>
        <dt>Folder</dt>
        <dd>
          <code>{printable(folder)}</code>
        </dd>
        <dt>Restored</dt>
        <dd title={exactSize(bytes)}>
          {counted(files, 'file')}, {size(bytes)}
        </dd>
        {skipped === 0 ? null : (
          <>
            <dt>There already</dt>
            <dd>{counted(skipped, 'file')}, with the same content</dd>
          </>
        )}
      </dl>
      {problem === null ? null : <ProblemPanel problem={problem} />}
      {failed.length === 0 ? null : (
        <section className={styles['failures']} aria-label="Not restored" tabIndex={0}>
          <ul>
            {failed.slice(0, maxListed).map((failure) => (
              <li key={failure.path}>
                <code>{printable(failure.path)}</code>: {printable(failure.reason)}
              </li>
            ))}
            {failed.length > maxListed ? <li>and {count(failed.length - maxListed)} more</li> : null}
          </ul>
        </section>
      )}
      {notes.map((note) => (
        <p key={note} className="muted">
          {printable(note)}
        </p>
      ))}
      {end === null ? <Controls job={job} /> : null}
      <LiveRegion text={state === 'paused' ? 'Paused' : ''} />
    </div>
  )
}

function Controls({ job }: ExtractProgressProps) {
  const pause = useAction('job.pause')
  const resume = useAction('job.resume')
  const cancel = useAction('job.cancel')
  const problem = pause.problem ?? resume.problem ?? cancel.problem
  const { state, id } = job
  return (
    <>
      <div className="row">
        {state === 'paused' ? (
          <Button look="primary" onPress={() => void resume.run({ job: id })}>
            Go on
          </Button>
        ) : (
          <Button isPending={state !== 'running'} onPress={() => void pause.run({ job: id })}>
            {state === 'pausing' ? 'Pausing …' : 'Pause'}
          </Button>
        )}
        <Button isPending={state === 'cancelling'} onPress={() => void cancel.run({ job: id })}>
          {state === 'cancelling' ? 'Stopping …' : 'Stop'}
        </Button>
      </div>
      {problem === null ? null : <ProblemPanel problem={problem} />}
    </>
  )
}
