// The left side: the views, and which mirror they are about. In a set-up its steps stand in the place of the views.

import type { ReactNode } from 'react'
import { currentMirror, useApp } from '../store/hooks.tsx'
import { views, type View } from '../store/navigation-slice.ts'
import { printable } from '../text/format.ts'
import styles from './Sidebar.module.css'

const names: Readonly<Record<View, string>> = {
  overview: 'Overview',
  setup: 'Set-up',
  verify: 'Verify',
  activity: 'Activity',
  settings: 'Settings',
}

export type SidebarProps = { readonly children: ReactNode }

export function Sidebar({ children }: SidebarProps) {
  const view = useApp((state) => state.view)
  const go = useApp((state) => state.go)
  const mirror = useApp(currentMirror)
  const mirrors = useApp((state) => state.mirrors)
  const chooseMirror = useApp((state) => state.chooseMirror)
  const version = useApp((state) => state.app?.version ?? '')
  const attention = mirror?.damage ?? 0
  return (
    <nav className={styles['side']} aria-label="Venti Mirror">
      <div className={styles['brand']}>
        <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true" className={styles['mark']}>
          <path d="M3 3v10a4 4 0 0 0 5 3.9M17 3v10a4 4 0 0 1-5 3.9" />
          <path d="M3 8h5M12 8h5M10 2v16" strokeDasharray="2 2" />
        </svg>
        Venti Mirror
      </div>
      <ul className={styles['list']}>
        {views.map((one) => (
          <li key={one}>
            <button
              type="button"
              className={styles['item']}
              aria-current={one === view ? 'page' : undefined}
              onClick={() => go(one)}
            >
              {names[one]}
              {one === 'activity' && attention > 0 ? (
                <span className={styles['count']} title={`${attention} damaged places`}>
                  {attention}
                  <span className="visually-hidden"> damaged places</span>
                </span>
              ) : null}
            </button>
          </li>
        ))}
      </ul>
      {children}
      <div className={styles['foot']}>
        {mirrors.length > 1 ? (
          <label className="stack">
            Mirror
            <select value={mirror?.name ?? ''} onChange={(event) => chooseMirror(event.target.value)}>
              {mirrors.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        ) : null}
        {mirror === null ? null : (
          <div>
            {printable(mirror.name)} → {mirror.targets.map(({ name }) => printable(name)).join(', ')}
          </div>
        )}
        <div>{version}</div>
      </div>
    </nav>
  )
}
