// Which rows of a long list are in sight, for lists that draw no others: all rows are equally high, so that the place of
// each is known without drawing it. State moves by whole rows: scrolling by pixels draws nothing anew.

import { useCallback, useLayoutEffect, useRef, useState, type RefObject } from 'react'

/** Drawn above and below what is in sight. */
const spareRows = 8

export type VisibleRows = {
  readonly box: RefObject<HTMLDivElement | null>
  readonly first: number
  readonly last: number
  /** Whole rows in sight, for moving by pages. */
  readonly page: number
  readonly onScroll: () => void
  readonly reveal: (index: number) => void
}

export function useVisibleRows(count: number, rowPixels: number): VisibleRows {
  const box = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  const [rows, setRows] = useState(12)
  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return undefined
    const watch = new ResizeObserver(() => setRows(Math.ceil(element.clientHeight / rowPixels)))
    watch.observe(element)
    return () => watch.disconnect()
  }, [rowPixels])
  const onScroll = useCallback(() => {
    setTop(Math.floor((box.current?.scrollTop ?? 0) / rowPixels))
  }, [rowPixels])
  const reveal = useCallback(
    (index: number) => {
      const element = box.current
      if (element === null) return
      const y = index * rowPixels
      const hidden = y + rowPixels - element.scrollTop - element.clientHeight
      if (y < element.scrollTop) element.scrollTop = y
      else if (hidden > 0) element.scrollTop += hidden
    },
    [rowPixels],
  )
  return {
    box,
    first: Math.max(0, top - spareRows),
    last: Math.min(count - 1, top + rows + spareRows),
    page: Math.max(1, rows - 1),
    onScroll,
    reveal,
  }
}
