// Which target the root is looked at on, each with what is known of the root there.

import { ToggleButton, ToggleButtonGroup } from 'react-aria-components'
import type { MirrorView, RootView } from '../../../shared/model/window.ts'
import { printable } from '../../text/format.ts'
import { checkChip } from '../../text/verify-words.ts'
import styles from './TargetChoice.module.css'

export type TargetChoiceProps = {
  readonly targets: MirrorView['targets']
  readonly root: RootView
  readonly dial: string
  readonly onChoose: (dial: string) => void
}

export function TargetChoice({ targets, root, dial, onChoose }: TargetChoiceProps) {
  return (
    <ToggleButtonGroup
      aria-label="Target"
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[dial]}
      className={styles['targets'] ?? ''}
      onSelectionChange={([key]) => {
        if (typeof key === 'string') onChoose(key)
      }}
    >
      {targets.map((target) => {
        const { text, tone } = checkChip(root, target.dial)
        return (
          <ToggleButton key={target.dial} id={target.dial} className={styles['target'] ?? ''}>
            <span className={styles['name']}>{printable(target.name)}</span>
            <span className={`small ${styles[tone ?? 'none']}`}>{text}</span>
          </ToggleButton>
        )
      })}
    </ToggleButtonGroup>
  )
}
