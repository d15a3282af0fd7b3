// One line of the activity: what, when, and the details that a person would ask for next.

import type { ActivityLine } from '../../../shared/model/window.ts'
import { Chip } from '../../components/Chip.tsx'
import { useApp } from '../../store/hooks.tsx'
import { activityWords, clockOf } from '../../text/activity-words.ts'
import { printable } from '../../text/format.ts'
import styles from './Activity.module.css'

export type ActivityRowProps = { readonly line: ActivityLine }

export function ActivityRow({ line }: ActivityRowProps) {
  const mirrors = useApp((state) => state.mirrors)
  const targets = mirrors.find(({ name }) => name === line.mirror)?.targets ?? []
  const nameOf = (dial: string): string => targets.find((one) => one.dial === dial)?.name ?? dial
  const { tone, label, headline, details, code, took } = activityWords(line, nameOf)
  return (
    <li className={styles['line']}>
      <span className={styles['label']}>
        <Chip tone={tone}>{label}</Chip>
      </span>
      <div className={styles['text']}>
        <strong>{headline}</strong>
        {details.map((detail) => (
          <p key={detail} className={styles['detail']}>
            {detail}
          </p>
        ))}
        {code.map(({ what, text }) => (
          <p key={what} className={styles['detail']}>
            {what} <code>{text}</code>
          </p>
        ))}
      </div>
      <span className={`small ${styles['when']}`}>
        {mirrors.length > 1 ? `${printable(line.mirror)} · ` : ''}
        <time dateTime={line.at} title={line.at}>
          {clockOf(line.at)}
        </time>
        {took === null ? null : <div>in {took}</div>}
      </span>
    </li>
  )
}
