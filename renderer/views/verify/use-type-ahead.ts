// Typing in a list: characters that follow each other quickly are the beginning of a name to go to.

import { useRef } from 'react'

const pauseMs = 800

/**
 * `find` looks for a beginning, `go` is told what it found unless more was typed meanwhile. Returns what takes a key; false
 * for one that is no character, or a blank at the beginning.
 */
export function useTypeAhead<T>(
  find: (prefix: string) => Promise<T>,
  go: (found: T) => void,
): (key: string) => boolean {
  const typed = useRef({ text: '', at: 0 })
  return (key) => {
    if (Array.from(key).length !== 1) return false
    const now = performance.now()
    const text = now - typed.current.at < pauseMs ? typed.current.text + key : key
    if (text === ' ') return false
    const wish = { text, at: now }
    typed.current = wish
    void find(text).then((found) => {
      if (typed.current === wish) go(found)
    })
    return true
  }
}
