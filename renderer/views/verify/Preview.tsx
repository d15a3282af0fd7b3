// A file of the archive a piece at a time, as text or as a hex dump.

import { useEffect, useMemo, useRef, useState } from 'react'
import type { Preview as PreviewOf, RootId } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { Dialog } from '../../components/Dialog.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useQuery } from '../../store/use-request.ts'
import { count, exactSize, printable, size } from '../../text/format.ts'
import { bytesOf, hexText, textOf } from './preview-bytes.ts'
import styles from './Tree.module.css'

/** What one answer holds at most. */
const pieceBytes = 64 * 1024

export type PreviewProps = {
  readonly root: RootId
  readonly dial: string
  readonly path: string
  readonly onClose: () => void
}

export function Preview({ root, dial, path, onClose }: PreviewProps) {
  const [offset, setOffset] = useState(0)
  const [wantsHex, setWantsHex] = useState<boolean | null>(null)
  const { value, problem, isBusy, again } = useQuery('tree.preview', { root, dial, path, offset })
  const asHex = wantsHex ?? value?.isText === false
  const bytes = useMemo(() => (value === null ? null : bytesOf(value.bytes)), [value])
  const end = (value?.offset ?? 0) + (bytes?.length ?? 0)
  const isMore = value !== null && end < value.size
  return (
    <Dialog
      title={printable(path.slice(path.lastIndexOf('/') + 1))}
      isOpen
      isWide
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Close</Button>
          {value === null || value.size === 0 ? null : (
            <Button onPress={() => setWantsHex(!asHex)}>{asHex ? 'As text' : 'As hex'}</Button>
          )}
          {value === null || (value.size <= pieceBytes && value.offset === 0) ? null : (
            <>
              <Button
                isDisabled={value.offset === 0}
                isPending={isBusy}
                onPress={() => setOffset(Math.max(0, offset - pieceBytes))}
              >
                Before
              </Button>
              <Button isDisabled={!isMore} isPending={isBusy} onPress={() => setOffset(offset + pieceBytes)}>
                Further on
              </Button>
            </>
          )}
        </>
      }
    >
      <p className="small">
        <code>{printable(path)}</code>
        {value === null ? null : (
          <>
            {' · '}
            <span title={exactSize(value.size)}>{size(value.size)}</span>
            {value.size <= pieceBytes ? '' : ` · bytes ${count(value.offset)} to ${count(end)} of ${count(value.size)}`}
          </>
        )}
      </p>
      {problem === null ? null : (
        <ProblemPanel problem={problem} tone="warn">
          <Button onPress={again}>Try again</Button>
        </ProblemPanel>
      )}
      {value === null && isBusy ? <output>Reading it from the target …</output> : null}
      {value === null || bytes === null ? null : (
        <Content key={value.offset} preview={value} bytes={bytes} asHex={asHex} />
      )}
    </Dialog>
  )
}

type ContentProps = { readonly preview: PreviewOf; readonly bytes: Uint8Array; readonly asHex: boolean }

function Content({ preview, bytes, asHex }: ContentProps) {
  const box = useRef<HTMLPreElement>(null)
  const { offset } = preview
  // Another piece is read from its beginning, and the keyboard is in it.
  useEffect(() => box.current?.focus({ preventScroll: true }), [])
  const text = useMemo(() => (asHex ? hexText(bytes, offset) : printableText(textOf(bytes))), [asHex, bytes, offset])
  if (bytes.length === 0) return <p className="muted">The file is empty.</p>
  return (
    <pre ref={box} className={styles['content']} tabIndex={0} aria-label={asHex ? 'Bytes' : 'Text'}>
      {text}
    </pre>
  )
}

/** Lines and tabs stay; what would play tricks is made visible. */
const printableText = (text: string): string => text.split('\n').map(printableLine).join('\n')
const printableLine = (line: string): string => line.split('\t').map(printable).join('\t')
