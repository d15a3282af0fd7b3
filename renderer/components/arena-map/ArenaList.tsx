// The map as a table: every arena with its numbers, filtered by name and state, sorted by a column.

import { useMemo, useState } from 'react'
import type { ArenaMap } from '../../../shared/model/window.ts'
import { count, counted } from '../../text/format.ts'
import { Field } from '../Field.tsx'
import type { LiveCursors } from './arena-view.ts'
import { arenaFilters, arenaOrder, type ArenaFilter, type Sort, type SortColumn } from './arena-order.ts'
import { ArenaRows } from './ArenaRows.tsx'
import styles from './ArenaList.module.css'

export type ArenaListProps = {
  readonly map: ArenaMap
  readonly live: LiveCursors
  readonly selected: number | null
  readonly onSelect: (index: number | null) => void
}

const filterWords: Readonly<Record<ArenaFilter, string>> = {
  all: 'all states',
  active: 'active',
  full: 'full or sealed',
  empty: 'empty',
  behind: 'lacking on a target',
  damaged: 'damaged',
}

export function ArenaList({ map, live, selected, onSelect }: ArenaListProps) {
  const [name, setName] = useState('')
  const [filter, setFilter] = useState<ArenaFilter>('all')
  const [sort, setSort] = useState<Sort>({ column: 'arena', isDescending: false })
  const order = useMemo(() => arenaOrder(map, live, { name, filter, sort }), [map, live, name, filter, sort])
  const sortBy = (column: SortColumn): void =>
    setSort((before) => ({ column, isDescending: before.column === column && !before.isDescending }))
  return (
    <div className={styles['list']}>
      <div className={styles['filters']}>
        <Field label="Name has" value={name} onChange={setName} placeholder="arenas12" />
        <label className={styles['filter']}>
          <span className={styles['label']}>State</span>
          <select value={filter} onChange={(event) => setFilter(event.target.value as ArenaFilter)}>
            {arenaFilters.map((one) => (
              <option key={one} value={one}>
                {filterWords[one]}
              </option>
            ))}
          </select>
        </label>
        <output className="small">
          {order.length === map.names.length
            ? counted(order.length, 'arena')
            : `${count(order.length)} of ${counted(map.names.length, 'arena')}`}
        </output>
      </div>
      <ArenaRows
        map={map}
        live={live}
        order={order}
        sort={sort}
        onSort={sortBy}
        selected={selected}
        onSelect={onSelect}
      />
    </div>
  )
}
