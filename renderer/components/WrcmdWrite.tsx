// Writes the line that belongs into a wrcmd, once it was seen beside the one that is there: what is shown comes from a dry
// run of the very request, and a line that has changed meanwhile is refused.

import { useState } from 'react'
import type { PlaceId, WrcmdSet } from '../../shared/model/window.ts'
import { useAction, useQuery } from '../store/use-request.ts'
import { printable } from '../text/format.ts'
import { Button } from './Button.tsx'
import { CommandLine } from './CommandLine.tsx'
import { Dialog } from './Dialog.tsx'
import { ProblemPanel } from './ProblemPanel.tsx'
import { WrcmdLines } from './WrcmdLines.tsx'
import styles from './WrcmdLines.module.css'

export type WrcmdWriteProps = {
  readonly place: PlaceId
  readonly source: PlaceId
  /** The line that the user sees there; null: there is no wrcmd. */
  readonly before: string | null
  /** Whom the new line may name, the likeliest first; a dial of null is whom the old one names. */
  readonly hosts: readonly WrcmdHost[]
  readonly onClose: () => void
  readonly onWritten: (written: WrcmdSet) => void
}

export type WrcmdHost = { readonly dial: string | null; readonly name: string }

export function WrcmdWrite({ place, source, before, hosts, onClose, onWritten }: WrcmdWriteProps) {
  const [at, setAt] = useState(0)
  const host = hosts[at]?.dial ?? null
  const asked = { place, source, host, before }
  const { value: plan, problem, isBusy, again } = useQuery('wrcmd.set', { ...asked, dryRun: true })
  const { run: write, problem: refused, isBusy: isWriting } = useAction('wrcmd.set')
  const act = async (): Promise<void> => {
    const written = await write({ ...asked, dryRun: false })
    if (written !== null) onWritten(written)
  }
  const isKnown = plan !== null && !isBusy && problem === null
  return (
    <Dialog
      title="Write the right line into wrcmd?"
      isOpen
      isAlert
      isWide
      onClose={onClose}
      actions={
        <>
          <Button autoFocus onPress={onClose}>
            Leave it as it is
          </Button>
          <Button look="primary" isDisabled={!isKnown} isPending={isWriting} onPress={() => void act()}>
            {isWriting ? 'Writing …' : 'Write it'}
          </Button>
        </>
      }
    >
      {hosts.length < 2 ? null : (
        <label className="row">
          It sends to
          <select value={at} onChange={(event) => setAt(Number(event.target.value))}>
            {hosts.map(({ dial, name }, index) => (
              <option key={dial ?? ''} value={index}>
                {printable(name)}
              </option>
            ))}
          </select>
        </label>
      )}
      {problem === null ? null : (
        <ProblemPanel problem={problem}>
          <Button onPress={again}>Try again</Button>
        </ProblemPanel>
      )}
      {plan === null ? (
        problem === null ? (
          <output className="muted">Working out the line …</output>
        ) : null
      ) : (
        <Plan plan={plan} />
      )}
      {refused === null ? null : <ProblemPanel problem={refused} />}
    </Dialog>
  )
}

function Plan({ plan }: { readonly plan: WrcmdSet }) {
  const { before, after, remarks, command } = plan
  return (
    <>
      <WrcmdLines before={before} after={after} />
      <p>
        Only wrcmd is written, at once as a whole. A backup is kept before that: “venti-mirror wrcmd restore” brings the
        old line back.
      </p>
      {remarks.length === 0 ? null : (
        <ul className={`small ${styles['remarks']}`} aria-label="Remarks">
          {[...new Set(remarks)].map((remark) => (
            <li key={remark}>{printable(remark)}</li>
          ))}
        </ul>
      )}
      <CommandLine command={command} />
    </>
  )
}
