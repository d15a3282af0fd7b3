// Questions of the engine about other machines (is this its key, what is the password), put before the page one at a time,
// in the order in which they came. Who asks the same thing at the same time gets the same answer. What was typed is kept
// nowhere but, of a key file's passphrase, in the memory of this session; it is in no picture and in no message.

import { randomUUID } from 'node:crypto'
import { AppError, cancelledError } from '../../shared/errors.ts'
import type { MachineAnswer, MachineQuestion, MachineQuestionView, QuestionId } from '../../shared/model/window.ts'
import type { HostKeyQuestion, SecretQuestion, SshQuestions } from '../engine/ssh/questions.ts'

/** A daily sync without anybody there must come to an end. */
export const patienceMs = 10 * 60_000

/** Calls `then` after so many milliseconds, unless what it returns is called before. */
export type After = (ms: number, then: () => void) => () => void

const usualAfter: After = (ms, then) => {
  const timer = setTimeout(then, ms)
  return () => clearTimeout(timer)
}

export type QuestionsOptions = {
  readonly nextSequence: () => number
  readonly tell: (view: MachineQuestionView) => void
  readonly after?: After
}

type Reply = boolean | string | null
type Unasked = MachineQuestion extends infer One ? (One extends MachineQuestion ? Omit<One, 'id'> : never) : never
type Waiter = { readonly resolve: (reply: Reply) => void; readonly reject: (error: AppError) => void }
type Entry = {
  readonly question: MachineQuestion
  /** Null: every one wants an answer of its own. */
  readonly key: string | null
  readonly waiters: Set<Waiter>
  readonly stopTimer: () => void
}

export class MachineQuestions implements SshQuestions {
  readonly #nextSequence: () => number
  readonly #tell: (view: MachineQuestionView) => void
  readonly #after: After
  /** The first is the one that is open. */
  #entries: readonly Entry[] = []
  #view: MachineQuestionView
  /** By the path of the key file: what was given last, until it proves wrong. */
  readonly #passphrases = new Map<string, string>()
  #onOpen: (() => void)[] = []
  #isClosed = false

  constructor({ nextSequence, tell, after = usualAfter }: QuestionsOptions) {
    this.#nextSequence = nextSequence
    this.#tell = tell
    this.#after = after
    this.#view = { sequence: nextSequence(), question: null, waiting: 0 }
  }

  get view(): MachineQuestionView {
    return this.#view
  }

