// How to prove to a machine who we are, in the order OpenSSH tries it: the agent, key files, what the server asks, a
// password. The server first says what it takes ("none" is asked for that); what it does not take is not tried, and nothing
// is asked of a person that could not help.

import ssh2, {
  type AnyAuthMethod,
  type AuthenticationType,
  type BaseAgent,
  type IdentityCallback,
  type ParsedKey,
  type Prompt,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2'
import { AppError, asAppError } from '../../../shared/errors.ts'
import { KeyFiles } from './key-files.ts'
import type { LoginMemory } from './login-memory.ts'
import type { SshQuestions } from './questions.ts'

const maxAttempts = 3

export type LoginAs = {
  /** For messages: USER@HOST. */
  readonly machine: string
  readonly user: string
  readonly keyFiles: readonly string[]
  /** Only keys named in the configuration, whatever else the agent has. */
  readonly identitiesOnly: boolean
  /** Socket of an agent; null: none. */
  readonly agentSocket: string | null
}

/** An agent that shows only some of its keys. */
class SomeKeys extends ssh2.BaseAgent<ParsedKey> {
  readonly #agent: BaseAgent
  readonly #files: KeyFiles

  constructor(agent: BaseAgent, files: KeyFiles) {
    super()
    this.#agent = agent
    this.#files = files
  }

  override getIdentities(done: IdentityCallback<ParsedKey>): void {
    void this.#files.publicKeys().then((wanted) => {
      const known = new Set(wanted.map((key) => key.getPublicSSH().toString('base64')))
      this.#agent.getIdentities((error, keys) => {
        const own = (keys ?? []) as ParsedKey[]
        if (error) done(error)
        else
          done(
            undefined,
            own.filter((key) => known.has(key.getPublicSSH().toString('base64'))),
          )
      })
    })
  }

  override sign(
    key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    if (typeof options === 'function') this.#agent.sign(key, data, options)
    else this.#agent.sign(key, data, options, callback)
  }
}

type Way = 'agent' | 'key files' | 'keyboard-interactive' | 'password'
const methodOf: Readonly<Record<Way, AuthenticationType>> = {
  agent: 'publickey',
  'key files': 'publickey',
  'keyboard-interactive': 'keyboard-interactive',
  password: 'password',
}

export class Login {
  readonly #as: LoginAs
  readonly #questions: SshQuestions | null
  readonly #memory: LoginMemory
  readonly #files: KeyFiles
  readonly #left: Way[]
  readonly #tried: string[] = []
  #accepted: readonly string[] | null = null
  #attempts = 0
  #given: string | null = null
  #agentFailed = false
  /** A person would rather not answer. */
  #gaveUp = false
  #knownTried: string | null = null
  /** A question came to no answer at all: nothing more is tried. */
  #stopped: AppError | null = null

