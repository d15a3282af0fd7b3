// What went wrong: what happened, what is safe, what to do next, and the buttons that do it.

import { Fragment, type ReactNode } from 'react'
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
      <strong>{withFingerprints(asSentence(printable(problem.happened)))}</strong>
      <span>{problem.safe}</span>
      <span>{problem.next}</span>
      {children === undefined ? null : <div className="row">{children}</div>}
    </div>
  )
}

/** A name, a path or an address at its beginning stays as it is. */
const asSentence = (text: string): string =>
  /^(?:an?|cannot|it|no|not|that|the|there|these|this) /.test(text) ? capital(text) : text

/** To be compared, so each in one piece and in letters that cannot be taken for others. */
function withFingerprints(text: string): ReactNode {
  const parts = text.split(/(SHA256:[A-Za-z0-9+/]{43})/)
  if (parts.length === 1) return text
  return parts.map((part, at) => (
    // oxlint-disable-next-line react/no-array-index-key -- parts of one text, which stand where they stand
    <Fragment key={at}>{at % 2 === 0 ? part : <code className={styles['fingerprint']}>{part}</code>}</Fragment>
  ))
}

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
