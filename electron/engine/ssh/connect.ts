// One SSH connection, from the first byte to "logged in". The host key is judged before anything else is sent (ssh2 takes any
// key by default), a key nobody vouches for is put before a person, and what was accepted is kept only after the machine has
// proved that it owns it. Old algorithms (SHA-1, CBC, DSA) are not offered.

import net from 'node:net'
import type { Duplex } from 'node:stream'
import ssh2, { type Algorithms, type AnyAuthMethod, type Client, type ServerHostKeyAlgorithm } from 'ssh2'
import { AppError, cancelledError } from '../../../shared/errors.ts'
import { errnoOf } from '../errno.ts'
import { placeOf } from './address.ts'
import { gatherWrites } from './gather-writes.ts'
import { refusedHostKey } from './host-key-refusal.ts'
import type { HostKeys } from './host-keys.ts'
import { keyTypeWord, knownTypesFirst } from './key-blob.ts'
import { Login, type LoginAs } from './login.ts'
import type { LoginMemory } from './login-memory.ts'
import type { HostKeyQuestion, SshQuestions } from './questions.ts'

export type Destination = LoginAs & {
  /** Where the packets go; not used behind a hop. */
  readonly host: string
  readonly port: number
  /** What its key is looked up under. */
  readonly hostKeyName: { readonly host: string; readonly port: number }
}

export type ConnectOptions = {
  readonly hostKeys: HostKeys
  readonly questions: SshQuestions | null
  /** Keep a key nobody vouches for without asking. Never a changed one. */
  readonly acceptNew: boolean
  readonly memory: LoginMemory
  /** A stream that leads there, through another machine; null: connect from here. */
  readonly through: Duplex | null
  readonly signal?: AbortSignal | undefined
  /** Without an answer, the time a person thinks not counted. Default 15 s. */
  readonly timeoutMs?: number | undefined
}

const defaultTimeoutMs = 15_000
/** Whatever it was wanted for: a source, a 9fat or the way to a venti. */
const unreached = {
  safe: 'Nothing on that machine was changed, and what targets have confirmed is kept.',
  next: 'See whether "ssh" logs in to it from here, then run this again.',
}
/** Four lost in a row: a machine that is gone is noticed within a minute and a quarter. */
const keepAlive = { keepaliveInterval: 15_000, keepaliveCountMax: 4 }

const hostKeyAlgorithms: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
]

const algorithms: Algorithms = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
  ],
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'chacha20-poly1305@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
  ],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  compress: ['none'],
}

/**
 * Resolves with a client that is logged in; its owner ends it. Rejects with `connect-failed`, `connect-timeout`,
 * `ssh-host-key`, `ssh-login` or `cancelled`.
 */
export async function connectSsh(to: Destination, options: ConnectOptions): Promise<Client> {
  const { host, port } = to.hostKeyName
  const knownTypes = await options.hostKeys.knownTypes(host, port)
  if (options.signal?.aborted === true) throw cancelledError()
  const attempt = new Attempt(to, options)
  return await attempt.run(knownTypesFirst(hostKeyAlgorithms, knownTypes) as ServerHostKeyAlgorithm[])
}

class Attempt {
  readonly #to: Destination
  readonly #options: ConnectOptions
  readonly #questions: SshQuestions | null
  readonly #client: Client = new ssh2.Client()
  readonly #login: Login
  readonly #timeoutMs: number
  /** However it ends: nobody needs to answer any more then. */
  readonly #over = new AbortController()
  /** A person is being asked. */
  #isAsking = false
  #keeping: Promise<void> = Promise.resolve()
  /** Accepted and shown so far in this connection: asked once, also when keys are exchanged anew. */
  #accepted: Buffer | null = null
  #isNew = false
  #timer: NodeJS.Timeout | null = null
  #fail: (error: unknown) => void = () => undefined

  constructor(to: Destination, options: ConnectOptions) {
    this.#to = to
    this.#options = options
    this.#questions = options.questions === null ? null : this.#patient(options.questions)
    this.#login = new Login(to, this.#questions, options.memory)
    this.#timeoutMs = options.timeoutMs ?? defaultTimeoutMs
  }

