// The heading of a view or of a step: the sentence that answers what a person came for. It takes the focus when the view
// comes, so that the keyboard and a screen reader begin there.

import type { ReactNode } from 'react'

export type HeadingProps = {
  readonly children: ReactNode
  /** What the view is: the focus moves when it changes, not when the words do. */
  readonly of: string
}

const focus = (heading: HTMLHeadingElement | null): void => heading?.focus({ preventScroll: true })

export function Heading({ children, of }: HeadingProps) {
  return (
    <h1 key={of} ref={focus} tabIndex={-1}>
      {children}
    </h1>
  )
}
