// Draws the arenas in sight on a canvas, in one pass: rectangles in the colours of the tokens, hatched with a pattern where
// there is room for it. It only draws; where things stand is wall-layout.ts.

import type { ArenaMap } from '../../../shared/model/window.ts'
import {
  fillOf,
  fillPercent,
  hasPercent,
  isBehind,
  newPart,
  toneOf,
  type ArenaTone,
  type LiveCursors,
} from './arena-view.ts'
import { cellRect, rowsInSight, type Rect, type Wall } from './wall-layout.ts'

export const wallColours = {
  empty: 'var(--sunk)',
  edge: 'var(--line)',
  active: 'var(--accent)',
  sealed: 'var(--sealed)',
  activeNew: 'color-mix(in srgb, var(--accent) 45%, var(--sunk))',
  sealedNew: 'color-mix(in srgb, var(--sealed) 45%, var(--sunk))',
  activeInk: 'var(--accent-ink)',
  sealedInk: 'var(--sealed-ink)',
  rule: 'var(--line)',
  has: 'var(--accent)',
  behind: 'var(--warn)',
  bad: 'var(--bad)',
  ink: 'var(--ink)',
  inkSoft: 'var(--ink-2)',
  focus: 'var(--focus)',
  sheet: 'var(--sheet)',
} as const
export type WallColours = Readonly<Record<keyof typeof wallColours, string>>

export type WallPicture = {
  readonly wall: Wall
  readonly map: ArenaMap
  readonly live: LiveCursors
  readonly scrollTop: number
  readonly width: number
  readonly height: number
  /** Around the wall, for the frames of cells at its edges. */
  readonly edge: number
  readonly colours: WallColours
  readonly font: string
  readonly selected: number | null
  /** Where the keyboard stands; null: elsewhere. */
  readonly focused: number | null
  readonly hand: number
  /** An arena that a run writes to: drawn open although it is full. */
  readonly writing: number | null
}

/** From here on a cell has room for rules, and for its name. */
const rulesFrom = 16
const namesFrom = 54
const hatchFrom = 8

/** `scale`: device pixels for a CSS pixel; the canvas has been sized for it. */
export function drawWall(context: CanvasRenderingContext2D, picture: WallPicture, scale: number): void {
  const { wall, scrollTop, width, height, edge } = picture
  context.setTransform(scale, 0, 0, scale, 0, 0)
  context.clearRect(0, 0, width, height)
  context.setTransform(scale, 0, 0, scale, edge * scale, (edge - scrollTop) * scale)
  const [first, end] = rowsInSight(wall, scrollTop, height)
  const hatches = new Map<string, CanvasPattern | string>()
  const hatch = (strong: string, soft: string): CanvasPattern | string => {
    const known = hatches.get(strong)
    if (known !== undefined) return known
    const made = wall.pitchX - wall.gap < hatchFrom ? soft : (hatchOf(context, strong, soft) ?? soft)
    hatches.set(strong, made)
    return made
  }
  const last = Math.min(wall.count, end * wall.columns)
  for (let index = first * wall.columns; index < last; index++) drawCell(context, picture, index, hatch)
  drawMarks(context, picture)
}

type Hatch = (strong: string, soft: string) => CanvasPattern | string

