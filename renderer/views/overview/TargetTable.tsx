// The targets: whether each answers, how far behind it is, when it was last brought up to date, and what can be done.

import { Fragment } from 'react'
import type { MirrorView, TargetView } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { Chip } from '../../components/Chip.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useAction } from '../../store/use-request.ts'
import { age, counted, exactSize, moment, printable } from '../../text/format.ts'
import { dialText } from '../../text/machine-words.ts'
import { isSyncLate } from '../../text/overview-words.ts'
import { mayAct } from './overview-selectors.ts'
import styles from './TargetTable.module.css'

export type TargetTableProps = { readonly mirror: MirrorView; readonly isRunning: boolean; readonly now: number }

export function TargetTable({ mirror, isRunning, now }: TargetTableProps) {
  const canAct = useApp(mayAct)
  const go = useApp((state) => state.go)
  const retry = useAction('sync.start')
  if (mirror.targets.length === 0) return null
  return (
    <section className={`sheet ${styles['targets']}`} aria-label="Targets">
      <table className={styles['table']}>
        <thead>
          <tr>
            <th scope="col">Target</th>
            <th scope="col">State</th>
            <th scope="col" className="number">
              Round trip
            </th>
            <th scope="col" className="number">
              Behind by
            </th>
            <th scope="col" className="number">
              Synced
            </th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {mirror.targets.map((target) => (
            <Fragment key={target.dial}>
              <tr>
                <th scope="row" className={styles['name']}>
                  <b>{printable(target.name)}</b>
                  <span className={`small mono ${styles['dial']}`}>
                    {target.store === null ? dialText(target.dial) : printable(target.store.folder)}
                  </span>
                </th>
                <td>{stateChip(target)}</td>
                <td className="number" data-label="Round trip">
                  {target.roundTripMs === null ? '–' : roundTrip(target.roundTripMs)}
                </td>
                <td className="number" data-label="Behind by" title={exactSize(target.behindBytes)}>
                  {target.behindBlocks === 0 ? 'nothing' : counted(target.behindBlocks, 'block')}
                </td>
                <td className="number" data-label="Synced" title={moment(target.lastSync, now)}>
                  {isSyncLate(target, mirror, now) ? (
                    <span className={styles['late']}>{syncedWords(target.lastSync, now)}, late</span>
                  ) : (
                    syncedWords(target.lastSync, now)
                  )}
                </td>
                <td className={`number ${styles['actions']}`}>
                  {target.state === 'unreachable' || target.problem !== null ? (
                    <Button
                      look="quiet"
                      aria-label={`Retry ${printable(target.name)}`}
                      isDisabled={!canAct || isRunning || retry.isBusy}
                      onPress={() => void retry.run({ mirror: mirror.name, dials: [target.dial] })}
                    >
                      Retry
                    </Button>
                  ) : null}
                  <Button
                    look="quiet"
                    aria-label={`Verify ${printable(target.name)}`}
                    onPress={() => go('verify', { dial: target.dial })}
                  >
                    Verify
                  </Button>
                </td>
              </tr>
              {target.problem === null ? null : (
                <tr>
                  <td colSpan={6} className={styles['problem']}>
                    <ProblemPanel problem={target.problem} tone={target.state === 'unreachable' ? 'bad' : 'warn'} />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
      {retry.problem === null ? null : <ProblemPanel problem={retry.problem} />}
    </section>
  )
}

function stateChip({ state, store }: TargetView) {
  if (state === 'unreachable') return <Chip tone="bad">cannot be reached</Chip>
  if (state === 'unknown') return <Chip tone="plain">not asked yet</Chip>
  return <Chip tone="ok">{store === null ? 'reachable' : 'served here'}</Chip>
}

const roundTrip = (ms: number): string => (ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`)

/** Yesterday and today with the time of day, older ones as an age. */
function syncedWords(at: string | null, now: number): string {
  const words = moment(at, now)
  return at === null || /^(today|yesterday)/.test(words) ? words : age(at, now)
}
