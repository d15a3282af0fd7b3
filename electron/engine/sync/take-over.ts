// Asks a target for the blocks that a wrcmd claims are there. One that is missing is enough: then nobody knows what else
// is, and the copy begins at our own cursors, asking before it sends. Every block found and a later sync on the same
// connection make the claim ours (R2, as far as a sample can).

import { AppError, asAppError } from '../../../shared/errors.ts'
import type { Score } from '../../../shared/model/score.ts'
import type { VentiClient } from '../venti/client/client.ts'
import { serverAnswerOf } from '../venti/client/server-error.ts'
import { wireData } from '../venti/format/block-type.ts'
import type { ClaimedBlock } from './wrcmd-claim.ts'

/** A score no block has: a server that claims to know it does not answer probes the way real ones do. */
function improbableScore(): Score {
  let text = ''
  while (text.length < 40) text += Math.floor(Math.random() * 16).toString(16)
  return text as Score
}

/** Whether this server tells by a probe which blocks it has. */
export async function probesWork(client: VentiClient): Promise<boolean> {
  return await new Promise((resolve) => {
    client.probe(improbableScore(), wireData, (error, found) => resolve(error === null && !found))
  })
}

/** Reads it back: for servers whose probes say nothing. The client compares length and score. */
async function canRead(client: VentiClient, block: ClaimedBlock): Promise<boolean> {
  try {
    await client.read(block.score, block.type)
    return true
  } catch (thrown) {
    const error = asAppError(thrown)
    // It answered: the block is not there, or not whole. Anything else is trouble with the connection.
    if (serverAnswerOf(error) !== null) return false
    throw error
  }
}

async function probe(client: VentiClient, block: ClaimedBlock): Promise<boolean | 'unclear'> {
  return await new Promise((resolve, reject) => {
    client.probe(block.score, block.type, (error, found) => {
      if (error === null) resolve(found)
      else if (error.code === 'target-refused') resolve('unclear')
      else reject(error)
    })
  })
}

/** Rejects only when the connection fails. All are asked, so that the numbers mean something to people. */
export async function countFound(
  client: VentiClient,
  blocks: readonly ClaimedBlock[],
  probes: boolean,
): Promise<number> {
  const has = async (block: ClaimedBlock): Promise<boolean> => {
    const answer = probes ? await probe(client, block) : 'unclear'
    return answer === 'unclear' ? await canRead(client, block) : answer
  }
  // The client's window paces them.
  const answers = await Promise.allSettled(blocks.map(has))
  const failed = answers.find((one) => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason instanceof AppError ? failed.reason : asAppError(failed.reason)
  return answers.filter((one) => one.status === 'fulfilled' && one.value).length
}
