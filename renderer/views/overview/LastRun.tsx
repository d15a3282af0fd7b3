// What happened last, and the way to everything before it.

import type { MirrorView } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { Chip } from '../../components/Chip.tsx'
import { useApp } from '../../store/hooks.tsx'
import { counted, moment } from '../../text/format.ts'
import { capital } from '../../text/overview-words.ts'
import { runWords } from '../../text/run-words.ts'
import styles from './LastRun.module.css'

export type LastRunProps = { readonly mirror: MirrorView; readonly now: number }

const chips = {
  ok: ['ok', 'all there'],
  attention: ['late', 'needs a look'],
  failed: ['bad', 'failed'],
  cancelled: ['plain', 'cancelled'],
} as const

export function LastRun({ mirror, now }: LastRunProps) {
  const go = useApp((state) => state.go)
  const { lastRun, damage } = mirror
  if (lastRun === null && damage === 0) return null
  return (
    <section className={`sheet ${styles['last']}`} aria-label="What happened last">
      {lastRun === null ? null : (
        <div className={styles['line']}>
          <div className={styles['words']}>
            <h2>What happened last</h2>
            <p>
              <Chip tone={chips[lastRun.result][0]}>{chips[lastRun.result][1]}</Chip>{' '}
              <b>{capital(moment(lastRun.at, now))}:</b> {runWords(lastRun)}
            </p>
          </div>
          <Button look="quiet" onPress={() => go('activity', { kinds: [] })}>
            All activity
          </Button>
        </div>
      )}
      {damage === 0 ? null : (
        <div className={styles['damage']} role="note">
          <div className={styles['words']}>
            <strong>
              {damage === 1
                ? 'One place in the source is damaged and was left out.'
                : `${counted(damage, 'place')} in the source are damaged and were left out.`}
            </strong>
            <span>
              Every other block is copied. Each is looked at again in every sync and sent once a good copy is there.
            </span>
          </div>
          <Button onPress={() => go('activity', { kinds: ['damage'] })}>Show the damage</Button>
        </div>
      )}
    </section>
  )
}
