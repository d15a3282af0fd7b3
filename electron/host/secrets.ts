// Who may speak with the host: whoever opened a link that this process printed, and later whoever has the cookie that was
// given for it. A link works once. Only digests are kept, and those are compared, so that neither a dump of memory nor the
// time an answer takes tells anything about a secret.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

const secretBytes = 32
/** Links that were printed and not opened yet, and browsers that were let in: older ones end when there are more. */
const maxLinks = 4
const maxSessions = 32

const newSecret = (): string => randomBytes(secretBytes).toString('base64url')
const digestOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()

class Digests {
  readonly #most: number
  #digests: readonly Buffer[] = []

  constructor(most: number) {
    this.#most = most
  }

  add(secret: string): void {
    this.#digests = [...this.#digests, digestOf(secret)].slice(-this.#most)
  }

  /** The one of that secret; looks at all of them in any case. */
  find(secret: string): Buffer | null {
    const wanted = digestOf(secret)
    let found: Buffer | null = null
    for (const digest of this.#digests) if (timingSafeEqual(digest, wanted)) found = digest
    return found
  }

  remove(digest: Buffer): void {
    this.#digests = this.#digests.filter((one) => one !== digest)
  }
}

export class Secrets {
  readonly #links = new Digests(maxLinks)
  readonly #sessions = new Digests(maxSessions)

  /** The token of a new link. */
  newToken(): string {
    const token = newSecret()
    this.#links.add(token)
    return token
  }

  /** The value of a new session's cookie; null for a token that never was, or was used. */
  redeem(token: string): string | null {
    const link = this.#links.find(token)
    if (link === null) return null
    this.#links.remove(link)
    const session = newSecret()
    this.#sessions.add(session)
    return session
  }

  knows(session: string): boolean {
    return this.#sessions.find(session) !== null
  }
}
