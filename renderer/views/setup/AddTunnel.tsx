// A venti that is reached through another machine: venti's own protocol is neither encrypted nor asks who calls, so it goes
// inside the SSH connection to that machine, and is called from there.

import { useState } from 'react'
import type { SetupDraft } from '../../../shared/model/window.ts'
import { noMachine, tunnelDial } from '../../text/machine-address.ts'
import { AddTested } from './AddTested.tsx'
import { MachineInputs } from './MachineInputs.tsx'

export type AddTunnelProps = { readonly draft: SetupDraft }

export function AddTunnel({ draft }: AddTunnelProps) {
  const [fields, setFields] = useState(noMachine)
  const [venti, setVenti] = useState('127.0.0.1:17034')
  const { text, problem } = tunnelDial(fields, venti)
  return (
    <>
      <p className="muted">
        Everything goes encrypted to that machine, and the venti is called from there: its port needs to be open to
        nobody else.
      </p>
      <MachineInputs fields={fields} onChange={setFields} />
      <AddTested
        draft={draft}
        dial={text}
        address={{
          label: 'The venti as seen from there',
          value: venti,
          onChange: setVenti,
          isMono: true,
          hint: '127.0.0.1 is that machine itself. Without a port, 17034.',
          problem,
          placeholder: '127.0.0.1:17034',
        }}
      />
    </>
  )
}
