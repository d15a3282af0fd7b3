// The copy arena by arena: the state of each, and how far it is on each target.

import { useMemo } from 'react'
import type { ArenaMap, SyncJobView } from '../../../shared/model/window.ts'
import { fillPercent, toneOf, type ArenaTone } from '../../components/arena-map/arena-view.ts'
import { liveCursors } from '../../components/arena-map/live-cursors.ts'
import { Chip, type ChipProps } from '../../components/Chip.tsx'
import { ProgressBar } from '../../components/ProgressBar.tsx'
import { copyCell, type CopyCell } from '../../text/copy-words.ts'
import { counted, printable } from '../../text/format.ts'
import { copyRows } from './copy-rows.ts'
import styles from './CopyTable.module.css'

export type CopyTableProps = { readonly map: ArenaMap; readonly job: SyncJobView | null }

const chips: Readonly<Record<ArenaTone, ChipProps['tone']>> = {
  empty: 'plain',
  active: 'ok',
  pending: 'late',
  sealed: 'sealed',
}

export function CopyTable({ map, job }: CopyTableProps) {
  const live = useMemo(() => liveCursors(map, job), [map, job])
  const { shown, before, after, empty } = useMemo(() => copyRows(map, live, job), [map, live, job])
  return (
    <section className={`sheet ${styles['sheet']}`} aria-label="Arenas" tabIndex={0}>
      {before === 0 ? null : <p className={styles['rest']}>{counted(before, 'arena')} before these</p>}
      <table className={styles['table']}>
        <thead>
          <tr>
            <th scope="col">Arena</th>
            <th scope="col">State</th>
            {map.targets.map(({ dial, name }) => (
              <th key={dial} scope="col" colSpan={2}>
                On {printable(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((index) => (
            <tr key={index}>
              <th scope="row" className={styles['name']}>
                {printable(map.names[index] ?? '')}
              </th>
              <td>
                <State map={map} index={index} />
              </td>
              {map.targets.map(({ dial, name }, number) => (
                <Cells
                  key={dial}
                  label={`${printable(map.names[index] ?? '')} on ${printable(name)}`}
                  target={printable(name)}
                  cell={copyCell(map, live, number, index, job?.targets.find((one) => one.dial === dial) ?? null)}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {after === 0 && empty === 0 ? null : (
        <p className={styles['rest']}>
          {[
            ...(after > 0 ? [`${counted(after, 'arena')} after these`] : []),
            ...(empty > 0 ? [`${counted(empty, 'empty arena')}: nothing to copy`] : []),
          ].join(' · ')}
        </p>
      )}
    </section>
  )
}

function State({ map, index }: { readonly map: ArenaMap; readonly index: number }) {
  const state = map.states[index] ?? 'empty'
  const damage = map.damage[index] ?? 0
  return (
    <>
      <Chip tone={chips[toneOf[state]]}>{state === 'active' ? `active, ${fillPercent(map, index)} %` : state}</Chip>
      {damage === 0 ? null : (
        <>
          {' '}
          <Chip tone="late">{`${damage} damaged`}</Chip>
        </>
      )}
    </>
  )
}

type CellsProps = { readonly label: string; readonly target: string; readonly cell: CopyCell }

function Cells({ label, target, cell }: CellsProps) {
  return (
    <>
      <td className={styles['bar']} data-label={target}>
        <ProgressBar label={label} percent={cell.percent} valueText={cell.words} />
      </td>
      <td className={styles['words']} data-state={cell.state}>
        {cell.words}
      </td>
    </>
  )
}
