// Runs in the page, as text: it may use nothing but its arguments and what every page has.

type Shape = 'function' | { readonly [name: string]: Shape }
type FromProgram = {
  readonly reply?: number
  readonly value?: unknown
  readonly error?: string
  readonly called?: number
  readonly args?: readonly unknown[]
}

/** Every call answers with a promise: a real bridge answers at once where a function does. */
export function pageHalf(binding: string, receiver: string, shape: Shape): void {
  const world = globalThis as unknown as Record<string, unknown>
  const say = world[binding] as (text: string) => void
  // Scripts of the page are not to find it.
  delete world[binding]
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  const functions = new Map<number, (...args: readonly unknown[]) => void>()
  let last = 0
  const sent = (value: unknown): unknown => {
    if (typeof value !== 'function') return value
    functions.set(++last, value as (...args: readonly unknown[]) => void)
    return { functionOfPage: last }
  }
  const made = (one: Shape, path: readonly string[]): unknown => {
    if (one === 'function') {
      return async (...args: readonly unknown[]) =>
        await new Promise((resolve, reject) => {
          const call = ++last
          waiting.set(call, { resolve, reject })
          say(JSON.stringify({ call, path, args: args.map(sent) }))
        })
    }
    return Object.freeze(
      Object.fromEntries(Object.entries(one).map(([name, two]) => [name, made(two, [...path, name])])),
    )
  }
  Object.defineProperty(world, receiver, {
    enumerable: false,
    value: ({ reply, value, error, called, args = [] }: FromProgram) => {
      if (called !== undefined) functions.get(called)?.(...args)
      if (reply === undefined) return
      if (error === undefined) waiting.get(reply)?.resolve(value)
      else waiting.get(reply)?.reject(new Error(error))
      waiting.delete(reply)
    },
  })
  for (const [name, one] of Object.entries(shape)) Object.defineProperty(world, name, { value: made(one, [name]) })
}
