// A path of the computer that the service runs on: typed, or chosen in its folders. What it is, the caller asks.

import { useState } from 'react'
import { Button } from '../../components/Button.tsx'
import { Field } from '../../components/Field.tsx'
import { FileChooser } from '../../components/FileChooser.tsx'
import type { ChooserMode } from '../../components/folder-entries.ts'
import { diskOf } from '../../text/setup-words.ts'
import styles from './PathChoice.module.css'

export type PathChoiceProps = {
  readonly label: string
  readonly hint: string
  readonly placeholder: string
  /** On the button that asks what it is. */
  readonly verb: string
  readonly mode?: ChooserMode
  readonly isBusy: boolean
  readonly isDisabled: boolean
  readonly value: string
  readonly onChange: (path: string) => void
  readonly onLook: (path: string) => void
}

export function PathChoice(props: PathChoiceProps) {
  const { label, hint, placeholder, verb, mode = 'file', isBusy, isDisabled, value, onChange, onLook } = props
  const [isChoosing, setChoosing] = useState(false)
  const path = value.trim()
  const look = (): void => {
    if (path !== '' && !isDisabled && !isBusy) onLook(path)
  }
  return (
    <div className={styles['choice']}>
      <Field
        label={label}
        value={value}
        onChange={onChange}
        isMono
        hint={hint}
        placeholder={placeholder}
        onEnter={look}
      />
      <div className={styles['buttons']}>
        <Button isDisabled={isDisabled} onPress={() => setChoosing(true)}>
          Browse…
        </Button>
        <Button isDisabled={isDisabled || path === ''} isPending={isBusy} onPress={look}>
          {isBusy ? 'Looking …' : verb}
        </Button>
      </div>
      <FileChooser
        title={mode === 'folder' ? 'Choose a folder' : 'Choose a file or a device'}
        mode={mode}
        isOpen={isChoosing}
        onClose={() => setChoosing(false)}
        start={startOf(path)}
        onChoose={(chosen) => {
          setChoosing(false)
          onChange(chosen)
          onLook(chosen)
        }}
      />
    </div>
  )
}

/** The folder of what was typed; null: the home. */
function startOf(path: string): string | null {
  if (!path.startsWith('/')) return null
  const file = diskOf(path)
  return file.slice(0, file.lastIndexOf('/')) || '/'
}
