// The colours of tokens as a canvas needs them, read anew when the theme changes: by the setting or by the system.

import { useLayoutEffect, useState } from 'react'
import { wallColours, type WallColours } from './draw-wall.ts'

export function useThemeColours(host: { readonly current: HTMLElement | null }): WallColours | null {
  const [colours, setColours] = useState<WallColours | null>(null)
  useLayoutEffect(() => {
    const element = host.current
    if (element === null) return
    const read = (): void => setColours(readColours(element))
    read()
    const observer = new MutationObserver(read)
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    const system = matchMedia('(prefers-color-scheme: dark)')
    system.addEventListener('change', read)
    return () => {
      observer.disconnect()
      system.removeEventListener('change', read)
    }
  }, [host])
  return colours
}

/** The computed colour of a property is what light-dark() and color-mix() came to; that of a token is only its text. */
function readColours(host: HTMLElement): WallColours {
  const probe = document.createElement('span')
  // Where less motion is asked for every element has a (very short) transition, and each colour would be the one before.
  probe.style.setProperty('transition', 'none', 'important')
  host.append(probe)
  const read = Object.fromEntries(
    Object.entries(wallColours).map(([name, value]) => {
      probe.style.color = value
      return [name, getComputedStyle(probe).color]
    }),
  )
  probe.remove()
  return read as WallColours
}
