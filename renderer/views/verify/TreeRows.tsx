// The rows of a tree that are in sight, and no others, so that a directory of a hundred thousand entries scrolls as one of
// ten. One element has the focus; aria-activedescendant tells which row is meant, as the tree pattern of ARIA has it.

import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react'
import { useNow } from '../../store/use-now.ts'
import type { FaultMarks } from './fault-marks.ts'
import { TreeRow } from './TreeRow.tsx'
import { indexOf, parentOf, rowAt, rowCount, type Row } from './tree-rows.ts'
import type { Tree } from './use-tree.ts'
import { useTypeAhead } from './use-type-ahead.ts'
import { useVisibleRows } from './use-visible-rows.ts'
import styles from './Tree.module.css'

const rowPixels = 29

/** By its place in its folder, which stays the same whatever is opened above it. */
type Active = { readonly path: string; readonly number: number }

export type TreeRowsProps = {
  readonly tree: Tree
  readonly marks: FaultMarks
  readonly onChoose: (row: Row) => void
  /** Enter or a double click on a file. */
  readonly onActivate: (row: Row) => void
}

export function TreeRows({ tree, marks, onChoose, onActivate }: TreeRowsProps) {
  const { folders, show, open, close, seek } = tree
  const id = useId()
  const now = useNow()
  const [active, setActive] = useState<Active>({ path: '/', number: 0 })
  const count = rowCount(folders)
  const { box, first, last, page, onScroll, reveal } = useVisibleRows(count, rowPixels)
  const activeIndex = Math.max(0, indexOf(folders, active.path, active.number))
  useEffect(() => show(first, last), [show, first, last])

  // Until somebody comes here nothing is chosen, and Extract means the whole archive.
  const [hasChosen, setHasChosen] = useState(false)
  // A row that was reached before its page had come is told once it has.
  const isOwed = useRef(false)
  const choose = (index: number): void => {
    const at = Math.max(0, Math.min(count - 1, index))
    const one = rowAt(folders, at)
    if (one === null) return
    setHasChosen(true)
    setActive({ path: one.folder.path, number: one.number })
    isOwed.current = one.entry === null
    if (one.entry !== null) onChoose(one)
    reveal(at)
  }
  const row = rowAt(folders, activeIndex)
  useEffect(() => {
    if (!isOwed.current || row === null || row.entry === null) return
    isOwed.current = false
    onChoose(row)
  })
  const activate = (one: Row): void => {
    if (one.entry?.kind === 'directory') (one.isOpen ? close : open)(one)
    else if (one.entry !== null) onActivate(one)
  }
  const type = useTypeAhead(
    async (prefix) => await seek(active.path, prefix),
    (found) => {
      if (found < 0) return
      isOwed.current = true
      setActive({ path: active.path, number: found })
      reveal(indexOf(folders, active.path, found))
    },
  )
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const moves: Readonly<Record<string, () => void>> = {
      ArrowDown: () => choose(activeIndex + 1),
      ArrowUp: () => choose(activeIndex - 1),
      PageDown: () => choose(activeIndex + page),
      PageUp: () => choose(activeIndex - page),
      Home: () => choose(0),
      End: () => choose(count - 1),
      ArrowRight: () => {
        if (row?.entry?.kind !== 'directory') return
        if (row.isOpen) choose(activeIndex + 1)
        else open(row)
      },
      ArrowLeft: () => {
        if (row === null) return
        if (row.isOpen) close(row)
        else choose(parentOf(folders, row))
      },
      Enter: () => (row === null ? undefined : activate(row)),
    }
    const move = moves[event.key]
    if (move === undefined && !type(event.key)) return
    event.preventDefault()
    move?.()
  }
  const rows: React.JSX.Element[] = []
  for (let index = first; index <= last; index++) {
    const one = rowAt(folders, index)
    if (one === null) break
    rows.push(
      <TreeRow
        key={`${one.folder.path} ${one.number}`}
        id={`${id}-${index}`}
        row={one}
        inside={one.isOpen ? folders.get(one.entry?.path ?? '') : undefined}
        mark={one.entry === null ? undefined : marks.get(one.entry.path)}
        now={now}
        top={index * rowPixels}
        pixels={rowPixels}
        isOdd={index % 2 === 0}
        isActive={hasChosen && index === activeIndex}
        onPress={(onTwist) => {
          box.current?.focus({ preventScroll: true })
          choose(index)
          if (onTwist) activate(one)
        }}
        onActivate={() => activate(one)}
      />,
    )
  }
  const isDrawn = activeIndex >= first && activeIndex <= last
  return (
    <div
      ref={box}
      className={styles['rows']}
      style={{ blockSize: `min(${count * rowPixels}px, max(290px, 50vh))` }}
      role="tree"
      aria-label="Files of the archive"
      aria-activedescendant={isDrawn ? `${id}-${activeIndex}` : undefined}
      tabIndex={0}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
      onFocus={({ target, currentTarget }) => {
        // A row may go out of sight, and the focus with it.
        if (target !== currentTarget) currentTarget.focus({ preventScroll: true })
        else if (!hasChosen) choose(activeIndex)
      }}
    >
      <div role="presentation" className={styles['all']} style={{ blockSize: count * rowPixels }}>
        {rows}
      </div>
    </div>
  )
}
