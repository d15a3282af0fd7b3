// How many questions come after the one that is open.

import { counted } from '../text/format.ts'

export function WaitingNote({ waiting }: { readonly waiting: number }) {
  if (waiting === 0) return null
  return <p className="small">{counted(waiting, 'more question')} after this one.</p>
}
