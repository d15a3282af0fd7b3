// How far something is. Never full before it is finished: callers give a percentage that was rounded down.

import { ProgressBar as AriaProgressBar } from 'react-aria-components'
import styles from './ProgressBar.module.css'

export type ProgressBarProps = {
  readonly label: string
  /** 0 to 100; null: it is not known how much there is. */
  readonly percent: number | null
  /** What a screen reader says instead of the percentage. */
  readonly valueText?: string
  readonly isBig?: boolean
}

export function ProgressBar({ label, percent, valueText, isBig = false }: ProgressBarProps) {
  return (
    <AriaProgressBar
      aria-label={label}
      isIndeterminate={percent === null}
      value={percent ?? 0}
      {...(valueText === undefined ? {} : { valueLabel: valueText })}
      className={`${styles['bar']} ${isBig ? styles['big'] : ''}`}
    >
      <span
        className={percent === null ? styles['wandering'] : styles['fill']}
        style={percent === null ? undefined : { inlineSize: `${percent}%` }}
      />
    </AriaProgressBar>
  )
}
