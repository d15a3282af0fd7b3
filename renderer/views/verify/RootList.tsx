// The roots, newest first: when, the masked score, where it is from, and what the newest check of it said. There may be
// thousands: only those in sight are drawn (a list box that knows of all of them takes a second to come). Arrows move,
// Enter or a press chooses, so that moving asks no venti anything.

import { useId, useState, type KeyboardEvent } from 'react'
import type { RootId, RootView } from '../../../shared/model/window.ts'
import { Chip } from '../../components/Chip.tsx'
import { useNow } from '../../store/use-now.ts'
import { printable } from '../../text/format.ts'
import { checkChip, rootDay, rootOrigin } from '../../text/verify-words.ts'
import { useVisibleRows } from './use-visible-rows.ts'
import styles from './RootList.module.css'

const rowPixels = 63

export type RootListProps = {
  readonly roots: readonly RootView[]
  readonly chosen: RootId | null
  readonly dial: string | null
  readonly onChoose: (root: RootId) => void
}

export function RootList({ roots, chosen, dial, onChoose }: RootListProps) {
  const now = useNow()
  const id = useId()
  const { box, first, last, page, onScroll, reveal } = useVisibleRows(roots.length, rowPixels)
  // Null: the one that is chosen, wherever it comes to stand when the list is read again.
  const [moved, setMoved] = useState<number | null>(null)
  const chosenAt = roots.findIndex((root) => root.id === chosen)
  const active = Math.min(moved ?? Math.max(0, chosenAt), roots.length - 1)
  const move = (to: number): void => {
    const index = Math.max(0, Math.min(roots.length - 1, to))
    setMoved(index)
    reveal(index)
  }
  const choose = (root: RootView | undefined): void => {
    if (root === undefined) return
    setMoved(null)
    onChoose(root.id)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const moves: Readonly<Record<string, () => void>> = {
      ArrowDown: () => move(active + 1),
      ArrowUp: () => move(active - 1),
      PageDown: () => move(active + page),
      PageUp: () => move(active - page),
      Home: () => move(0),
      End: () => move(roots.length - 1),
      Enter: () => choose(roots[active]),
      ' ': () => choose(roots[active]),
    }
    const wish = moves[event.key]
    if (wish === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    wish()
  }
  const isDrawn = active >= first && active <= last
  return (
    <div
      ref={box}
      className={styles['list']}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- no element lists rows that are not drawn
      role="listbox"
      aria-label="Root scores, newest first"
      aria-activedescendant={isDrawn ? `${id}-${active}` : undefined}
      tabIndex={0}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
      onFocus={({ target, currentTarget }) => {
        // A row may go out of sight, and the focus with it.
        if (target !== currentTarget) currentTarget.focus({ preventScroll: true })
      }}
    >
      <div role="presentation" className={styles['rows']} style={{ blockSize: roots.length * rowPixels }}>
        {roots.slice(first, last + 1).map((root, at) => {
          const index = first + at
          return (
            <div
              key={root.id}
              id={`${id}-${index}`}
              // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- see above
              role="option"
              aria-selected={index === chosenAt}
              aria-posinset={index + 1}
              aria-setsize={roots.length}
              tabIndex={-1}
              data-active={index === active || undefined}
              className={styles['root']}
              style={{ insetBlockStart: index * rowPixels, blockSize: rowPixels }}
              // Keys are the list's own: its rows never have the focus.
              onMouseDown={(event) => {
                event.preventDefault()
                box.current?.focus({ preventScroll: true })
                choose(root)
              }}
            >
              <Root root={root} dial={dial} now={now} />
            </div>
          )
        })}
      </div>
    </div>
  )
}

type RootProps = { readonly root: RootView; readonly dial: string | null; readonly now: number }

function Root({ root, dial, now }: RootProps) {
  const check = checkChip(root, dial)
  const [day, time] = rootDay(root, now)
  const name = root.name === null || root.name === '' ? '' : ` · ${printable(root.name)}`
  return (
    <>
      <span className={styles['first']}>
        <span className={styles['title']}>
          <strong>{day}</strong> <span className="small">{time}</span>
        </span>
        {check.tone === null ? (
          <span className="small">{check.text}</span>
        ) : (
          <Chip tone={check.tone} title={`checked ${check.at}`}>
            {check.text}
          </Chip>
        )}
      </span>
      <span className={`small mono ${styles['second']}`} title={printable(root.place) + name}>
        {root.score} · {rootOrigin(root)}
        {name}
      </span>
    </>
  )
}
