// A path of the computer that the service runs on, typed or chosen in its folders; or one of another machine, which is logged
// in to over SSH. What it is, the caller asks.

import { useId, useState } from 'react'
import { Button } from '../../components/Button.tsx'
import { Field } from '../../components/Field.tsx'
import { FileChooser } from '../../components/FileChooser.tsx'
import { machineOf, type MachineFields } from '../../text/machine-address.ts'
import { diskOf } from '../../text/setup-words.ts'
import { RemotePath } from './RemotePath.tsx'
import styles from './PathChoice.module.css'
import shared from './Setup.module.css'

export type Where = 'here' | 'there'

export type PathChoiceProps = {
  readonly label: string
  readonly hint: string
  readonly placeholder: string
  /** On the button that asks what it is. */
  readonly verb: string
  readonly isBusy: boolean
  readonly isDisabled: boolean
  readonly value: string
  readonly onChange: (path: string) => void
  readonly onLook: (path: string) => void
  /** A place that the wanted one probably stands beside: its machine is offered first. */
  readonly beside?: string | null
  /** Told when it is to be on another machine, or here again; what was found before is not meant any more. */
  readonly onWhere?: (where: Where) => void
}

export function PathChoice(props: PathChoiceProps) {
  const { beside = null, onWhere, ...path } = props
  const machine = beside === null ? null : machineOf(beside)
  const [where, setWhere] = useState<Where>(machine === null ? 'here' : 'there')
  const name = useId()
  const choose = (next: Where): void => {
    setWhere(next)
    onWhere?.(next)
  }
  return (
    <>
      <fieldset className={shared['choices']}>
        <legend className="visually-hidden">{`${path.label}: on which machine`}</legend>
        <label>
          <input type="radio" name={name} checked={where === 'here'} onChange={() => choose('here')} />
          On this computer
        </label>
        <label>
          <input type="radio" name={name} checked={where === 'there'} onChange={() => choose('there')} />
          On another machine, over SSH
        </label>
      </fieldset>
      {where === 'here' ? <LocalPath {...path} /> : <RemotePath {...path} machine={machine} />}
    </>
  )
}

export type PathProps = Omit<PathChoiceProps, 'beside' | 'onWhere'>
export type RemotePathProps = PathProps & { readonly machine: MachineFields | null }

function LocalPath({ label, hint, placeholder, verb, isBusy, isDisabled, value, onChange, onLook }: PathProps) {
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
        title="Choose a file or a device"
        mode="file"
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
