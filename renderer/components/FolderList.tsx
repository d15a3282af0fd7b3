// The names in a folder. Only those in sight are in the page, so that thousands scroll as a dozen do.

import { ListBox, ListBoxItem, ListLayout, Virtualizer } from 'react-aria-components'
import type { FolderEntry, FolderListing } from '../../shared/model/window.ts'
import { exactSize, printable, size } from '../text/format.ts'
import styles from './FileChooser.module.css'

export type FolderListProps = {
  readonly listing: FolderListing
  readonly entries: readonly FolderEntry[]
  readonly isBusy: boolean
  readonly selected: string | null
  readonly onSelect: (name: string | null) => void
  /** Enter, or a double click. */
  readonly onAct: (name: string) => void
  readonly onUp: () => void
}

const rowSize = { rowSize: 34 }

export function FolderList({ listing, entries, isBusy, selected, onSelect, onAct, onUp }: FolderListProps) {
  const path = printable(listing.path)
  return (
    // Alt+Up is no key of the list itself.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      className={styles['frame']}
      aria-busy={isBusy}
      onKeyDown={(event) => {
        if (event.altKey && event.key === 'ArrowUp') {
          event.preventDefault()
          onUp()
        }
      }}
    >
      <Virtualizer layout={ListLayout} layoutOptions={rowSize}>
        <ListBox
          aria-label={`In ${path}`}
          autoFocus="first"
          items={entries}
          selectionMode="single"
          selectionBehavior="replace"
          // Escape is the dialog’s.
          escapeKeyBehavior="none"
          selectedKeys={selected === null ? [] : [selected]}
          onSelectionChange={(keys) => {
            const [key] = keys === 'all' ? [] : keys
            onSelect(typeof key === 'string' ? key : null)
          }}
          onAction={(key) => onAct(String(key))}
          className={styles['list'] ?? ''}
          renderEmptyState={() => (
            <p className={styles['none']}>
              {listing.entries.length === 0 ? 'This folder is empty.' : 'Nothing here is called like that.'}
            </p>
          )}
        >
          {(entry) => (
            <ListBoxItem id={entry.name} textValue={entry.name} className={styles['entry'] ?? ''}>
              <Icon isFolder={entry.isFolder} />
              <span className={styles['name']}>
                {printable(entry.name)}
                {entry.isFolder ? '/' : ''}
              </span>
              <span className="small" title={entry.sizeBytes === null ? undefined : exactSize(entry.sizeBytes)}>
                {entry.sizeBytes === null ? (entry.isFolder ? '' : 'device') : size(entry.sizeBytes)}
              </span>
            </ListBoxItem>
          )}
        </ListBox>
      </Virtualizer>
    </div>
  )
}

function Icon({ isFolder }: { readonly isFolder: boolean }) {
  return (
    <svg
      width="16"
      height="16"
      viewBox="0 0 16 16"
      aria-hidden="true"
      className={styles['icon']}
      data-folder={isFolder}
    >
      {isFolder ? (
        <path d="M1.5 4.5v8a1 1 0 0 0 1 1h11a1 1 0 0 0 1-1v-7a1 1 0 0 0-1-1H8L6.5 3h-4a1 1 0 0 0-1 1z" />
      ) : (
        <path d="M3.5 1.5h6l3 3v10h-9zM9.5 1.5v3h3" />
      )}
    </svg>
  )
}
