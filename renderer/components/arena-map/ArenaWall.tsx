// All arenas of a large partition at once, on a canvas: in sight together at first, and up to the size of vessels when zoomed.
// Buttons, + and -, or the wheel with Ctrl zoom; scrolling pans; the arrow keys walk. For a screen reader it is a list box of
// which only the option at hand is in the page.

import { useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react'
import type { ArenaMap } from '../../../shared/model/window.ts'
import { Button } from '../Button.tsx'
import { arenaLabel, isFull, type LiveCursors } from './arena-view.ts'
import {
  cellAt,
  cellRect,
  clampCell,
  fittingCell,
  moveBy,
  scrollKeeping,
  scrollShowing,
  wallOf,
  zoomStep,
} from './wall-layout.ts'
import { WallCanvas } from './WallCanvas.tsx'
import styles from './ArenaWall.module.css'

export type ArenaWallProps = {
  readonly map: ArenaMap
  readonly live: LiveCursors
  readonly hand: number
  readonly isRunning: boolean
  readonly selected: number | null
  readonly onSelect: (index: number | null) => void
}

const viewHeight = 172
/** Room for the frames around the cells at the edges. */
const edge = 4

export function ArenaWall({ map, live, hand, isRunning, selected, onSelect }: ArenaWallProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  const [scrollTop, setScrollTop] = useState(0)
  const [zoomed, setZoomed] = useState<number | null>(null)
  const [hovered, setHovered] = useState<number | null>(null)
  const [hasFocus, setHasFocus] = useState(false)
  const [walker, setWalker] = useState<number | null>(null)
  const optionId = useId()

  const count = map.names.length
  const inner = Math.max(1, width - 2 * edge)
  const height = viewHeight - 2 * edge
  const smallest = fittingCell(count, inner, height)
  const cell = zoomed === null ? smallest : clampCell(zoomed, smallest)
  const wall = wallOf(count, inner, cell, height)
  const at = Math.min(count - 1, walker ?? selected ?? hand)

  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null) return
    const measure = (): void => setWidth(element.clientWidth)
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  const zoomTo = (next: number, index: number): void => {
    const element = scroller.current
    const target = clampCell(next, smallest)
    setZoomed(target <= smallest ? null : target)
    if (element === null) return
    const top = scrollKeeping(wall, wallOf(count, inner, target, height), element.scrollTop, index)
    // The new height must stand before it can be scrolled to.
    requestAnimationFrame(() => (element.scrollTop = top))
  }
  /** Around the arena at hand where that is in sight, else around the middle of what is. */
  const zoomBy = (factor: number): void => {
    const y = cellRect(wall, at).y - scrollTop
    const middle = cellAt(wall, inner / 2, Math.min(wall.height - 1, scrollTop + height / 2))
    zoomTo(cell * factor, y >= 0 && y < height ? at : (middle ?? count - 1))
  }

  const pointed = (event: { readonly clientX: number; readonly clientY: number }): number | null => {
    const element = scroller.current
    if (element === null) return null
    const box = element.getBoundingClientRect()
    return cellAt(wall, event.clientX - box.left - edge, event.clientY - box.top - edge + element.scrollTop)
  }

  // React's wheel listeners are passive: they cannot keep the page from zooming instead.
  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null) return
    const turned = (event: WheelEvent): void => {
      if (!event.ctrlKey) return
      event.preventDefault()
      zoomTo(cell * 1.2 ** Math.sign(-event.deltaY), pointed(event) ?? at)
    }
    element.addEventListener('wheel', turned, { passive: false })
    return () => element.removeEventListener('wheel', turned)
  })

  const show = (index: number): void => {
    const element = scroller.current
    if (element !== null) element.scrollTop = scrollShowing(wall, index, element.scrollTop, height)
  }
  const pressed = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const page = Math.max(1, Math.floor(height / wall.pitchY))
    const next = moveBy(wall, at, event.key, page)
    if (next !== null) {
      setWalker(next)
      show(next)
    } else if (event.key === '+' || event.key === '=') zoomBy(zoomStep)
    else if (event.key === '-') zoomBy(1 / zoomStep)
    else if (event.key === '0') setZoomed(null)
    else if (event.key === 'Enter' || event.key === ' ') onSelect(at === selected ? null : at)
    else if (event.key === 'Escape' && selected !== null) onSelect(null)
    else return
    event.preventDefault()
  }
  const named = hovered ?? (hasFocus ? at : (selected ?? hand))
  return (
    <div className={styles['wall']}>
      <div
        ref={scroller}
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- what it lists is drawn, not written
        role="listbox"
        tabIndex={0}
        aria-label={`All ${count} arenas`}
        aria-activedescendant={optionId}
        className={styles['scroller']}
        style={{ blockSize: `${viewHeight}px` }}
        onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
        onKeyDown={pressed}
        onFocus={() => {
          setHasFocus(true)
        }}
        onBlur={() => {
          setHasFocus(false)
          setWalker(null)
        }}
        onPointerMove={(event) => setHovered(pointed(event))}
        onPointerLeave={() => setHovered(null)}
        onClick={(event) => {
          const index = pointed(event)
          if (index === null) return
          setWalker(index)
          onSelect(index === selected ? null : index)
        }}
      >
        <div className={styles['all']} style={{ blockSize: `${wall.height + 2 * edge}px` }}>
          <WallCanvas
            wall={wall}
            map={map}
            live={live}
            scrollTop={scrollTop}
            width={width}
            height={viewHeight}
            edge={edge}
            selected={selected}
            focused={hasFocus ? at : null}
            hand={hand}
            writing={isRunning && isFull(map.states[hand] ?? 'empty') ? hand : null}
          />
        </div>
        <div
          id={optionId}
          // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- see above
          role="option"
          aria-selected={at === selected}
          aria-setsize={count}
          aria-posinset={at + 1}
          className="visually-hidden"
        >
          {arenaLabel(map, live, at)}
        </div>
      </div>
      <div className={styles['foot']}>
        <span className={styles['at']} aria-hidden="true">
          {arenaLabel(map, live, named)}
        </span>
        <span className={styles['zoom']}>
          <Button look="quiet" aria-label="Zoom out" isDisabled={cell <= smallest} onPress={() => zoomBy(1 / zoomStep)}>
            −
          </Button>
          <Button look="quiet" isDisabled={zoomed === null} onPress={() => setZoomed(null)}>
            All
          </Button>
          <Button look="quiet" aria-label="Zoom in" onPress={() => zoomBy(zoomStep)}>
            +
          </Button>
        </span>
      </div>
      <ul className={styles['legend']} aria-hidden="true">
        <li data-kind="sealed">sealed</li>
        <li data-kind="active">active</li>
        <li data-kind="new">on no target yet</li>
        <li data-kind="behind">a target lacks some</li>
        <li data-kind="empty">empty</li>
        {map.damage.some((damage) => damage > 0) ? <li data-kind="damage">damaged</li> : null}
      </ul>
    </div>
  )
}