function drawCell(context: CanvasRenderingContext2D, picture: WallPicture, index: number, hatch: Hatch): void {
  const { wall, map, live, colours } = picture
  const { x, y, width, height } = snapped(cellRect(wall, index))
  const tone: ArenaTone = picture.writing === index ? 'active' : toneOf[map.states[index] ?? 'empty']
  const hasRules = height >= rulesFrom && map.targets.length > 0
  const shownRules = Math.min(4, map.targets.length)
  const isNamed = width >= namesFrom
  const vessel = height - (hasRules ? shownRules * 3 + 1 : 0) - (isNamed ? 15 : 0)
  context.fillStyle = tone === 'empty' ? colours.edge : colours.empty
  if (tone === 'empty' && wall.pitchX - wall.gap >= 6) {
    context.fillRect(x, y, width, vessel)
    context.fillStyle = colours.empty
    context.fillRect(x + 0.75, y + 0.75, width - 1.5, vessel - 1.5)
  } else context.fillRect(x, y, width, vessel)
  if (tone !== 'empty') {
    const isActive = tone === 'active'
    const strong = isActive ? colours.active : colours.sealed
    const fill = Math.max(1, fillOf(map, index) * vessel)
    const fresh = fill * newPart(map, live, index)
    context.fillStyle = strong
    context.fillRect(x, y + vessel - fill + fresh, width, fill - fresh)
    if (fresh > 0) {
      context.fillStyle = hatch(strong, isActive ? colours.activeNew : colours.sealedNew)
      context.fillRect(x, y + vessel - fill, width, fresh)
    }
    if (hasRules) drawRules(context, picture, index, { x, y: y + vessel + 2, width })
    else if (isBehind(map, live, index)) {
      const line = Math.max(1, height / 5)
      context.fillStyle = colours.behind
      context.fillRect(x, y + vessel - line, width, line)
    }
    if (isNamed) {
      context.font = `600 11px ${picture.font}`
      context.fillStyle =
        fill > 20 && fresh < fill - 18 ? (isActive ? colours.activeInk : colours.sealedInk) : colours.ink
      context.fillText(`${fillPercent(map, index)} %`, x + 5, y + vessel - 6)
    }
  }
  if (isNamed) {
    context.font = `600 11px ${picture.font}`
    context.fillStyle = tone === 'empty' ? colours.inkSoft : colours.ink
    context.fillText(map.names[index] ?? '', x, y + height - 2, width)
  }
  if ((map.damage[index] ?? 0) > 0) {
    const side = Math.max(2, Math.min(8, width / 2))
    context.fillStyle = colours.bad
    context.beginPath()
    context.moveTo(x + width - side, y)
    context.lineTo(x + width, y)
    context.lineTo(x + width, y + side)
    context.fill()
  }
}

/** To whole pixels, so that edges are sharp; neighbours differ by a pixel instead. */
function snapped({ x, y, width, height }: Rect): Rect {
  const left = Math.round(x)
  return { x: left, y, width: Math.max(1, Math.round(x + width) - left), height }
}

type RulePlace = { readonly x: number; readonly y: number; readonly width: number }

function drawRules(context: CanvasRenderingContext2D, picture: WallPicture, index: number, place: RulePlace): void {
  const { map, live, colours } = picture
  for (let target = 0; target < Math.min(4, map.targets.length); target++) {
    context.fillStyle = colours.rule
    context.fillRect(place.x, place.y + target * 3, place.width, 2)
    context.fillStyle = colours.has
    context.fillRect(place.x, place.y + target * 3, (place.width * hasPercent(map, live, target, index)) / 100, 2)
  }
}

/** What is chosen, where the keyboard stands, where the mirror writes: over the cells, so that they are seen when tiny. */
function drawMarks(context: CanvasRenderingContext2D, { wall, colours, selected, focused, hand }: WallPicture): void {
  const frame = (index: number, colour: string, outset: number): void => {
    if (index < 0 || index >= wall.count) return
    const { x, y, width, height } = cellRect(wall, index)
    context.lineWidth = 4
    context.strokeStyle = colours.sheet
    context.strokeRect(x - outset, y - outset, width + 2 * outset, height + 2 * outset)
    context.lineWidth = 2
    context.strokeStyle = colour
    context.strokeRect(x - outset, y - outset, width + 2 * outset, height + 2 * outset)
  }
  frame(hand, colours.active, 1.5)
  if (selected !== null) frame(selected, colours.ink, 2)
  if (focused !== null) frame(focused, colours.focus, 2.5)
}

function hatchOf(context: CanvasRenderingContext2D, strong: string, soft: string): CanvasPattern | null {
  const side = 8
  const tile = document.createElement('canvas')
  tile.width = side
  tile.height = side
  const brush = tile.getContext('2d')
  if (brush === null) return null
  brush.fillStyle = soft
  brush.fillRect(0, 0, side, side)
  brush.strokeStyle = strong
  brush.lineWidth = 2.6
  brush.beginPath()
  for (const shift of [-side, 0, side]) {
    brush.moveTo(shift, side)
    brush.lineTo(shift + side, 0)
  }
  brush.stroke()
  return context.createPattern(tile, 'repeat')
}
