// The time, for ages in words: moves on once a minute, and at once when the window comes back into sight.

import { useEffect, useState } from 'react'

export function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const move = (): void => setNow(Date.now())
    const timer = setInterval(move, 60_000)
    document.addEventListener('visibilitychange', move)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', move)
    }
  }, [])
  return now
}
