// A button in one of four looks. `busy` keeps it in place and says so, where pressing has begun something.

import type { ReactNode } from 'react'
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components'
import styles from './Button.module.css'

export type ButtonProps = Omit<AriaButtonProps, 'className' | 'style' | 'children'> & {
  readonly look?: 'primary' | 'plain' | 'quiet' | 'danger'
  readonly isBig?: boolean
  readonly children: ReactNode
}

export function Button({ look = 'plain', isBig = false, isPending = false, onPress, children, ...props }: ButtonProps) {
  // The library would announce a pending button by its id, which often names nothing by then: what was asked for has come,
  // and the button went with the view it stood in.
  const press = isPending ? { 'aria-disabled': true } : onPress === undefined ? {} : { onPress }
  return (
    <AriaButton {...props} {...press} className={`${styles['button']} ${styles[look]} ${isBig ? styles['big'] : ''}`}>
      {children}
    </AriaButton>
  )
}
