// Where each of thousands of arenas stands on the wall: cells in rows, as in a book, all in sight at the smallest zoom and as
// large as vessels at the largest. The mathematics of drawing, pointing, zooming and of the arrow keys. Pure; CSS pixels.

export type Wall = {
  readonly count: number
  readonly columns: number
  readonly rows: number
  /** Of a cell with the gap behind it. */
  readonly pitchX: number
  readonly pitchY: number
  readonly gap: number
  /** Of all rows. */
  readonly height: number
}

export type Rect = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/** A cell is a little higher than wide, so that its fill can be read. */
const aspect = 1.3
const highestAspect = 2
export const smallestCell = 3
export const largestCell = 96
export const zoomStep = 1.5

const gapOf = (cell: number): number => (cell < 6 ? 1 : cell < 24 ? 2 : 6)

/** `cell`: width of a cell without its gap. Where all rows leave room in a window of `height`, they grow to fill it. */
export function wallOf(count: number, width: number, cell: number, height: number): Wall {
  const gap = gapOf(cell)
  const columns = Math.max(1, Math.floor((width + gap) / (cell + gap)))
  const rows = Math.ceil(count / columns)
  // What is left over at the end of a row is shared out, so that rows end where the sheet ends.
  const pitchX = count >= columns ? (width + gap) / columns : cell + gap
  const plain = Math.round(cell * aspect) + gap
  const room = rows === 0 ? plain : Math.floor((height + gap) / rows)
  const pitchY = Math.max(plain, Math.min(room, Math.round(cell * highestAspect) + gap))
  return { count, columns, rows, pitchX, pitchY, gap, height: Math.max(0, rows * pitchY - gap) }
}

/** The largest cell, in steps of half a pixel, with which all of them are in sight. */
export function fittingCell(count: number, width: number, height: number): number {
  let cell = largestCell
  while (cell > smallestCell && wallOf(count, width, cell, height).height > height) cell -= 0.5
  return cell
}

export const clampCell = (cell: number, smallest: number): number =>
  Math.min(largestCell, Math.max(Math.min(smallest, largestCell), cell))

export function cellRect(wall: Wall, index: number): Rect {
  const column = index % wall.columns
  const row = Math.floor(index / wall.columns)
  const x = column * wall.pitchX
  return { x, y: row * wall.pitchY, width: wall.pitchX - wall.gap, height: wall.pitchY - wall.gap }
}

/** The arena at a point of the wall; null beside all of them. */
export function cellAt(wall: Wall, x: number, y: number): number | null {
  if (x < 0 || y < 0) return null
  const column = Math.floor(x / wall.pitchX)
  if (column >= wall.columns) return null
  const index = Math.floor(y / wall.pitchY) * wall.columns + column
  return index < wall.count ? index : null
}

/** Rows that show in a window of `height` at `scrollTop`: [first, end). */
export function rowsInSight(wall: Wall, scrollTop: number, height: number): readonly [first: number, end: number] {
  const first = Math.max(0, Math.floor(scrollTop / wall.pitchY))
  return [first, Math.min(wall.rows, Math.ceil((scrollTop + height) / wall.pitchY))]
}

/** Where to scroll after a zoom so that the middle of an arena stays where it was in the window. */
export function scrollKeeping(before: Wall, after: Wall, scrollTop: number, index: number): number {
  const middleOf = (wall: Wall): number => (Math.floor(index / wall.columns) + 0.5) * wall.pitchY
  return Math.max(0, middleOf(after) - (middleOf(before) - scrollTop))
}

/** Where to scroll so that an arena is in sight: as little as possible. */
export function scrollShowing(wall: Wall, index: number, scrollTop: number, height: number): number {
  const { y, height: cellHeight } = cellRect(wall, index)
  if (y < scrollTop) return y
  const bottom = y + cellHeight - height
  return bottom > scrollTop ? Math.max(0, bottom) : scrollTop
}

/** Where an arrow key leads; null for a key that does not. */
export function moveBy(wall: Pick<Wall, 'count' | 'columns'>, index: number, key: string, page: number): number | null {
  const last = wall.count - 1
  const inside = (to: number): number => (to < 0 || to > last ? index : to)
  switch (key) {
    case 'ArrowLeft':
      return inside(index - 1)
    case 'ArrowRight':
      return inside(index + 1)
    case 'ArrowUp':
      return inside(index - wall.columns)
    case 'ArrowDown':
      return inside(index + wall.columns)
    case 'PageUp':
      return Math.max(0, index - wall.columns * page)
    case 'PageDown':
      return Math.min(last, index + wall.columns * page)
    case 'Home':
      return 0
    case 'End':
      return last
    default:
      return null
  }
}
