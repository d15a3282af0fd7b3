// Keeps the keyboard where it was: when the control that had the focus goes away (the buttons of a check that ended), the
// focus moves to what stands in its place instead of falling back to the top of the page.

import { useEffect, useLayoutEffect, useRef, type RefObject } from 'react'

export type KeptFocus<Area extends HTMLElement, Heir extends HTMLElement> = {
  /** Around the controls. */
  readonly area: RefObject<Area | null>
  /** What takes the focus; it needs a tabIndex of -1. */
  readonly heir: RefObject<Heir | null>
}

export function useKeepFocus<Area extends HTMLElement, Heir extends HTMLElement>(): KeptFocus<Area, Heir> {
  const area = useRef<Area>(null)
  const heir = useRef<Heir>(null)
  const isInside = useRef(false)
  useEffect(() => {
    const element = area.current
    if (element === null) return undefined
    const entered = (): void => void (isInside.current = true)
    const left = ({ target }: FocusEvent): void => {
      // One that is being removed blurs as well.
      if (target instanceof Node && target.isConnected) isInside.current = false
    }
    element.addEventListener('focusin', entered)
    element.addEventListener('focusout', left)
    return () => {
      element.removeEventListener('focusin', entered)
      element.removeEventListener('focusout', left)
    }
  }, [])
  useLayoutEffect(() => {
    if (isInside.current && document.activeElement === document.body) heir.current?.focus()
  })
  return { area, heir }
}
