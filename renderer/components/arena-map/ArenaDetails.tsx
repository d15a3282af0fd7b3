// The exact numbers of one arena: where it starts for wrarena -o, how full it is, how far each target has it.

import type { ArenaMap } from '../../../shared/model/window.ts'
import { count, counted, exactSize, hex, printable, size } from '../../text/format.ts'
import { Button } from '../Button.tsx'
import { Chip } from '../Chip.tsx'
import { CommandLine } from '../CommandLine.tsx'
import { fillPercent, hasPercent, toneOf, type LiveCursors } from './arena-view.ts'
import styles from './ArenaDetails.module.css'

export type ArenaDetailsProps = {
  readonly map: ArenaMap
  readonly live: LiveCursors
  readonly index: number
  readonly onClose: () => void
}

const chipOf = { empty: 'plain', active: 'ok', pending: 'sealed', sealed: 'sealed' } as const

export function ArenaDetails({ map, live, index, onClose }: ArenaDetailsProps) {
  const state = map.states[index] ?? 'empty'
  const used = map.used[index] ?? 0
  const offset = map.offsets[index] ?? 0
  const room = map.sizes[index] ?? 0
  const damage = map.damage[index] ?? 0
  const partition = map.partitions[map.partition[index] ?? 0]
  const name = printable(map.names[index] ?? '')
  return (
    <section className={styles['details']} aria-label={`Arena ${name}`}>
      <div className="row between">
        <div className="row">
          <h3 className={styles['title']}>{name}</h3>
          <Chip tone={chipOf[toneOf[state]]}>{state}</Chip>
          {damage > 0 ? <Chip tone="bad">{counted(damage, 'damaged place')}</Chip> : null}
        </div>
        <Button look="quiet" onPress={onClose} aria-label={`Close the details of ${name}`}>
          Close
        </Button>
      </div>
      <dl className={styles['facts']}>
        {partition === undefined ? null : (
          <div className={styles['wide']}>
            <dt>Partition</dt>
            <dd className="mono">{printable(partition)}</dd>
          </div>
        )}
        <div>
          <dt>Room</dt>
          <dd title={exactSize(room)}>
            {size(room)} <span className="small">{exactSize(room)}</span>
          </dd>
        </div>
        <div>
          <dt>Used</dt>
          <dd title={exactSize(used)}>
            {fillPercent(map, index)} % <span className="small">{exactSize(used)}</span>{' '}
            <code className="small">{hex(used)}</code>
          </dd>
        </div>
        <div>
          <dt>Clumps</dt>
          <dd>{count(map.clumps[index] ?? 0)}</dd>
        </div>
        {map.targets.map((target, number) => {
          const cursor = live.targets[number]?.cursors[index] ?? 0
          return (
            <div key={target.dial}>
              <dt>On {printable(target.name)}</dt>
              <dd>
                {used === 0 ? 'nothing to have' : `${hasPercent(map, live, number, index)} %`}{' '}
                <span className="small">up to </span>
                <code className="small">{hex(cursor)}</code>
              </dd>
            </div>
          )
        })}
      </dl>
      <CommandLine command={`-o ${offset}`} label={`Where ${name} starts, for wrarena`} />
    </section>
  )
}
