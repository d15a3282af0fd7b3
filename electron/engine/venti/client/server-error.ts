// What a server's error text means. The protocol has no error numbers, only texts; those of plan9port, Plan 9 and 9front
// are the same (venti-protocol.md §3, §4). The text is shown to people and may come from anyone, so it is made harmless
// for a terminal, and a score in it is masked where it belongs to a root block (R10).

import { AppError, type ErrorCode } from '../../../../shared/errors.ts'
import { maskScore, type Score } from '../../../../shared/model/score.ts'
import { wireRoot } from '../format/block-type.ts'

export type ServerAnswer =
  'missing' | 'too-small' | 'damaged' | 'too-large' | 'full' | 'read-only' | 'unsupported' | 'other'

const maxShownText = 300

const meanings: readonly (readonly [RegExp, ServerAnswer])[] = [
  [/^no block with score\b/i, 'missing'],
  [/^read too small\b/i, 'too-small'],
  [/^(clump is marked corrupt|loadclump|decompression of|index and clump|loading clump)\b/i, 'damaged'],
  [/\blump too large\b/i, 'too-large'],
  [/\bno space left in arenas\b/i, 'full'],
  [/\bread[- ]only\b/i, 'read-only'],
  [/^unknown request\b/i, 'unsupported'],
]

const codes: Partial<Record<ServerAnswer, ErrorCode>> = { full: 'target-full', 'read-only': 'target-read-only' }

export function classifyServerText(text: string): ServerAnswer {
  return meanings.find(([pattern]) => pattern.test(text))?.[1] ?? 'other'
}

/** What the server said about the block, for an error of read, write or probe; null for every other error. */
export function serverAnswerOf(error: AppError): ServerAnswer | null {
  return (error.data['answer'] as ServerAnswer | undefined) ?? null
}

/** How a block is called in messages. A root block's score opens everything under it. */
export function blockLabel(score: Score, blockType: number): string {
  return blockType === wireRoot ? `root block ${maskScore(score)}` : `block ${score} (type ${blockType})`
}

/** A server's text, fit to be printed. */
export function harmlessText(text: string, maskScores: boolean): string {
  const plain = text.slice(0, maxShownText).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')
  return maskScores ? plain.replaceAll(/[0-9a-f]{40}/gi, (score) => maskScore(score as Score)) : plain
}

/** `what` names the request, e.g. "write of block …". */
export function serverError(dial: string, what: string, text: string, isRoot: boolean): AppError {
  const answer = classifyServerText(text)
  const serverText = harmlessText(text, isRoot)
  return new AppError(codes[answer] ?? 'target-refused', `${dial}: the server refused the ${what}: ${serverText}`, {
    data: { dial, answer, serverText },
  })
}
