// The canvas of the wall. It is drawn in the frame after the rest was laid out: a burst of pictures is drawn once, and
// neither holds up the other.

import { useEffect, useRef } from 'react'
import { drawWall, type WallPicture } from './draw-wall.ts'
import { useThemeColours } from './use-theme-colours.ts'
import styles from './WallCanvas.module.css'

export type WallCanvasProps = Omit<WallPicture, 'colours' | 'font'>

export function WallCanvas(props: WallCanvasProps) {
  const frame = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const colours = useThemeColours(frame)
  useEffect(() => {
    const element = canvas.current
    if (element === null || colours === null || props.width === 0) return
    const request = requestAnimationFrame(() => {
      const context = element.getContext('2d')
      if (context === null) return
      const scale = window.devicePixelRatio
      const width = Math.round(props.width * scale)
      const height = Math.round(props.height * scale)
      if (element.width !== width) element.width = width
      if (element.height !== height) element.height = height
      drawWall(context, { ...props, colours, font: getComputedStyle(element).fontFamily }, scale)
    })
    return () => cancelAnimationFrame(request)
  })
  return (
    <div ref={frame} className={styles['frame']} style={{ blockSize: `${props.height}px` }} aria-hidden="true">
      <canvas ref={canvas} className={styles['canvas']} />
    </div>
  )
}
