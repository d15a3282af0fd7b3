// A path on another machine: who is logged in to, the path as that machine has it, and a button that does both, so that
// whatever is wrong on the way is said before anything is chosen.

import { useState } from 'react'
import { Button } from '../../components/Button.tsx'
import { Field } from '../../components/Field.tsx'
import { machinePath, noMachine } from '../../text/machine-address.ts'
import { MachineInputs } from './MachineInputs.tsx'
import type { RemotePathProps } from './PathChoice.tsx'
import styles from './PathChoice.module.css'

export function RemotePath({ label, placeholder, isBusy, isDisabled, onLook, machine }: RemotePathProps) {
  const [fields, setFields] = useState(machine ?? noMachine)
  const [typed, setTyped] = useState('')
  const { text, problem } = machinePath(fields, typed)
  const look = (): void => {
    if (text !== null && !isDisabled && !isBusy) onLook(text)
  }
  return (
    <>
      <MachineInputs fields={fields} onChange={setFields} />
      <div className={styles['choice']}>
        <Field
          label={`${label} there`}
          value={typed}
          onChange={setTyped}
          isMono
          hint="As that machine has it: a raw device, an image, DISK:PARTITION. The user needs to be allowed to read it."
          problem={problem}
          placeholder={placeholder}
          onEnter={look}
        />
        <div className={styles['buttons']}>
          <Button isDisabled={isDisabled || text === null} isPending={isBusy} onPress={look}>
            {isBusy ? 'Connecting …' : 'Test the connection'}
          </Button>
        </div>
      </div>
    </>
  )
}
