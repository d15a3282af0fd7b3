// A request whose answer one component shows: what came, what went wrong, whether it is under way. An answer that arrives
// after the question changed, or after the component went, is dropped.

import { useCallback, useEffect, useRef, useState } from 'react'
import type { Answer, Asked, Channel } from '../../shared/contract.ts'
import type { Problem } from '../../shared/model/window.ts'
import { problemFrom } from '../service-error.ts'
import { useApi } from './hooks.tsx'

export type Request<T> = {
  readonly value: T | null
  readonly problem: Problem | null
  readonly isBusy: boolean
}

const idle = { value: null, problem: null, isBusy: false } as const

/** Asks when `run` is called. `run` resolves with the answer, or null when there was a problem (which is then shown). */
export function useAction<C extends Channel>(
  channel: C,
): Request<Answer<C>> & { readonly run: (asked: Asked<C>) => Promise<Answer<C> | null>; readonly clear: () => void } {
  const api = useApi()
  const [state, setState] = useState<Request<Answer<C>>>(idle)
  const latest = useRef(0)
  useEffect(() => () => void (latest.current = -1), [])
  const run = useCallback(
    async (asked: Asked<C>): Promise<Answer<C> | null> => {
      const number = ++latest.current
      setState((before) => ({ ...before, problem: null, isBusy: true }))
      try {
        const value = await api.ask(channel, asked)
        if (latest.current === number) setState({ value, problem: null, isBusy: false })
        return value
      } catch (thrown) {
        if (latest.current === number) setState({ value: null, problem: problemFrom(thrown), isBusy: false })
        return null
      }
    },
    [api, channel],
  )
  const clear = useCallback(() => {
    latest.current++
    setState(idle)
  }, [])
  return { ...state, run, clear }
}

/**
 * Asks at once, and again whenever `asked` says something else (compared as JSON) or `stamp` is another. Null: nothing to
 * ask. What came stays until the next answer.
 */
export function useQuery<C extends Channel>(
  channel: C,
  asked: Asked<C> | null,
  stamp: number | string | null = null,
): Request<Answer<C>> & { readonly again: () => void } {
  const { run, clear, ...state } = useAction(channel)
  const key = asked === null ? null : JSON.stringify(asked)
  const again = useCallback(() => {
    if (key === null) clear()
    else void run(JSON.parse(key) as Asked<C>)
  }, [key, run, clear])
  useEffect(again, [again, stamp])
  return { ...state, again }
}
