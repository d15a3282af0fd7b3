// A state in a word or two. Colour only underlines what the word says.

import type { ReactNode } from 'react'
import styles from './Chip.module.css'

export type ChipProps = {
  readonly tone: 'ok' | 'late' | 'bad' | 'sealed' | 'plain'
  readonly title?: string
  readonly children: ReactNode
}

export function Chip({ tone, title, children }: ChipProps) {
  return (
    <span className={`${styles['chip']} ${styles[tone]}`} title={title}>
      {children}
    </span>
  )
}
