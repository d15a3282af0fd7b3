// A button in one of four looks. `busy` keeps it in place and says so, where pressing has begun something.

import type { ReactNode } from 'react'
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components'
import styles from './Button.module.css'

export type ButtonProps = Omit<AriaButtonProps, 'className' | 'style' | 'children'> & {
  readonly look?: 'primary' | 'plain' | 'quiet' | 'danger'
  readonly isBig?: boolean
  readonly children: ReactNode
}

export function Button({ look = 'plain', isBig = false, children, ...props }: ButtonProps) {
  return (
    <AriaButton {...props} className={`${styles['button']} ${styles[look]} ${isBig ? styles['big'] : ''}`}>
      {children}
    </AriaButton>
  )
}
