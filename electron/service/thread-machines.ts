// Machines reached over SSH by a thread of the service. Its questions go over the thread's port to the person who sits before
// the service's page, and passwords that were right go to the memory of the service and come from there, so that what was
// typed once is good for the session and not only for one sync.

import { receivedError, sentError, type SentError } from '../../shared/sent-error.ts'
import { cancelledError } from '../../shared/errors.ts'
import { LoginMemory } from '../engine/ssh/login-memory.ts'
import { Machines, setMachines } from '../engine/ssh/machines.ts'
import type { HostKeyQuestion, SecretQuestion, SshQuestions } from '../engine/ssh/questions.ts'
import { trustFilesFor } from '../engine/ssh/trust-file.ts'
import { defaultStateDir } from '../platform/paths.ts'
import type { ServiceOptions } from './context.ts'

/** What everybody in this process who logs in shares. */
export type MachineSession = { readonly questions: SshQuestions; readonly memory: LoginMemory }

type Reply = boolean | string | null
type Question = { readonly hostKey: HostKeyQuestion } | { readonly secret: SecretQuestion }
export type FromMachines =
  | { readonly asks: number; readonly question: Question }
  | { readonly withdraws: number }
  | { readonly remembers: readonly [machine: string, password: string] }
  | { readonly forgets: string }
export type ToMachines =
  { readonly answers: number; readonly reply: Reply } | { readonly answers: number; readonly error: SentError }

/** From now on this thread or process reaches machines so. The caller closes it. */
export function openMachines(
  { stateDir, environment, home }: Pick<ServiceOptions, 'stateDir' | 'environment' | 'home'>,
  session: MachineSession,
): Machines {
  const machines = new Machines({
    connector: async () => (await import('../engine/ssh/connect.ts')).connectSsh,
    ...session,
    ...trustFilesFor(stateDir, defaultStateDir({ platform: process.platform, environment, home })),
    environment,
    home,
  })
  setMachines(machines)
  return machines
}

export const isFromMachines = (message: object): message is FromMachines =>
  ['asks', 'withdraws', 'remembers', 'forgets'].some((name) => Object.hasOwn(message, name))

/** The service's end, one for each thread. */
export class MachineDesk {
  readonly #session: MachineSession
  readonly #send: (message: ToMachines) => void
  readonly #open = new Map<number, AbortController>()

  constructor(session: MachineSession, send: (message: ToMachines) => void) {
    this.#session = session
    this.#send = send
  }

  hear(message: FromMachines): void {
    if ('asks' in message) void this.#ask(message.asks, message.question)
    else if ('withdraws' in message) this.#open.get(message.withdraws)?.abort()
    else if ('remembers' in message) this.#session.memory.remember(...message.remembers)
    else this.#session.memory.forget(message.forgets)
  }

  /** The thread is gone: nobody waits for an answer. */
  close(): void {
    for (const stop of this.#open.values()) stop.abort()
  }

  async #ask(answers: number, question: Question): Promise<void> {
    const { questions } = this.#session
    const stop = new AbortController()
    this.#open.set(answers, stop)
    try {
      const reply =
        'hostKey' in question
          ? await questions.acceptHostKey(question.hostKey, stop.signal)
          : await questions.secret(question.secret, stop.signal)
      this.#send({ answers, reply })
    } catch (error) {
      if (!stop.signal.aborted) this.#send({ answers, error: sentError(error) })
    } finally {
      this.#open.delete(answers)
    }
  }
}

/** The thread's end. */
export class FarSession implements MachineSession {
  readonly memory: LoginMemory
  readonly questions: SshQuestions
  readonly #send: (message: FromMachines) => void
  readonly #waiting = new Map<number, (message: ToMachines) => void>()
  #last = 0

  /** `known`: what the service remembers. */
  constructor(known: LoginMemory['all'], send: (message: FromMachines) => void) {
    this.#send = send
    this.memory = new FarMemory(known, send)
    this.questions = {
      acceptHostKey: async (hostKey, signal) => (await this.#ask({ hostKey }, signal)) === true,
      secret: async (secret, signal) => {
        const reply = await this.#ask({ secret }, signal)
        return typeof reply === 'string' ? reply : null
      },
    }
  }

  hear(message: ToMachines): void {
    this.#waiting.get(message.answers)?.(message)
  }

  async #ask(question: Question, signal: AbortSignal | undefined): Promise<Reply> {
    if (signal?.aborted === true) throw cancelledError()
    const asks = ++this.#last
    let onAbort: () => void = () => undefined
    try {
      return await new Promise<Reply>((resolve, reject) => {
        this.#waiting.set(asks, (message) => {
          if ('reply' in message) resolve(message.reply)
          else reject(receivedError(message.error))
        })
        onAbort = () => {
          this.#send({ withdraws: asks })
          reject(cancelledError())
        }
        signal?.addEventListener('abort', onAbort)
        this.#send({ asks, question })
      })
    } finally {
      this.#waiting.delete(asks)
      signal?.removeEventListener('abort', onAbort)
    }
  }
}

class FarMemory extends LoginMemory {
  readonly #send: (message: FromMachines) => void

  constructor(known: LoginMemory['all'], send: (message: FromMachines) => void) {
    super(known)
    this.#send = send
  }

  override remember(machine: string, password: string): void {
    super.remember(machine, password)
    this.#send({ remembers: [machine, password] })
  }

  override forget(machine: string): void {
    super.forget(machine)
    this.#send({ forgets: machine })
  }
}
