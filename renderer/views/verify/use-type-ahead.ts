// Typing in a list: characters that follow each other quickly are the beginning of a name to go to.

import { useRef } from 'react'

const pauseMs = 800

/** Returns what takes a key; false for one that is no character, or a blank at the beginning. */
export function useTypeAhead(go: (prefix: string) => Promise<void>): (key: string) => boolean {
  const typed = useRef({ text: '', at: 0 })
  return (key) => {
    if (Array.from(key).length !== 1) return false
    const now = performance.now()
    const text = now - typed.current.at < pauseMs ? typed.current.text + key : key
    if (text === ' ') return false
    typed.current = { text, at: now }
    void go(text)
    return true
  }
}
