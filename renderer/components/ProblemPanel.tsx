// What went wrong: what happened, what is safe, what to do next, and the buttons that do it.

import type { ReactNode } from 'react'
import type { Problem } from '../../shared/model/window.ts'
import { capital, printable } from '../text/format.ts'
import styles from './ProblemPanel.module.css'

export type ProblemPanelProps = {
  readonly problem: Problem
  readonly tone?: 'bad' | 'warn'
  /** Buttons. */
  readonly children?: ReactNode
}

export function ProblemPanel({ problem, tone = 'bad', children }: ProblemPanelProps) {
  return (
    <div className={`${styles['panel']} ${styles[tone]}`} role="alert">
      <strong>{asSentence(printable(problem.happened))}</strong>
      <span>{problem.safe}</span>
      <span>{problem.next}</span>
      {children === undefined ? null : <div className="row">{children}</div>}
    </div>
  )
}

/** A name, a path or an address at its beginning stays as it is. */
const asSentence = (text: string): string =>
  /^(?:an?|cannot|it|no|not|that|the|there|these|this) /.test(text) ? capital(text) : text

export type NoteProps = { readonly tone: 'warn' | 'bad' | 'ok'; readonly title: string; readonly children?: ReactNode }

/** Something worth knowing that is no error. */
export function Note({ tone, title, children }: NoteProps) {
  return (
    <div className={`${styles['panel']} ${styles[tone]}`} role="note">
      <strong>{title}</strong>
      {children}
    </div>
  )
}
