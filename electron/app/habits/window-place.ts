// Where the window stood: kept in window-place.json of the state folder, and brought back to where a person can see it.

import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { writeAtomically } from '../../engine/state/atomic-write.ts'

export type Rectangle = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
export type WindowPlace = Rectangle & { readonly isMaximized: boolean }

const minimumSize = { width: 900, height: 600 } as const
const usualSize = { width: 1120, height: 760 } as const
/** So much of the upper edge has to lie on a display, to be taken hold of. */
const grip = { width: 100, height: 60 } as const

const edge = z.int().min(-100_000).max(100_000)
const saved = z.object({ x: edge, y: edge, width: edge.min(1), height: edge.min(1), isMaximized: z.boolean() })

/** Null: nowhere yet, or nobody can tell. */
export async function readPlace(path: string): Promise<WindowPlace | null> {
  try {
    return saved.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return null
  }
}

/** Never rejects: a place that is lost is no loss. */
export async function writePlace(path: string, place: WindowPlace): Promise<void> {
  await writeAtomically(path, `${JSON.stringify(place)}\n`).catch(() => undefined)
}

const overlap = (from: number, length: number, otherFrom: number, otherLength: number): number =>
  Math.min(from + length, otherFrom + otherLength) - Math.max(from, otherFrom)

function isWithinReach({ x, y, width }: Rectangle, display: Rectangle): boolean {
  return (
    overlap(x, width, display.x, display.width) >= grip.width &&
    overlap(y, grip.height, display.y, display.height) >= grip.height
  )
}

/** No larger than what there is of a display: a window that cannot be made to fit one has its edges out of reach. */
export function leastSizeOn(displays: readonly Rectangle[]): { readonly width: number; readonly height: number } {
  return {
    width: Math.min(minimumSize.width, ...displays.map(({ width }) => width)),
    height: Math.min(minimumSize.height, ...displays.map(({ height }) => height)),
  }
}

/** `displays`: the areas a window may take, the main one first. */
export function placeOn(displays: readonly Rectangle[], place: Rectangle | null): Partial<Rectangle> {
  const [main] = displays
  if (main === undefined) return usualSize
  const home = place === null ? undefined : displays.find((display) => isWithinReach(place, display))
  const { width: wantedWidth, height: wantedHeight } = place ?? usualSize
  const fit = (wanted: number, least: number, room: number): number => Math.min(Math.max(wanted, least), room)
  const display = home ?? main
  const width = fit(wantedWidth, minimumSize.width, display.width)
  const height = fit(wantedHeight, minimumSize.height, display.height)
  if (home !== undefined && place !== null) return { x: place.x, y: place.y, width, height }
  return {
    x: main.x + Math.round((main.width - width) / 2),
    y: main.y + Math.round((main.height - height) / 2),
    width,
    height,
  }
}
