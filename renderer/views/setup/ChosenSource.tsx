// The source as it was chosen: what it is, how much of it there is, and what is wrong with it.

import type { SourceLook } from '../../../shared/model/window.ts'
import { Chip } from '../../components/Chip.tsx'
import { Note } from '../../components/ProblemPanel.tsx'
import { counted, exactSize, size } from '../../text/format.ts'
import { placeText } from '../../text/machine-words.ts'
import { arenasWords } from '../../text/setup-words.ts'
import { Problems } from './Problems.tsx'
import styles from './Setup.module.css'

export type ChosenSourceProps = { readonly source: SourceLook; readonly isSample: boolean }

export function ChosenSource({ source, isSample }: ChosenSourceProps) {
  const { totals, place, problems, partitions } = source
  const parts = partitions.filter(({ kind }) => kind === 'arenas').length
  return (
    <section className="sheet stack" aria-label="The source chosen">
      <div className="row">
        <code className={styles['path']}>{placeText(place.path)}</code>
        {isSample ? <Chip tone="sealed">sample data</Chip> : null}
        {source.kind === 'config' ? <Chip tone="plain">{`${counted(parts, 'partition')} together`}</Chip> : null}
        {totals === null ? <Chip tone="bad">cannot be read now</Chip> : null}
        {totals !== null && totals.damage === 0 && problems.length === 0 ? <Chip tone="ok">in order</Chip> : null}
      </div>
      {totals === null ? null : (
        <dl className={styles['numbers']}>
          <div>
            <dt>Arenas</dt>
            <dd>{totals.arenas}</dd>
            <dd className="small">{arenasWords(totals).replace(/^[^:]*: /, '')}</dd>
          </div>
          <div>
            <dt>Blocks</dt>
            <dd>{counted(totals.blocks, 'block').replace(/ \D+$/, '')}</dd>
            <dd className="small" title={exactSize(totals.bytes)}>
              {size(totals.bytes)} to send
            </dd>
          </div>
          <div>
            <dt>Used</dt>
            <dd title={exactSize(totals.usedBytes)}>{size(totals.usedBytes)}</dd>
            <dd className="small" title={exactSize(totals.sizeBytes)}>
              of {size(totals.sizeBytes)}
            </dd>
          </div>
        </dl>
      )}
      {totals !== null && totals.damage > 0 ? (
        <Note tone="warn" title={`${counted(totals.damage, 'damaged place')} in it.`}>
          <span>
            What is good is mirrored. What is damaged is left out, listed, and sent as soon as a good copy is there.
          </span>
        </Note>
      ) : null}
      <Problems problems={problems} />
    </section>
  )
}
