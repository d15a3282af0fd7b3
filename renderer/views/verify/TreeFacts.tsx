// The entry that is chosen in the tree, in full: what its row had no room for.

import type { TreeEntry } from '../../../shared/model/window.ts'
import { exactSize, printable } from '../../text/format.ts'
import { markWords, type FaultMark } from './fault-marks.ts'
import styles from './Tree.module.css'

export type TreeFactsProps = { readonly entry: TreeEntry | null; readonly mark: FaultMark | null }

export function TreeFacts({ entry, mark }: TreeFactsProps) {
  if (entry === null) return <p className={`small ${styles['facts']}`}>The whole archive; choose a file or a folder.</p>
  const { path, kind, letters, uid, gid, size, mtime } = entry
  const facts = [
    ...(kind === 'directory' ? [] : [exactSize(size)]),
    letters,
    `${printable(uid)}:${printable(gid)}`,
    `changed ${new Date(mtime * 1000).toISOString().replace('.000Z', 'Z')}`,
  ]
  return (
    <p className={`small ${styles['facts']}`}>
      <code>{printable(path)}</code>
      <br />
      {facts.join(' · ')}
      {mark === null ? null : <strong className={styles['mark']}> · {markWords(mark)}</strong>}
    </p>
  )
}
