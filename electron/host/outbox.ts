// What goes to one page. Events are pictures: of those that a slow page could not take yet, only the newest of each subject
// waits, so that a page that stops reading costs no more than one picture of everything there is.

import type { EventMessage, Events } from '../../shared/contract.ts'

/** The part of a WebSocket that is used here. */
export type Wire = {
  /** Bytes that were sent and have not left this process. */
  readonly bufferedAmount: number
  send(text: string, done: (error?: Error | null) => void): void
}

/** Bytes on their way from which on events wait: a few dozen pictures. */
const highWaterBytes = 256 * 1024

/** Tells pictures apart of which the newest counts. */
export function subjectOf({ event, value }: EventMessage): string {
  if (event === 'job.view') return `${event} ${(value as Events['job.view']).id}`
  if (event === 'mirror.view') return `${event} ${(value as Events['mirror.view']).name}`
  return event
}

export class Outbox {
  readonly #wire: Wire
  readonly #waiting = new Map<string, string>()

  constructor(wire: Wire) {
    this.#wire = wire
  }

  /** Pictures that wait. */
  get waiting(): number {
    return this.#waiting.size
  }

  tell(subject: string, text: string): void {
    this.#waiting.set(subject, text)
    this.#flush()
  }

  /** Goes out in any case; `sent` is called once it has left this process, or never will. */
  reply(text: string, sent: () => void): void {
    this.#wire.send(text, () => {
      sent()
      this.#flush()
    })
  }

  #flush(): void {
    for (const [subject, text] of this.#waiting) {
      if (this.#wire.bufferedAmount >= highWaterBytes) return
      this.#waiting.delete(subject)
      this.#wire.send(text, () => this.#flush())
    }
  }
}
