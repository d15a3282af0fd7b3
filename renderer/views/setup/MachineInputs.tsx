// Which machine is logged in to over SSH: its name or address, and what is left to ~/.ssh/config when it is not filled in.

import { Field } from '../../components/Field.tsx'
import { machineProblem, type MachineFields } from '../../text/machine-address.ts'
import styles from './MachineInputs.module.css'

export type MachineInputsProps = {
  readonly fields: MachineFields
  readonly onChange: (fields: MachineFields) => void
}

export function MachineInputs({ fields, onChange }: MachineInputsProps) {
  const { machine, user, port } = fields
  return (
    <div className={styles['machine']}>
      <Field
        label="Machine"
        value={machine}
        onChange={(text) => onChange({ ...fields, machine: text })}
        isMono
        hint="Host name, address, or an alias of ~/.ssh/config."
        problem={machineProblem(fields)}
        placeholder="server.example"
      />
      <Field
        label="User"
        value={user}
        onChange={(text) => onChange({ ...fields, user: text })}
        isMono
        hint="Or as ~/.ssh/config has it."
        placeholder="glenda"
      />
      <Field
        label="Port"
        value={port}
        onChange={(text) => onChange({ ...fields, port: text })}
        isMono
        hint="Else 22."
        placeholder="22"
      />
    </div>
  )
}
