// Which lines are shown: any of four kinds, of this mirror or of all.

import { ToggleButton, ToggleButtonGroup } from 'react-aria-components'
import { useApp } from '../../store/hooks.tsx'
import { activityKinds, type ActivityKind } from '../../store/activity-slice.ts'
import styles from './Activity.module.css'

const names: Readonly<Record<ActivityKind, string>> = {
  run: 'Syncs',
  rollover: 'Rollovers',
  check: 'Checks',
  damage: 'Damage',
}

const isKind = (key: unknown): key is ActivityKind => activityKinds.some((kind) => kind === key)

export type ActivityFilterProps = { readonly onChange: () => void }

export function ActivityFilter({ onChange }: ActivityFilterProps) {
  const filter = useApp((state) => state.activityFilter)
  const filterActivity = useApp((state) => state.filterActivity)
  const ofAll = useApp((state) => state.activityOfAll)
  const showAll = useApp((state) => state.showActivityOfAll)
  const hasSeveral = useApp((state) => state.mirrors.length > 1)
  return (
    <div className="row">
      <ToggleButtonGroup
        aria-label="Kinds of lines; none chosen shows all"
        selectionMode="multiple"
        selectedKeys={filter}
        className={styles['kinds'] ?? ''}
        onSelectionChange={(keys) => {
          filterActivity([...keys].filter(isKind))
          onChange()
        }}
      >
        {activityKinds.map((kind) => (
          <ToggleButton key={kind} id={kind} className={styles['kind'] ?? ''}>
            {names[kind]}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      {hasSeveral ? (
        <label className="row">
          <input
            type="checkbox"
            checked={ofAll}
            onChange={(event) => {
              showAll(event.target.checked)
              onChange()
            }}
          />
          of all mirrors
        </label>
      ) : null}
    </div>
  )
}