  constructor(as: LoginAs, questions: SshQuestions | null, memory: LoginMemory) {
    this.#as = as
    this.#questions = questions === null ? null : this.#stoppable(questions)
    this.#memory = memory
    this.#files = new KeyFiles(as.keyFiles, as.machine, this.#questions)
    this.#left = [
      ...(as.agentSocket === null ? [] : (['agent'] as const)),
      'key files',
      'keyboard-interactive',
      'password',
    ]
  }

  /** The next thing to try; null: there is nothing left. `accepted`: what the server takes, null before it said so. */
  async next(accepted: readonly string[] | null): Promise<AnyAuthMethod | null> {
    const { user: username } = this.#as
    if (accepted === null) return { type: 'none', username }
    this.#accepted = accepted
    for (;;) {
      if (this.#stopped !== null) throw this.#stopped
      const way = this.#left[0]
      if (way === undefined) return null
      const method = accepted.includes(methodOf[way]) ? await this.#attempt(way) : null
      if (method !== null) return method
      this.#left.shift()
      this.#attempts = 0
    }
  }

  /** The agent could not be reached or would not sign. */
  agentFailed(): void {
    this.#agentFailed = true
  }

  /** It worked: what was typed may be used again for the next connection. */
  succeeded(): void {
    if (this.#given !== null) this.#memory.remember(this.#as.machine, this.#given)
  }

  /** Why nothing let us in. */
  failure(): AppError {
    const { machine, user } = this.#as
    const tried = this.#tried.length === 0 ? 'there was nothing to try' : `tried ${this.#tried.join(', ')}`
    const takes = this.#accepted === null ? '' : `; it takes ${this.#accepted.join(', ')}`
    const notes = [...this.#files.notes, ...(this.#agentFailed ? ['the SSH agent did not answer'] : [])]
    const why = notes.length === 0 ? '' : `. ${notes.map(capital).join('. ')}`
    const text = `${machine} does not let ${user} log in: ${tried}${takes}${why}`
    return new AppError('ssh-login', text, { data: { machine, user } })
  }

  #stoppable(questions: SshQuestions): SshQuestions {
    return {
      acceptHostKey: async (question) => await questions.acceptHostKey(question),
      secret: async (question) => {
        try {
          return await questions.secret(question)
        } catch (error) {
          this.#stopped ??= asAppError(error)
          return null
        }
      },
    }
  }

  async #attempt(way: Way): Promise<AnyAuthMethod | null> {
    const { user: username, agentSocket, identitiesOnly } = this.#as
    const first = this.#attempts++ === 0
    switch (way) {
      case 'agent': {
        if (!first || agentSocket === null) return null
        const agent = ssh2.createAgent(agentSocket)
        this.#tried.push('the keys of the SSH agent')
        return { type: 'agent', username, agent: identitiesOnly ? new SomeKeys(agent, this.#files) : agent }
      }
      case 'key files': {
        if (!first || (await this.#files.publicKeys()).length === 0) return null
        this.#tried.push(...this.#files.pathsOffered.map((path) => `the key ${path}`))
        return { type: 'agent', username, agent: this.#files }
      }
      case 'keyboard-interactive': {
        if (this.#questions === null || this.#attempts > maxAttempts || this.#gaveUp) return null
        if (first) this.#tried.push('what it asks for')
        return {
          type: 'keyboard-interactive',
          username,
          prompt: (name, instructions, _language, prompts, finish) =>
            void this.#answer([name, instructions], prompts).then(finish),
        }
      }
      case 'password': {
        const password = await this.#password(first)
        if (password === null) return null
        if (first) this.#tried.push('a password')
        this.#given = password
        return { type: 'password', username, password }
      }
    }
  }

  async #password(first: boolean): Promise<string | null> {
    const { machine } = this.#as
    const known = this.#remembered()
    if (known !== null) return known
    if (this.#questions === null || this.#attempts > maxAttempts || (this.#gaveUp && first)) return null
    return await this.#questions.secret({
      kind: 'password',
      machine,
      what: machine,
      echo: false,
      attempt: this.#attempts,
    })
  }

  /** Tried once: if it was wrong this time, it is wrong from now on. Others may log in with it meanwhile. */
  #remembered(): string | null {
    const { machine } = this.#as
    const known = this.#memory.password(machine)
    if (known === null) return null
    if (known === this.#knownTried) {
      this.#memory.forget(machine)
      return null
    }
    this.#knownTried = known
    return known
  }

  async #answer(said: readonly string[], prompts: readonly Prompt[]): Promise<string[]> {
    const answers: string[] = []
    for (const { prompt, echo } of prompts) {
      const words = printable([...said.filter((text) => text.trim() !== ''), prompt].join(' '))
      const known = echo === true || prompts.length !== 1 ? null : this.#remembered()
      if (known !== null) {
        this.#given = known
        answers.push(known)
        continue
      }
      const answer = this.#gaveUp
        ? null
        : await (this.#questions as SshQuestions).secret({
            kind: 'answer',
            machine: this.#as.machine,
            what: words,
            echo: echo === true,
            attempt: this.#attempts,
          })
      if (answer === null) this.#gaveUp = true
      else if (echo !== true && prompts.length === 1) this.#given = answer
      answers.push(answer ?? '')
    }
    return answers
  }
}

const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`

/** Words of a server may hold anything, also what a terminal takes for commands. */
function printable(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
    .slice(0, 500)
}
