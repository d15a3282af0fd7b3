// One setting: its name and what it means on the left, what it is set to on the right.

import type { ReactNode } from 'react'
import styles from './Settings.module.css'

export type SettingProps = {
  readonly name: string
  readonly hint?: string
  readonly children: ReactNode
}

/** Several controls under one name, told as a group. */
export function SettingGroup({ name, hint, children }: SettingProps) {
  return (
    <fieldset aria-label={name} className={styles['setting']}>
      <Words name={name} hint={hint} />
      <div className={styles['value']}>{children}</div>
    </fieldset>
  )
}

/** One control, named by the label it stands in. */
export function Setting({ name, hint, children }: SettingProps) {
  return (
    <label className={styles['setting']}>
      <Words name={name} hint={hint} />
      <span className={styles['value']}>{children}</span>
    </label>
  )
}

function Words({ name, hint }: { readonly name: string; readonly hint: string | undefined }) {
  return (
    <span className={styles['what']}>
      <span className={styles['name']}>{name}</span>
      {hint === undefined ? null : <span className="small">{hint}</span>}
    </span>
  )
}
