// The time for ages and dates on the screen: they grow older while one looks at them.

import { useSyncExternalStore } from 'react'

const tickMs = 20_000
const tick = (): number => Math.floor(Date.now() / tickMs)

function subscribe(changed: () => void): () => void {
  const timer = setInterval(changed, tickMs)
  return () => clearInterval(timer)
}

/** Milliseconds since 1970, a little behind: it moves every 20 seconds, and only then is anything drawn again. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, tick) * tickMs + tickMs
}
