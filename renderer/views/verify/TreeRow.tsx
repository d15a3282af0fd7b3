// One entry of an archive: its name as deep as it lies, what is missing in it, and the facts that its width has room for.

import type { TreeEntry } from '../../../shared/model/window.ts'
import { dayWords, exactSize, moment, printable, size } from '../../text/format.ts'
import { markWords, type FaultMark } from './fault-marks.ts'
import type { Folder, Row } from './tree-rows.ts'
import styles from './Tree.module.css'

/** Deeper than that, rows stand no further to the right: the facts below the tree have the whole path. */
const maxIndent = 10

const kinds: Readonly<Record<TreeEntry['kind'], string>> = {
  directory: '',
  file: '',
  symlink: ' (link)',
  device: ' (device)',
  pipe: ' (pipe)',
}

export type TreeRowProps = {
  readonly id: string
  readonly row: Row
  /** What is in it, where it is an open directory. */
  readonly inside: Folder | undefined
  readonly mark: FaultMark | undefined
  readonly now: number
  readonly top: number
  readonly pixels: number
  readonly isOdd: boolean
  readonly isActive: boolean
  readonly onPress: (onTwist: boolean) => void
  readonly onActivate: () => void
}

const isTwist = (target: EventTarget): boolean => target instanceof HTMLElement && target.dataset['twist'] !== undefined

export function TreeRow(props: TreeRowProps) {
  const { id, row, inside, mark, now, top, pixels, isOdd, isActive, onPress, onActivate } = props
  const { entry, level, isOpen, number, folder } = row
  const isFolder = entry?.kind === 'directory'
  const at = entry === null ? '' : new Date(entry.mtime * 1000).toISOString()
  return (
    <div
      id={id}
      role="treeitem"
      aria-level={level}
      aria-posinset={number + 1}
      aria-setsize={folder.total ?? -1}
      aria-selected={isActive}
      aria-expanded={isFolder ? isOpen : undefined}
      tabIndex={-1}
      className={styles['row']}
      style={{
        insetBlockStart: top,
        blockSize: pixels,
        paddingInlineStart: 4 + Math.min(maxIndent, level - 1) * 14,
      }}
      data-odd={isOdd || undefined}
      // Keys are the tree's own: its rows never have the focus.
      onMouseDown={(event) => {
        event.preventDefault()
        onPress(isTwist(event.target))
      }}
      onDoubleClick={(event) => {
        if (!isTwist(event.target)) onActivate()
      }}
    >
      <span className={styles['name']}>
        <span className={styles['twist']} data-twist={isFolder || undefined} aria-hidden="true">
          {isFolder ? (isOpen ? '▾' : '▸') : ''}
        </span>
        {entry === null ? (
          <span className="small">…</span>
        ) : (
          <span className={`${styles['label']} ${level === 1 && isFolder ? styles['top'] : ''}`}>
            {printable(entry.name)}
            {kinds[entry.kind]}
          </span>
        )}
        {mark === undefined ? null : <span className={styles['mark']}> · {markWords(mark)}</span>}
        {inside === undefined ? null : <span className="small">{stateOf(inside)}</span>}
      </span>
      <span className={`small mono ${styles['wide']}`}>{entry?.letters ?? ''}</span>
      <span className={`small ${styles['wide']}`}>{entry === null ? '' : printable(entry.uid)}</span>
      {entry === null || isFolder ? (
        <span />
      ) : (
        <span className={`small ${styles['size']}`} title={exactSize(entry.size)}>
          {size(entry.size)}
        </span>
      )}
      <span className={`small ${styles['when']}`} title={entry === null ? undefined : moment(at, now)}>
        {entry === null ? '' : dayWords(at, now)}
      </span>
    </div>
  )
}

/** Of an open directory that shows nothing below it. */
function stateOf({ total }: Folder): string {
  if (total === null) return '\u00a0· reading …'
  return total === 0 ? '\u00a0· empty' : ''
}
