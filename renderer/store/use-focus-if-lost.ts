// Where the keyboard goes when a dialog has taken away what it was opened from: the row of a target, a whole mirror.

import { useEffect, useRef, type RefObject } from 'react'

/** The element needs a tabIndex of -1; it takes the focus when `change` is another and nothing else has it. */
export function useFocusIfLost<T extends HTMLElement>(change: unknown): RefObject<T | null> {
  const heir = useRef<T>(null)
  const known = useRef<unknown>(undefined)
  useEffect(() => {
    if (known.current === change) return undefined
    known.current = change
    let frame = 0
    // A dialog gives the focus back in the frame after it has gone.
    const look = (frames: number): void => {
      frame = requestAnimationFrame(() => {
        if (frames > 0) look(frames - 1)
        else if (document.activeElement === document.body) heir.current?.focus({ preventScroll: true })
      })
    }
    look(2)
    return () => cancelAnimationFrame(frame)
  }, [change])
  return heir
}