  /** Resolves as soon as a question is open, at once where one is. */
  async whenOpen(): Promise<void> {
    if (this.#entries.length > 0) return
    await new Promise<void>((resolve) => this.#onOpen.push(resolve))
  }

  async acceptHostKey({ machine, keyType, fingerprint }: HostKeyQuestion, signal?: AbortSignal): Promise<boolean> {
    return (await this.#ask({ kind: 'host-key', machine, keyType, fingerprint }, signal)) === true
  }

  async secret({ kind, machine, what, echo, attempt }: SecretQuestion, signal?: AbortSignal): Promise<string | null> {
    if (kind === 'passphrase' && attempt > 1) this.#passphrases.delete(what)
    const reply = await this.#ask({ kind, machine, what, echo, attempt }, signal)
    return typeof reply === 'string' ? reply : null
  }

  /** Of the question that is open. Rejects with usage. */
  answer(id: QuestionId, answer: MachineAnswer): void {
    const [open] = this.#entries
    if (open?.question.id !== id) {
      throw new AppError('usage', 'this question is not open any more', {
        data: { safe: 'Nothing was sent.', next: 'If the machine is still needed, start again what needed it.' },
      })
    }
    const reply = replyTo(open.question, answer)
    if (open.question.kind === 'passphrase' && typeof reply === 'string')
      this.#passphrases.set(open.question.what, reply)
    this.#end(open, (waiter) => waiter.resolve(reply))
  }

  /** Whoever waits or comes later is told that it was cancelled. */
  close(): void {
    this.#isClosed = true
    for (const entry of this.#entries) this.#end(entry, (waiter) => waiter.reject(cancelledError()))
    this.#passphrases.clear()
  }

  async #ask(question: Unasked, signal: AbortSignal | undefined): Promise<Reply> {
    if (this.#isClosed || signal?.aborted === true) throw cancelledError()
    const known = this.#knownFor(question)
    if (known !== null) return known
    return await new Promise<Reply>((resolve, reject) => {
      const entry = this.#entryFor(question)
      const onAbort = (): void => {
        entry.waiters.delete(waiter)
        reject(cancelledError())
        if (entry.waiters.size === 0) this.#end(entry, () => undefined)
      }
      const done = (): void => signal?.removeEventListener('abort', onAbort)
      const waiter: Waiter = {
        resolve: (reply) => {
          done()
          resolve(reply)
        },
        reject: (error) => {
          done()
          reject(error)
        },
      }
      entry.waiters.add(waiter)
      signal?.addEventListener('abort', onAbort)
    })
  }

  #entryFor(question: Unasked): Entry {
    // What a machine asks may be for a code that is good once.
    const key = question.kind === 'answer' ? null : JSON.stringify(question)
    const same = key === null ? undefined : this.#entries.find((entry) => entry.key === key)
    if (same !== undefined) return same
    const entry: Entry = {
      question: { ...question, id: randomUUID() as string as QuestionId },
      key,
      waiters: new Set(),
      stopTimer: this.#after(patienceMs, () => this.#end(entry, (waiter) => waiter.reject(nobodyAnswered(question)))),
    }
    this.#entries = [...this.#entries, entry]
    this.#changed()
    return entry
  }

  #end(entry: Entry, settle: (waiter: Waiter) => void): void {
    entry.stopTimer()
    if (!this.#entries.includes(entry)) return
    this.#entries = this.#entries.filter((one) => one !== entry)
    for (const waiter of entry.waiters) settle(waiter)
    const [next] = this.#entries
    const known = next === undefined ? null : this.#knownFor(next.question)
    if (next !== undefined && known !== null) this.#end(next, (waiter) => waiter.resolve(known))
    else this.#changed()
  }

  #knownFor(question: Unasked): string | null {
    if (question.kind !== 'passphrase' || question.attempt > 1) return null
    return this.#passphrases.get(question.what) ?? null
  }

  #changed(): void {
    const [open] = this.#entries
    const waiting = Math.max(0, this.#entries.length - 1)
    this.#view = { sequence: this.#nextSequence(), question: open?.question ?? null, waiting }
    this.#tell(this.#view)
    if (open === undefined) return
    for (const met of this.#onOpen) met()
    this.#onOpen = []
  }
}

function replyTo({ kind }: MachineQuestion, answer: MachineAnswer): Reply {
  if (answer.kind === 'refuse') return kind === 'host-key' ? false : null
  if (kind === 'host-key' && answer.kind === 'accept') return true
  if (kind !== 'host-key' && answer.kind === 'text') return answer.text
  throw new AppError('usage', 'this is no answer to the question that is open')
}

function nobodyAnswered(question: Unasked): AppError {
  const { machine } = question
  const minutes = patienceMs / 60_000
  if (question.kind === 'host-key') {
    const { keyType, fingerprint } = question
    const text = `the key of ${machine} is not known yet: it shows the ${keyType} key ${fingerprint}. Nobody said within ${minutes} minutes whether that is right`
    return new AppError('ssh-host-key', text, { data: { machine, keyType, fingerprint, verdict: 'unknown' } })
  }
  const what = {
    passphrase: `nobody gave the passphrase of the key ${question.what}`,
    password: 'nobody gave the password',
    answer: 'nobody answered what the machine asked',
  }[question.kind]
  return new AppError('ssh-login', `${machine}: ${what} within ${minutes} minutes`, {
    data: {
      machine,
      next: 'Start it again while you are here, or load a key into the SSH agent (ssh-add): then nobody needs to be asked.',
    },
  })
}
