// The arenas of a mirror's source: few as vessels side by side; many as a wall of all of them with those around the active
// one drawn in full; or as a list. One arena can be chosen, and its exact numbers are shown below.

import { useMemo, useState } from 'react'
import type { ArenaMap as Arenas, SyncJobView } from '../../../shared/model/window.ts'
import { printable, size } from '../../text/format.ts'
import { placeText } from '../../text/machine-words.ts'
import { listed } from '../../text/overview-words.ts'
import { Button } from '../Button.tsx'
import { ArenaDetails } from './ArenaDetails.tsx'
import { ArenaList } from './ArenaList.tsx'
import { activeOf, handOf, roomWords } from './arena-view.ts'
import { ArenaWall } from './ArenaWall.tsx'
import type { HandOver } from './hand-over.ts'
import { liveCursors } from './live-cursors.ts'
import { VesselGrid } from './VesselGrid.tsx'
import styles from './ArenaMap.module.css'

export type ArenaMapProps = {
  readonly map: Arenas
  /** The run under way; null: none. */
  readonly job: SyncJobView | null
  readonly handOver: HandOver | null
  readonly forecast: string | null
}

/** Up to so many are all drawn as vessels. */
const fewArenas = 24
/** Of many, those around the active one. */
const before = 4
const around = 8

export function ArenaMap({ map, job, handOver, forecast }: ArenaMapProps) {
  const [isList, setIsList] = useState(false)
  const [selected, setSelected] = useState<number | null>(null)
  const live = useMemo(() => liveCursors(map, job), [map, job])
  const count = map.names.length
  const isRunning = job !== null && job.state === 'running'
  const hand = handOf(map, live)
  const isMany = count > fewArenas
  const middle = isRunning ? hand : activeOf(map)
  const start = isMany ? Math.max(0, Math.min(middle - before, count - around)) : 0
  const end = isMany ? Math.min(count, start + around) : count
  const shown = useMemo(() => Array.from({ length: end - start }, (_, step) => start + step), [start, end])
  const room = useMemo(() => roomWords(map, size), [map])
  const targets = listed(map.targets.map(({ name }) => printable(name)))
  const chosen = selected !== null && selected < count ? selected : null
  const grid = { map, live, hand, isRunning, handOver, selected: chosen, onSelect: setSelected }
  return (
    <>
      <div className={styles['head']}>
        <div className={styles['what']}>
          <h2>Arenas</h2>
          <span className="small">{[...map.partitions.map(placeText), room].join(' · ')}</span>
        </div>
        <Button look="quiet" onPress={() => setIsList(!isList)}>
          {isList ? 'Map' : 'List'}
        </Button>
      </div>
      {isList ? (
        <ArenaList map={map} live={live} selected={chosen} onSelect={setSelected} />
      ) : isMany ? (
        <>
          <ArenaWall map={map} live={live} hand={hand} isRunning={isRunning} selected={chosen} onSelect={setSelected} />
          <VesselGrid {...grid} label="Arenas around the active one" shown={shown} />
        </>
      ) : (
        <VesselGrid {...grid} label="Arenas" shown={shown} />
      )}
      <p className={styles['key']}>
        <span>
          {isList ? '' : `Hatched: on no target yet.${targets === '' ? '' : ` Rules under each: ${targets}.`}`}
        </span>
        {forecast === null ? null : <span>{forecast}</span>}
      </p>
      {chosen === null ? null : <ArenaDetails map={map} live={live} index={chosen} onClose={() => setSelected(null)} />}
    </>
  )
}
