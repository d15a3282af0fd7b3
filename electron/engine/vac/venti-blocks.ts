// Blocks of a venti server. What the server says decides between missing, damaged and failed (venti-protocol.md 3.3, 4);
// reads made together travel together, so callers get a pipeline by not waiting.

import { AppError, asAppError } from '../../../shared/errors.ts'
import type { Score } from '../../../shared/model/score.ts'
import { serverAnswerOf } from '../venti/client/server-error.ts'
import type { VentiClient } from '../venti/client/client.ts'
import { corruptBlock, missingBlock, oversizeBlock } from './block-faults.ts'
import type { AskDone, ProbingStore } from './block-store.ts'

type Client = Pick<VentiClient, 'dial' | 'read' | 'probe' | 'close'>

/** An error reply to a read speaks of that block; everything else (no answer, no connection) of the server. */
function explained(dial: string, key: { score: Score; type: number }, maxBytes: number, error: unknown): unknown {
  const answer = error instanceof AppError ? serverAnswerOf(error) : null
  if (!(error instanceof AppError) || answer === null) return error
  if (answer === 'missing') return missingBlock(dial, key, error)
  if (answer === 'too-small') return oversizeBlock(dial, key, maxBytes, error)
  const { serverText } = error.data
  const detail = typeof serverText === 'string' ? serverText : 'its bytes have another score'
  return corruptBlock(dial, key, detail, error)
}

/** Takes the client over: closing the store closes it. */
export function ventiBlocks(client: Client): ProbingStore & Required<Pick<ProbingStore, 'ask'>> {
  const { dial } = client
  const ask = (score: Score, type: number, done: AskDone): void => {
    client.probe(score, type, (error, found, lengthBytes) => {
      if (error !== null) done(error, null)
      else if (!found) done(null, null)
      else if (typeof lengthBytes === 'number') done(null, lengthBytes)
      else {
        const text = `${dial}: the server knows a block but does not say how long it is`
        done(new AppError('target-refused', text, { data: { dial, answer: 'other' } }), null)
      }
    })
  }
  return {
    name: dial,
    async read(score, type, maxBytes) {
      try {
        return await client.read(score, type, maxBytes)
      } catch (error) {
        throw explained(dial, { score, type }, maxBytes, error)
      }
    },
    probe(score, type) {
      return new Promise((resolve, reject) => {
        ask(score, type, (error, lengthBytes) => {
          if (error === null) resolve(lengthBytes)
          else reject(asAppError(error))
        })
      })
    },
    ask,
    close: () => client.close(),
  }
}
