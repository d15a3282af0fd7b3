// The hand-over from a full arena to the next: the one that just happened, else the last one known, with wrcmd before and
// after.

import type { MirrorView, SyncJobView } from '../../../shared/model/window.ts'
import type { HandOver } from '../../components/arena-map/hand-over.ts'
import { LiveRegion } from '../../components/LiveRegion.tsx'
import { printable } from '../../text/format.ts'
import { rolloverWords } from '../../text/overview-words.ts'
import { handOverWords } from '../../text/run-words.ts'
import styles from './RolloverNote.module.css'

export type RolloverNoteProps = {
  readonly mirror: MirrorView
  readonly job: SyncJobView | null
  readonly handOver: HandOver | null
  readonly now: number
}

export function RolloverNote({ mirror, job, handOver, now }: RolloverNoteProps) {
  const { lastRollover, wrcmd, ninefat } = mirror
  const just =
    handOver !== null && job !== null ? handOverWords(job, handOver.fromArena, handOver.toArena, handOver.dial) : ''
  // The history has the line as soon as the run that made it has ended.
  const isLogged = handOver !== null && lastRollover !== null && lastRollover.at >= handOver.at
  const past = rolloverWords(mirror, now)
  return (
    <>
      <LiveRegion text={just} />
      {just !== '' && !isLogged ? (
        <div className={styles['note']} data-new>
          <b>{just}</b>
          {ninefat === null || wrcmd === null ? null : (
            <Lines before={wrcmd} after="follows when the run has ended and everything is confirmed" isPlain />
          )}
        </div>
      ) : past === null ? null : (
        <div className={styles['note']} data-new={isLogged || undefined}>
          <b>{past.title}</b>
          {past.lines === null ? null : <Lines before={past.lines.before} after={past.lines.after} />}
          {past.standing === null ? null : (
            <span className="small">
              wrcmd speaks for another target and says <code>{printable(past.standing)}</code>
            </span>
          )}
        </div>
      )}
    </>
  )
}

type LinesProps = { readonly before: string | null; readonly after: string | null; readonly isPlain?: boolean }

function Lines({ before, after, isPlain = false }: LinesProps) {
  return (
    <dl className={styles['lines']}>
      <dt>wrcmd said</dt>
      <dd>
        <code>{before === null ? 'nothing yet' : printable(before)}</code>
      </dd>
      <dt>{isPlain ? 'the new line' : 'and now says'}</dt>
      <dd>
        {after === null ? (
          'was not written'
        ) : isPlain ? (
          after
        ) : (
          <code className={styles['now']}>{printable(after)}</code>
        )}
      </dd>
    </dl>
  )
}