  async run(serverHostKey: ServerHostKeyAlgorithm[]): Promise<Client> {
    const { through, signal } = this.#options
    const { host, port } = this.#to
    const client = this.#client
    const sock = gatherWrites(
      through ?? net.connect({ host, port, noDelay: true, autoSelectFamilyAttemptTimeout: 1_500 }),
    )
    const onAbort = (): void => this.#fail(cancelledError())
    try {
      await new Promise<void>((resolve, reject) => {
        this.#fail = reject
        signal?.addEventListener('abort', onAbort)
        this.#startTimer()
        client.once('ready', resolve)
        client.on('error', (error: Error & { level?: string }) => {
          // Signing with one key failed; the next one is tried.
          if (error.level === 'agent') this.#login.agentFailed()
          else reject(this.#explained(error))
        })
        client.once('close', () => reject(this.#explained(new Error('it ended the connection'))))
        client.once('handshake', () => {
          this.#keeping = this.#keepAccepted()
        })
        client.connect({
          sock,
          username: this.#to.user,
          readyTimeout: 0,
          ...keepAlive,
          algorithms: { ...algorithms, serverHostKey },
          hostVerifier: (key: Buffer, verify: (isValid: boolean) => void): void => {
            // When all is over ssh2 has nothing left to take an answer with.
            const tell = (isValid: boolean): void => {
              if (!this.#over.signal.aborted) verify(isValid)
            }
            this.#judge(key).then(tell, (error: unknown) => {
              reject(error)
              tell(false)
            })
          },
          authHandler: (
            left: readonly string[] | null,
            _partial: boolean,
            next: (method: AnyAuthMethod) => void,
          ): void => {
            void this.#login.next(left).then((method) => {
              if (method === null) reject(this.#login.failure())
              else next(method)
            }, reject)
          },
        })
      })
      this.#login.succeeded()
      return client
    } catch (error) {
      client.on('error', () => undefined)
      client.destroy()
      sock.destroy()
      throw error
    } finally {
      this.#over.abort()
      this.#stopTimer()
      signal?.removeEventListener('abort', onAbort)
      // On disk also where logging in came to nothing: it was accepted.
      await this.#keeping
    }
  }

  /** True, or rejects with why not: nothing but key exchange has been sent so far. */
  async #judge(key: Buffer): Promise<true> {
    const { hostKeys, acceptNew } = this.#options
    const questions = this.#questions
    const { host, port } = this.#to.hostKeyName
    if (this.#accepted !== null && key.equals(this.#accepted)) return true
    const verdict = await hostKeys.judge(host, port, key)
    if (verdict.kind === 'changed' || verdict.kind === 'revoked') throw refusedHostKey(placeOf(this.#to), verdict)
    if (verdict.kind === 'unknown' && !acceptNew) {
      const { fingerprint } = verdict
      const question = { machine: placeOf(this.#to), keyType: keyTypeWord(verdict.keyType), fingerprint }
      const isAccepted = questions !== null && (await questions.acceptHostKey(question))
      if (!isAccepted) throw notAccepted(question, questions !== null)
    }
    this.#isNew = verdict.kind === 'unknown'
    this.#accepted = key
    return true
  }

  async #keepAccepted(): Promise<void> {
    if (!this.#isNew || this.#accepted === null) return
    this.#isNew = false
    try {
      const { host, port } = this.#to.hostKeyName
      await this.#options.hostKeys.trust(host, port, this.#accepted)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Asks as long as the attempt lasts, and no time runs meanwhile: keys and answers are asked for in the middle of a try. */
  #patient(questions: SshQuestions): SshQuestions {
    const { signal } = this.#over
    return {
      acceptHostKey: async (question) =>
        await this.#waitingFor(async () => await questions.acceptHostKey(question, signal)),
      secret: async (question) => await this.#waitingFor(async () => await questions.secret(question, signal)),
    }
  }

  /** A person may take as long as he likes. */
  async #waitingFor<T>(work: () => Promise<T>): Promise<T> {
    this.#stopTimer()
    this.#isAsking = true
    try {
      return await work()
    } finally {
      this.#isAsking = false
      if (!this.#over.signal.aborted) this.#startTimer()
    }
  }

  #startTimer(): void {
    this.#stopTimer()
    const { machine } = this.#to
    this.#timer = setTimeout(() => {
      const text = `${machine}: no answer within ${this.#timeoutMs} ms; is the machine on, and does a firewall drop the port?`
      this.#fail(new AppError('connect-timeout', text, { data: { machine, timeoutMs: this.#timeoutMs, ...unreached } }))
    }, this.#timeoutMs)
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #explained(error: Error & { level?: string }): AppError {
    const { machine, host, port } = this.#to
    const data = { machine, host, port, errno: errnoOf(error) }
    if (error.level === 'client-authentication') return this.#login.failure()
    if (this.#isAsking) {
      // To try again would only ask again.
      const text = `${machine} ended the connection before the question was answered (machines usually give two minutes for logging in)`
      return new AppError('ssh-login', text, { data, cause: error })
    }
    const noCommon = /no matching (.*)$/.exec(error.message)?.[1]
    if (noCommon !== undefined) {
      const text = `${machine}: it offers no ${noCommon} that is still safe; its SSH server is too old, or was told to use old methods only`
      return new AppError('ssh-refused', text, { data, cause: error })
    }
    const where = `${machine}: cannot log in at host ${host} port ${port}`
    return new AppError('connect-failed', `${where}: ${wordsFor(error)}`, {
      data: { ...data, ...unreached },
      cause: error,
    })
  }
}

function notAccepted({ machine, keyType, fingerprint }: HostKeyQuestion, wasAsked: boolean): AppError {
  const why = wasAsked
    ? 'It was not accepted'
    : 'Nobody was there to ask: log in once from a terminal or the window, or, if you know it to be right, run this once with --accept-new'
  const text = `the key of ${machine} is not known yet: it shows the ${keyType} key ${fingerprint}. ${why}`
  return new AppError('ssh-host-key', text, { data: { machine, keyType, fingerprint, verdict: 'unknown' } })
}

const advice: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; does its SSH server run, and is it the right port?',
  ENOTFOUND: 'the host name is not known; check the spelling, or write the IP address',
  EAI_AGAIN: 'the name service does not answer; check the network, or write the IP address',
  EHOSTUNREACH: 'the host cannot be reached; is it switched on and on this network?',
  ENETUNREACH: 'the network cannot be reached; is this machine connected?',
  ETIMEDOUT: 'no answer; is the machine on, and does a firewall drop the port?',
  ECONNRESET: 'it ended the connection at once; does an SSH server listen there?',
}

function wordsFor(error: Error): string {
  const code = errnoOf(error)
  const known = advice[code]
  return known === undefined ? error.message : `${known} (${code})`
}
