// The copy arena by arena: the state of each, and how far it is on each target.

import { Fragment, useMemo } from 'react'
import type { ArenaMap, SyncJobView, TargetCopy } from '../../../shared/model/window.ts'
import { fillPercent, toneOf, type ArenaTone } from '../../components/arena-map/arena-view.ts'
import { liveCursors } from '../../components/arena-map/live-cursors.ts'
import { Chip, type ChipProps } from '../../components/Chip.tsx'
import { ProgressBar } from '../../components/ProgressBar.tsx'
import { copyCell, presentWords, type CopyCell } from '../../text/copy-words.ts'
import { count, counted, printable } from '../../text/format.ts'
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
  const copyOn = (dial: string): TargetCopy | null => job?.targets.find((one) => one.dial === dial) ?? null
  const hasPresent = job !== null && job.targets.some(({ present }) => present > 0)
  return (
    <section className={`sheet ${styles['sheet']}`} aria-label="Arenas" tabIndex={0}>
      {before === 0 ? null : <p className={styles['rest']}>{counted(before, 'arena')} before these</p>}
      <table className={styles['table']}>
        <thead>
          <tr>
            <th scope="col">Arena</th>
            <th scope="col">State</th>
            {map.targets.map(({ dial, name }) => (
              <Fragment key={dial}>
                <th scope="col" colSpan={2}>
                  On {printable(name)}
                </th>
                {hasPresent ? (
                  <th scope="col" className="number">
                    Already there
                  </th>
                ) : null}
              </Fragment>
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
                  cell={copyCell(map, live, number, index, copyOn(dial))}
                  present={hasPresent ? presentWords(copyOn(dial), index) : null}
                />
              ))}
            </tr>
          ))}
        </tbody>
        {hasPresent ? <Altogether map={map} copyOn={copyOn} /> : null}
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

type AltogetherProps = { readonly map: ArenaMap; readonly copyOn: (dial: string) => TargetCopy | null }

/** What was found on each target so far, in all arenas together. */
function Altogether({ map, copyOn }: AltogetherProps) {
  return (
    <tfoot>
      <tr>
        <th scope="row" colSpan={2} className={styles['name']}>
          Altogether
        </th>
        {map.targets.map(({ dial, name }) => {
          const copy = copyOn(dial)
          return (
            <Fragment key={dial}>
              <td className={styles['words']} colSpan={2} data-label={printable(name)}>
                {copy === null ? '–' : counted(copy.blocksDone, 'block')}
              </td>
              <td className={styles['present']}>{copy === null ? '–' : count(copy.present)}</td>
            </Fragment>
          )
        })}
      </tr>
    </tfoot>
  )
}

type CellsProps = {
  readonly label: string
  readonly target: string
  readonly cell: CopyCell
  /** Blocks of it that were on the target before; null: no such column. */
  readonly present: string | null
}

function Cells({ label, target, cell, present }: CellsProps) {
  return (
    <>
      <td className={styles['bar']} data-label={target}>
        <ProgressBar label={label} percent={cell.percent} valueText={cell.words} />
      </td>
      <td className={styles['words']} data-state={cell.state}>
        {cell.words}
      </td>
      {present === null ? null : <td className={styles['present']}>{present}</td>}
    </>
  )
}
