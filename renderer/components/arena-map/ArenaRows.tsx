// The rows of the list. Only those in sight are in the page; they are of one height, so where each stands is a multiplication
// and thousands cost what a dozen cost. They are walked with the arrow keys; a screen reader is told how many there are and
// which it is at.

import { useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react'
import type { ArenaMap } from '../../../shared/model/window.ts'
import { count, printable, size } from '../../text/format.ts'
import type { Sort, SortColumn } from './arena-order.ts'
import { arenaLabel, fillPercent, hasPercent, isFull, type LiveCursors } from './arena-view.ts'
import { moveBy } from './wall-layout.ts'
import styles from './ArenaRows.module.css'

export type ArenaRowsProps = {
  readonly map: ArenaMap
  readonly live: LiveCursors
  readonly selected: number | null
  readonly onSelect: (index: number | null) => void
  /** Which arenas, in which order. */
  readonly order: readonly number[]
  readonly sort: Sort
  readonly onSort: (column: SortColumn) => void
}

const rowHeight = 34
const viewHeight = 340
/** Rows kept above and below those in sight, so that a quick scroll shows no gap. */
const spare = 6

const columns: readonly { readonly key: SortColumn; readonly title: string; readonly isNumber: boolean }[] = [
  { key: 'arena', title: 'Arena', isNumber: false },
  { key: 'state', title: 'State', isNumber: false },
  { key: 'fill', title: 'Full', isNumber: true },
  { key: 'blocks', title: 'Blocks', isNumber: true },
]

export function ArenaRows({ map, live, order, sort, onSort, selected, onSelect }: ArenaRowsProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const [scrollTop, setScrollTop] = useState(0)
  const [at, setAt] = useState(0)
  const wantsFocus = useRef(false)
  const current = Math.min(at, Math.max(0, order.length - 1))

  useLayoutEffect(() => {
    if (!wantsFocus.current) return
    wantsFocus.current = false
    scroller.current?.querySelector<HTMLElement>(`[data-place="${current}"]`)?.focus({ preventScroll: true })
  })

  const walk = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || placeOf(event.target) === null) return
    const index = order[current]
    if (event.key === 'Enter' || event.key === ' ') {
      if (index === undefined) return
      onSelect(index === selected ? null : index)
      event.preventDefault()
      return
    }
    if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') return
    const page = Math.floor(viewHeight / rowHeight) - 1
    const next = moveBy({ count: order.length, columns: 1 }, current, event.key, page)
    const element = scroller.current
    if (next === null || element === null) return
    event.preventDefault()
    wantsFocus.current = true
    const top = next * rowHeight
    if (top < element.scrollTop) element.scrollTop = top
    // The head stays on top of the rows and takes the height of one.
    else if (top + 2 * rowHeight > element.scrollTop + viewHeight) element.scrollTop = top + 2 * rowHeight - viewHeight
    setScrollTop(element.scrollTop)
    setAt(next)
  }

  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - spare)
  const end = Math.min(order.length, Math.ceil((scrollTop + viewHeight) / rowHeight) + spare)
  const places = Array.from({ length: Math.max(0, end - first) }, (_, step) => first + step)
  // The row that Tab comes to stays in the page also when it was scrolled away.
  if (order.length > 0 && (current < first || current >= end)) places.push(current)
  const template = {
    gridTemplateColumns: `minmax(110px, 1.4fr) minmax(120px, 1fr) 130px 90px ${'96px '.repeat(map.targets.length)}`,
  }
  return (
    <div
      ref={scroller}
      className={styles['scroller']}
      style={{ blockSize: `${viewHeight}px` }}
      onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
    >
      <table
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role -- its rows are walked with the keys
        role="grid"
        tabIndex={-1}
        aria-label="Arenas"
        aria-rowcount={order.length + 1}
        className={styles['grid']}
        onKeyDown={walk}
        onClick={(event) => {
          const place = placeOf(event.target)
          const index = place === null ? undefined : order[place]
          if (index === undefined) return
          onSelect(index === selected ? null : index)
        }}
        onFocus={(event) => setAt(placeOf(event.target) ?? current)}
      >
        <thead>
          <tr aria-rowindex={1} className={styles['head']} style={template}>
            {columns.map(({ key, title, isNumber }) => (
              <th
                key={key}
                scope="col"
                aria-sort={sort.column !== key ? 'none' : sort.isDescending ? 'descending' : 'ascending'}
                className={isNumber ? styles['number'] : undefined}
              >
                <button type="button" className={styles['sort']} onClick={() => onSort(key)}>
                  {title}
                  <span aria-hidden="true">{sort.column !== key ? '' : sort.isDescending ? ' ↓' : ' ↑'}</span>
                </button>
              </th>
            ))}
            {map.targets.map((target) => (
              <th key={target.dial} scope="col" className={styles['number']}>
                {printable(target.name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className={styles['rows']} style={{ blockSize: `${Math.max(1, order.length) * rowHeight}px` }}>
          {places.map((place) => {
            const index = order[place] as number
            return (
              <tr
                key={index}
                aria-rowindex={place + 2}
                aria-selected={index === selected}
                aria-label={arenaLabel(map, live, index)}
                tabIndex={place === current ? 0 : -1}
                data-place={place}
                className={styles['row']}
                style={{ ...template, transform: `translateY(${place * rowHeight}px)` }}
              >
                <Cells map={map} live={live} index={index} />
              </tr>
            )
          })}
          {order.length === 0 ? (
            <tr className={styles['none']}>
              <td>No arena is like that. Clear the name, or choose all states.</td>
            </tr>
          ) : null}
        </tbody>
      </table>
    </div>
  )
}

/** The row that something in the grid belongs to; null in its head. */
function placeOf(target: EventTarget): number | null {
  const row = target instanceof Element ? target.closest<HTMLElement>('[data-place]') : null
  return row === null ? null : Number(row.dataset['place'])
}

function Cells({ map, live, index }: { readonly map: ArenaMap; readonly live: LiveCursors; readonly index: number }) {
  const state = map.states[index] ?? 'empty'
  const full = fillPercent(map, index)
  return (
    <>
      <td className={styles['name']}>{printable(map.names[index] ?? '')}</td>
      <td>
        {state}
        {(map.damage[index] ?? 0) > 0 ? <span className={styles['damage']}> · damaged</span> : null}
      </td>
      <td className={styles['fill']} title={`${size(map.used[index] ?? 0)} used`}>
        <span className={styles['bar']}>
          <span data-full={isFull(state) || undefined} style={{ inlineSize: `${full}%` }} />
        </span>
        {full} %
      </td>
      <td className={styles['number']}>{count(map.clumps[index] ?? 0)}</td>
      {map.targets.map((target, number) => (
        <td key={target.dial} className={styles['number']}>
          {state === 'empty' ? '–' : `${hasPercent(map, live, number, index)} %`}
        </td>
      ))}
    </>
  )
}
