// A fake venti whose every request a test sees before it is answered: to look at the saved state at that very instant, to
// kill somebody, to keep single replies back, to lose power.

import type { Reply, Request, NotARequest } from '../../electron/engine/venti/wire/message.ts'
import { FakeStore, type BlockKey, type FakeBehaviour } from './fake-store.ts'
import { FakeVenti } from './fake-venti.ts'

export type Watch = (kind: (Request | NotARequest)['kind'] | 'probe', store: WatchedStore) => void

export class WatchedStore extends FakeStore {
  onRequest: Watch = () => undefined
  /** Of every request since the beginning. */
  requests = 0
  /** Blocks that were written, also again, or asked for and found, since the test last cleared this. */
  readonly confirmed = new Set<BlockKey>()

  override answer(request: Request | NotARequest): Reply | null {
    this.requests++
    this.onRequest(request.kind === 'read' && request.count === 0 ? 'probe' : request.kind, this)
    const reply = super.answer(request)
    if (request.kind === 'write' && reply?.kind === 'write') this.confirmed.add(`${reply.score}/${request.blockType}`)
    if (request.kind === 'read' && this.has(request.score, request.blockType))
      this.confirmed.add(`${request.score}/${request.blockType}`)
    return reply
  }
}

export async function startWatchedVenti(
  behaviour: Partial<FakeBehaviour> = {},
): Promise<{ readonly venti: FakeVenti; readonly store: WatchedStore }> {
  const store = new WatchedStore(behaviour)
  const venti = new FakeVenti(store)
  await venti.restart()
  return { venti, store }
}
