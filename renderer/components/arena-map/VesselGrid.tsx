// Vessels side by side, one of them chosen with the arrow keys or the mouse, and the mark over the one the mirror writes to.

import { useLayoutEffect, useRef, useState } from 'react'
import { ListBox, ListBoxItem } from 'react-aria-components'
import type { ArenaMap } from '../../../shared/model/window.ts'
import { arenaLabel, isFull, type LiveCursors } from './arena-view.ts'
import type { HandOver } from './hand-over.ts'
import { Vessel } from './Vessel.tsx'
import styles from './VesselGrid.module.css'

export type VesselGridProps = {
  readonly label: string
  readonly map: ArenaMap
  readonly live: LiveCursors
  /** Which arenas, as indices into the map. */
  readonly shown: readonly number[]
  /** Where the mirror writes, or would go on. */
  readonly hand: number
  readonly isRunning: boolean
  readonly handOver: HandOver | null
  readonly selected: number | null
  readonly onSelect: (index: number | null) => void
}

export function VesselGrid(props: VesselGridProps) {
  const { label, map, live, shown, hand, isRunning, handOver, selected, onSelect } = props
  const grid = useRef<HTMLDivElement>(null)
  const mark = useMarkOver(grid, shown.indexOf(hand))
  return (
    <div className={styles['frame']}>
      <span
        className={styles['mark']}
        aria-hidden="true"
        hidden={mark === null}
        style={mark === null ? undefined : { transform: `translate(${mark.x}px, ${mark.y}px)` }}
      />
      <ListBox
        ref={grid}
        aria-label={label}
        layout="grid"
        selectionMode="single"
        selectionBehavior="toggle"
        selectedKeys={selected === null ? [] : [selected]}
        onSelectionChange={(keys) => {
          const [key] = keys === 'all' ? [] : keys
          onSelect(typeof key === 'number' ? key : null)
        }}
        className={styles['grid'] ?? ''}
        style={{ maxInlineSize: `${shown.length * 210}px` }}
      >
        {shown.map((index) => (
          <ListBoxItem
            key={index}
            id={index}
            textValue={arenaLabel(map, live, index)}
            className={styles['item'] ?? ''}
            data-arena={index}
          >
            <span className="visually-hidden">{arenaLabel(map, live, index)}</span>
            <Vessel
              map={map}
              live={live}
              index={index}
              isWriting={isRunning && index === hand && isFull(map.states[index] ?? 'empty')}
              rolled={handOver === null ? null : rolledOf(handOver, map.names[index])}
            />
          </ListBoxItem>
        ))}
      </ListBox>
    </div>
  )
}

function rolledOf(handOver: HandOver, name: string | undefined): 'from' | 'to' | null {
  if (name === handOver.fromArena) return 'from'
  return name === handOver.toArena ? 'to' : null
}

type Point = { readonly x: number; readonly y: number }

/** Where the mark goes: over the middle of the vessel at `position`, wherever the grid put it; null: it is not among them. */
function useMarkOver(grid: { readonly current: HTMLDivElement | null }, position: number): Point | null {
  const [point, setPoint] = useState<Point | null>(null)
  useLayoutEffect(() => {
    const element = grid.current
    if (element === null) return
    const place = (): void => {
      const item = element.querySelectorAll<HTMLElement>('[data-arena]')[position] ?? null
      setPoint((before) => {
        if (item === null) return null
        const next = { x: item.offsetLeft + item.offsetWidth / 2, y: item.offsetTop }
        return before?.x === next.x && before.y === next.y ? before : next
      })
    }
    place()
    const observer = new ResizeObserver(place)
    observer.observe(element)
    return () => observer.disconnect()
  }, [grid, position])
  return point
}
