// The three ages that say how good the mirror is: newest root, last acknowledged sync, last passed verification.

import type { MirrorView } from '../../../shared/model/window.ts'
import { Chip } from '../../components/Chip.tsx'
import { moment } from '../../text/format.ts'
import { agesOf } from '../../text/overview-words.ts'
import styles from './Ages.module.css'

export type AgesProps = { readonly mirror: MirrorView; readonly now: number }

export function Ages({ mirror, now }: AgesProps) {
  return (
    <dl className={styles['ages']}>
      {agesOf(mirror, now).map(({ label, value, at, details, late }) => (
        <div key={label} className={`sheet ${styles['age']}`}>
          <dt className={styles['label']}>{label}</dt>
          <dd className={styles['value']}>
            <span title={at === null ? undefined : moment(at, now)}>{value}</span>
            {late === null ? null : <Chip tone="late">{late}</Chip>}
          </dd>
          <dd className={styles['details']}>
            {details.map(({ text, isLate, isMono }, index) => (
              <span key={text}>
                {index === 0 ? '' : ' · '}
                <span className={isLate ? styles['late'] : isMono === true ? 'mono' : undefined}>{text}</span>
              </span>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  )
}
