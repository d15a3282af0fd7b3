// A sync under way: how far each target is, how fast, how long it still takes, what happened, and the buttons that hold it
// up or end it.

import { createElement, useState } from 'react'
import type { SyncJobView, TargetCopy } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { Chip, type ChipProps } from '../../components/Chip.tsx'
import { Dialog } from '../../components/Dialog.tsx'
import { LiveRegion } from '../../components/LiveRegion.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { ProgressBar } from '../../components/ProgressBar.tsx'
import { useAction } from '../../store/use-request.ts'
import { count, counted, hex, percent, printable } from '../../text/format.ts'
import { checkingWords, copyWords, spokenProgress } from '../../text/run-words.ts'
import styles from './RunPanel.module.css'

export type RunPanelProps = { readonly job: SyncJobView; readonly canAct: boolean }

export function RunPanel({ job, canAct }: RunPanelProps) {
  const pause = useAction('job.pause')
  const resume = useAction('job.resume')
  const cancel = useAction('job.cancel')
  const [asks, setAsks] = useState(false)
  const problem = pause.problem ?? resume.problem ?? cancel.problem ?? job.problem
  const asked = { job: job.id }
  const isStopping = job.state === 'cancelling'
  return (
    <div className="stack">
      <LiveRegion text={spokenProgress(job)} />
      <ul className={styles['targets']}>
        {job.targets.map((target) => (
          <Progress key={target.dial} target={target} isPaused={job.state === 'paused'} />
        ))}
      </ul>
      {job.stage === 'verify' ? <Checking job={job} /> : null}
      {job.damage === 0 ? null : (
        <p className={styles['damage']}>{counted(job.damage, 'damaged block')} left out; everything else goes on.</p>
      )}
      {problem === null ? null : <ProblemPanel problem={problem} />}
      {job.state === 'paused' ? (
        <p className="muted">What was confirmed is kept. Resume goes on from there; nothing is sent twice.</p>
      ) : null}
      <div className="row">
        {job.state === 'paused' ? (
          <Button look="primary" isDisabled={!canAct || resume.isBusy} onPress={() => void resume.run(asked)}>
            Resume
          </Button>
        ) : (
          <Button isDisabled={!canAct || job.state !== 'running' || pause.isBusy} onPress={() => void pause.run(asked)}>
            {job.state === 'pausing' ? 'Pausing …' : 'Pause'}
          </Button>
        )}
        <Button isDisabled={!canAct || isStopping} onPress={() => setAsks(true)}>
          {isStopping ? 'Stopping …' : 'Cancel…'}
        </Button>
      </div>
      {job.notes.length === 0 ? null : <Notes notes={job.notes} />}
      <Dialog
        title="Cancel this sync?"
        isOpen={asks}
        isAlert
        onClose={() => setAsks(false)}
        actions={
          <>
            <Button autoFocus onPress={() => setAsks(false)}>
              Go on
            </Button>
            <Button
              look="danger"
              onPress={() => {
                setAsks(false)
                void cancel.run(asked)
              }}
            >
              Cancel the sync
            </Button>
          </>
        }
      >
        <p>What the targets confirmed stays where it is. The next sync goes on from there and sends only the rest.</p>
      </Dialog>
    </div>
  )
}

/** How far the check behind the sync is. What is known grows while the tree is walked, so the bar may stand still. */
function Checking({ job }: { readonly job: SyncJobView }) {
  const words = checkingWords(job)
  const checking = job.checking ?? null
  return (
    <div className={styles['target']}>
      <div className={styles['line']}>
        <b>Newest root</b>
        <Chip tone={checking !== null && checking.faults > 0 ? 'bad' : 'ok'}>checking</Chip>
        <span className="muted">{words}</span>
      </div>
      <ProgressBar
        label="Check of the newest root"
        percent={checking === null || checking.known === 0 ? null : percent(checking.checked, checking.known)}
        valueText={words}
      />
    </div>
  )
}

/** The last few; the same may be said twice, so they have no keys. */
function Notes({ notes }: { readonly notes: readonly string[] }) {
  const lines = notes.slice(-4).map((note) => createElement('li', null, printable(note)))
  return createElement('ul', { className: styles['notes'], 'aria-label': 'What happened so far' }, ...lines)
}

const chips: Readonly<Record<TargetCopy['phase'], readonly [tone: ChipProps['tone'], word: string]>> = {
  connecting: ['plain', 'connecting'],
  copying: ['ok', 'copying'],
  waiting: ['late', 'waiting'],
  syncing: ['ok', 'confirming'],
  done: ['ok', 'done'],
  failed: ['bad', 'failed'],
}

type ProgressProps = { readonly target: TargetCopy; readonly isPaused: boolean }

function Progress({ target, isPaused }: ProgressProps) {
  const { phase, arena, confirmed } = target
  const [tone, word] =
    isPaused && phase !== 'done' && phase !== 'failed' ? (['plain', 'paused'] as const) : chips[phase]
  const words = copyWords(target)
  const name = printable(target.name)
  // Whether there is anything to send is known once it has looked.
  const part =
    phase === 'done'
      ? 100
      : target.blocksTotal === 0 && phase === 'connecting'
        ? null
        : percent(target.bytesDone, target.bytesTotal)
  return (
    <li className={styles['target']}>
      <div className={styles['line']}>
        <b>{name}</b>
        <Chip tone={tone}>{word}</Chip>
        <span className={phase === 'failed' ? styles['error'] : 'muted'}>{words}</span>
      </div>
      {phase === 'failed' ? null : <ProgressBar label={`Sent to ${name}`} percent={part} valueText={words} />}
      <div className={styles['exact']}>
        <span>
          {target.blocksTotal === 0 ? '' : `${count(target.blocksDone)} of ${counted(target.blocksTotal, 'block')}`}
          {target.present === 0
            ? ''
            : ` · ${count(target.blocksDone - target.present)} sent, ${count(target.present)} already there`}
          {arena === null || phase !== 'copying' ? '' : ` · in ${printable(arena.name)}`}
        </span>
        {confirmed === null ? null : (
          <span>
            confirmed up to {printable(confirmed.arena)} <code>{hex(confirmed.offset)}</code>
          </span>
        )}
      </div>
    </li>
  )
}
