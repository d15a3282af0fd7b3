// A line of text to fill in, with its label, what is meant, and what is wrong with it.

import { FieldError, Input, Label, Text, TextField } from 'react-aria-components'
import styles from './Field.module.css'

export type FieldProps = {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly hint?: string
  readonly problem?: string | null
  readonly isMono?: boolean
  /** What is typed is not seen, and no browser is to keep it. */
  readonly isSecret?: boolean
  readonly isDisabled?: boolean
  readonly placeholder?: string
  readonly onEnter?: () => void
  /** The first thing to do in a dialog. */
  readonly isFirst?: boolean
}

/** The last three are for programs that keep passwords, none of which asks for autoComplete. */
const secretInput = { type: 'password', 'data-1p-ignore': '', 'data-bwignore': '', 'data-lpignore': 'true' } as const

export function Field(props: FieldProps) {
  const {
    label,
    value,
    onChange,
    hint,
    problem = null,
    isMono = false,
    isSecret = false,
    isDisabled = false,
    placeholder,
    onEnter,
    isFirst = false,
  } = props
  return (
    <TextField
      className={styles['field'] ?? ''}
      value={value}
      onChange={onChange}
      isInvalid={problem !== null}
      isDisabled={isDisabled}
      autoFocus={isFirst}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onEnter?.()
        // The library keeps a key that is listened for to itself; Escape closes the dialog that this stands in.
        else event.continuePropagation()
      }}
    >
      <Label className={styles['label'] ?? ''}>{label}</Label>
      <Input
        className={`${styles['input']} ${isMono ? 'mono' : ''}`}
        spellCheck="false"
        autoComplete="off"
        {...(isSecret ? secretInput : {})}
        {...(placeholder === undefined ? {} : { placeholder })}
      />
      {hint === undefined ? null : (
        <Text slot="description" className="small">
          {hint}
        </Text>
      )}
      <FieldError className={styles['error'] ?? ''}>{problem}</FieldError>
    </TextField>
  )
}
