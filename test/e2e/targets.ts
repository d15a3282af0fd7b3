// Ventis to mirror to whose every block a test can see and take away: real sockets and the real protocol, in this process.

import { onTestFinished } from 'vitest'
import { startFakeVenti, type FakeBehaviour, type FakeVenti } from '../helpers/fake-venti.ts'

/** Closed when the test ends. */
export async function startVenti(behaviour: Partial<FakeBehaviour> = {}): Promise<FakeVenti> {
  const venti = await startFakeVenti(behaviour)
  onTestFinished(() => venti.close())
  return venti
}

/** Lets some replies go whenever it is asked: the copy stays in its middle for as long as the test looks. */
export function trickle<T>({ store }: FakeVenti, look: () => T, replies = 10): () => T {
  return () => {
    store.release(replies)
    return look()
  }
}
