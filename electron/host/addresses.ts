// By which names a browser may call this host. A page of another site can make a browser send requests here, also under a
// name of its own that it points to 127.0.0.1 (DNS rebinding): its Host or Origin then is none of these. Pure.

/** HOST:PORT as browsers write it: lower case, and without the port where that is 80. */
export function canonicalHost(given: string): string | null {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9._-]*[a-z0-9])?)(?::(\d{1,5}))?$/i.exec(given)
  if (match === null) return null
  const [, name, , port = '80'] = match as unknown as [string, string, string | undefined, string | undefined]
  if (Number(port) < 1 || Number(port) > 65_535) return null
  return `${name.toLowerCase()}${Number(port) === 80 ? '' : `:${Number(port)}`}`
}

export class Addresses {
  readonly #hosts: ReadonlySet<string>

  /** `others` as canonicalHost() gives them. */
  constructor(port: number, others: readonly string[]) {
    const own = ['127.0.0.1', 'localhost', '[::1]'].map((name) => canonicalHost(`${name}:${port}`) as string)
    this.#hosts = new Set([...own, ...others])
  }

  /** The name in a Host header, when it is one of ours. */
  hostOf(header: string | undefined): string | null {
    const host = header === undefined ? null : canonicalHost(header)
    return host !== null && this.#hosts.has(host) ? host : null
  }

  /** Whether an Origin header is that of the page served under `host`. */
  isOwnOrigin(origin: string, host: string): boolean {
    return origin === `http://${host}`
  }
}
