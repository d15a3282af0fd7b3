// A venti on the network: its dial string as it is typed.

import { useState } from 'react'
import type { SetupDraft } from '../../../shared/model/window.ts'
import { AddTested } from './AddTested.tsx'

export type AddVentiProps = { readonly draft: SetupDraft }

export function AddVenti({ draft }: AddVentiProps) {
  const [typed, setTyped] = useState('')
  const dial = typed.trim()
  return (
    <AddTested
      draft={draft}
      dial={dial === '' ? null : dial}
      address={{
        label: 'Address of the venti',
        value: typed,
        onChange: setTyped,
        isMono: true,
        hint: 'As Plan 9 dials it, or HOST:PORT. Without a port, 17034.',
        placeholder: 'tcp!192.168.0.99!17034',
      }}
    />
  )
}
