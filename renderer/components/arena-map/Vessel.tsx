// One arena as a vessel: filled from below with what it holds, hatched where no target has it yet, closed with a lid when it
// is full. Under it a thin rule for each target. What it shows in colours and lengths is said in words beside it.

import type { ArenaMap } from '../../../shared/model/window.ts'
import { count, printable } from '../../text/format.ts'
import {
  fillOf,
  fillPercent,
  hasPercent,
  newPart,
  sentPart,
  stateWord,
  toneOf,
  type LiveCursors,
} from './arena-view.ts'
import styles from './Vessel.module.css'

export type VesselProps = {
  readonly map: ArenaMap
  readonly live: LiveCursors
  readonly index: number
  /** A run is writing it at the moment: it stays open until that has rolled over. */
  readonly isWriting: boolean
  /** It was handed over, or taken over, a moment ago. */
  readonly rolled: 'from' | 'to' | null
}

export function Vessel({ map, live, index, isWriting, rolled }: VesselProps) {
  const state = map.states[index] ?? 'empty'
  const tone = isWriting ? 'active' : toneOf[state]
  const fill = fillOf(map, index)
  const fresh = fill * newPart(map, live, index)
  const damage = map.damage[index] ?? 0
  const isEmpty = state === 'empty'
  const isCovered = fill > 0.24
  return (
    <span className={styles['arena']} data-tone={tone} data-rolled={rolled ?? undefined} aria-hidden="true">
      <span className={styles['vessel']}>
        <span className={styles['fill']} style={{ blockSize: `${fill * 100}%` }} />
        {fresh > 0 ? (
          <span
            className={styles['fresh']}
            style={{ blockSize: `${fresh * 100}%`, insetBlockEnd: `${(fill - fresh) * 100}%` }}
          />
        ) : null}
        <span className={styles['lid']} />
        {isEmpty || state === 'active' ? null : (
          <span className={styles['word']} data-covered={fill > 0.85 || undefined}>
            {stateWord[state]}
          </span>
        )}
        {isEmpty ? null : (
          <span
            className={styles['percent']}
            data-covered={isCovered || undefined}
            // Else it stands on what is filled, and not half in it.
            style={isCovered ? undefined : { insetBlockEnd: `calc(${fill * 100}% + 1px)` }}
          >
            {fillPercent(map, index)} %
          </span>
        )}
        {damage > 0 ? (
          <span className={styles['damage']} title={`${count(damage)} damaged`}>
            ! {count(damage)}
          </span>
        ) : null}
      </span>
      <span className={styles['rules']}>
        {map.targets.map((target, number) => {
          if (isEmpty) return <span key={target.dial} />
          const has = hasPercent(map, live, number, index)
          return (
            <span
              key={target.dial}
              className={styles['rule']}
              title={`${printable(target.name)} has ${has} % of ${printable(map.names[index] ?? '')}`}
            >
              <span className={styles['sent']} style={{ inlineSize: `${sentPart(map, live, number, index) * 100}%` }} />
              <span className={styles['has']} style={{ inlineSize: `${has}%` }} />
            </span>
          )
        })}
      </span>
      <span className={styles['caption']}>
        <b className={styles['name']}>{printable(map.names[index] ?? '')}</b>
        <span>{isEmpty ? 'empty' : count(map.clumps[index] ?? 0)}</span>
      </span>
    </span>
  )
}
