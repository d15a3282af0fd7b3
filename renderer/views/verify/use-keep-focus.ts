// Keeps the keyboard where it was: when the control that had the focus goes away (the buttons of a check that ended), the
// focus moves to what stands in its place instead of falling back to the top of the page.

import { useEffect, useLayoutEffect, useRef, type RefObject } from 'react'

export type KeptFocus<Area extends HTMLElement, Heir extends HTMLElement> = {
  /** Around the controls. */
  readonly area: RefObject<Area | null>
  /** What takes the focus; it needs a tabIndex of -1. */
  readonly heir: RefObject<Heir | null>
}

const isLost = (): boolean => document.activeElement === null || document.activeElement === document.body

export function useKeepFocus<Area extends HTMLElement, Heir extends HTMLElement>(): KeptFocus<Area, Heir> {
  const area = useRef<Area>(null)
  const heir = useRef<Heir>(null)
  const isInside = useRef(false)
  useEffect(() => {
    const element = area.current
    if (element === null) return undefined
    const entered = (): void => void (isInside.current = true)
    // Some browsers tell of a control that is being removed, while it is still there; some do not (see below).
    const left = ({ target }: FocusEvent): void =>
      queueMicrotask(() => {
        if (target instanceof Node && target.isConnected) isInside.current = element.contains(document.activeElement)
        else if (isLost()) heir.current?.focus()
      })
    element.addEventListener('focusin', entered)
    element.addEventListener('focusout', left)
    return () => {
      element.removeEventListener('focusin', entered)
      element.removeEventListener('focusout', left)
    }
  }, [])
  useLayoutEffect(() => {
    if (isInside.current && isLost()) heir.current?.focus()
  })
  return { area, heir }
}
