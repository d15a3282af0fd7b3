// A sentence made of pieces, its names standing out.

import { createElement } from 'react'
import type { Piece } from '../../text/overview-words.ts'

export type SentenceProps = { readonly pieces: readonly Piece[] }

/** Pieces have no identity of their own, so they are given as children and not as a list with keys. */
export function Sentence({ pieces }: SentenceProps) {
  const children = pieces.map((piece) => (typeof piece === 'string' ? piece : createElement('b', null, piece.strong)))
  return createElement('p', { className: 'muted' }, ...children)
}
