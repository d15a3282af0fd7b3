// The heading of a view or of a step: the sentence that answers what a person came for. It takes the focus when the view
// comes, so that the keyboard and a screen reader begin there.

import { useLayoutEffect, type ReactNode } from 'react'
import { useFocusIfLost } from '../store/use-focus-if-lost.ts'

export type HeadingProps = {
  readonly children: ReactNode
  /** What the view is: the focus moves when it changes, not when the words do. */
  readonly of: string
  /** With a change of this, what has the focus may go away: the heading gets it then, and only then. */
  readonly stage?: string
}

export function Heading({ of, ...rest }: HeadingProps) {
  return <Focused key={of} {...rest} />
}

function Focused({ children, stage = '' }: Omit<HeadingProps, 'of'>) {
  const heading = useFocusIfLost<HTMLHeadingElement>(stage)
  useLayoutEffect(() => heading.current?.focus({ preventScroll: true }), [heading])
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  )
}
