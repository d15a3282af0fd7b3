// The targets of a mirror: added after a test, called by a name, taken off again.

import { useState } from 'react'
import type { MirrorView, TargetView } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { Dialog } from '../../components/Dialog.tsx'
import { Field } from '../../components/Field.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useNow } from '../../store/use-now.ts'
import { useAction } from '../../store/use-request.ts'
import { moment, printable } from '../../text/format.ts'
import { dialText } from '../../text/machine-words.ts'
import { RenameTarget } from './RenameTarget.tsx'
import { useFocusIfLost } from '../../store/use-focus-if-lost.ts'
import styles from './Settings.module.css'

export type TargetSettingsProps = { readonly mirror: MirrorView }

export function TargetSettings({ mirror }: TargetSettingsProps) {
  const now = useNow()
  const control = useApp((state) => state.control)
  const [leaving, setLeaving] = useState<TargetView | null>(null)
  const [renamed, setRenamed] = useState<TargetView | null>(null)
  const heading = useFocusIfLost<HTMLHeadingElement>(leaving)
  const isOnly = mirror.targets.length === 1
  const canChange = control && mirror.job === null
  return (
    <section className={`sheet ${styles['settings']}`} aria-labelledby="targets-heading">
      <h2 id="targets-heading" ref={heading} tabIndex={-1}>
        Targets
      </h2>
      <ul className={styles['targets']}>
        {mirror.targets.map((target) => {
          const { dial, name, store, lastSync } = target
          return (
            <li key={dial} className={styles['target']}>
              <div>
                <strong>{printable(name)}</strong> <code className="small">{dialText(dial)}</code>
                <div className="small" title={lastSync ?? undefined}>
                  synced {moment(lastSync, now)}
                  {store === null ? '' : ` · in ${printable(store.folder)} on this computer`}
                </div>
              </div>
              <div className="row">
                <Button
                  look="quiet"
                  isDisabled={!control}
                  aria-label={`Rename ${name}`}
                  onPress={() => setRenamed(target)}
                >
                  Rename…
                </Button>
                <Button
                  look="quiet"
                  isDisabled={isOnly || !canChange}
                  aria-label={`Take off… ${name}`}
                  onPress={() => setLeaving(target)}
                >
                  Take off…
                </Button>
              </div>
            </li>
          )
        })}
      </ul>
      {isOnly ? <p className="small">A mirror keeps its last target; to end it, forget the mirror below.</p> : null}
      {mirror.job === null ? null : <p className="small">Targets come and go when the sync has ended.</p>}
      <AddTarget mirror={mirror} />
      <RenameTarget key={renamed?.dial ?? ''} mirror={mirror} target={renamed} onClose={() => setRenamed(null)} />
      <TakeOff mirror={mirror} target={leaving} onClose={() => setLeaving(null)} />
    </section>
  )
}

type TakeOffProps = TargetSettingsProps & { readonly target: TargetView | null; readonly onClose: () => void }

function TakeOff({ mirror, target, onClose }: TakeOffProps) {
  const { run, clear, problem, isBusy } = useAction('mirror.removeTarget')
  const close = (): void => {
    clear()
    onClose()
  }
  const remove = async (): Promise<void> => {
    if (target !== null && (await run({ mirror: mirror.name, dial: target.dial })) !== null) onClose()
  }
  return (
    <Dialog
      title={`Take ${printable(target?.name ?? '')} off this mirror?`}
      isOpen={target !== null}
      isAlert
      onClose={close}
      actions={
        <>
          <Button autoFocus onPress={close}>
            Keep it
          </Button>
          <Button look="danger" isPending={isBusy} onPress={() => void remove()}>
            Take it off
          </Button>
        </>
      }
    >
      <p>Nothing on that venti changes. Its position is forgotten: taken up again, it is asked for every block.</p>
      {problem === null ? null : <ProblemPanel problem={problem} />}
    </Dialog>
  )
}

function AddTarget({ mirror }: TargetSettingsProps) {
  const [dial, setDial] = useState('')
  const [name, setName] = useState('')
  const control = useApp((state) => state.control)
  const { run, problem, isBusy } = useAction('mirror.addTarget')
  const canAdd = control && mirror.job === null && dial.trim() !== ''
  const add = async (): Promise<void> => {
    if (!canAdd || isBusy) return
    const added = await run({ mirror: mirror.name, dial: dial.trim(), name: name.trim() })
    if (added === null) return
    setDial('')
    setName('')
  }
  return (
    <fieldset className={styles['adding']} aria-label="Add a target">
      <div className={styles['add']}>
        <Field
          label="Another venti"
          value={dial}
          onChange={setDial}
          isMono
          placeholder="tcp!192.168.0.99!17034"
          onEnter={() => void add()}
        />
        <Field label="Call it" value={name} onChange={setName} placeholder="attic" onEnter={() => void add()} />
        <Button isDisabled={!canAdd} isPending={isBusy} onPress={() => void add()}>
          {isBusy ? 'Testing …' : 'Test and add'}
        </Button>
      </div>
      {problem === null ? null : <ProblemPanel problem={problem} />}
    </fieldset>
  )
}
