// Private keys in files, offered as an agent offers its own: first the public half, and only when the server would take it
// is the private half read and, if it is locked, its passphrase asked for. So nobody is asked about a key that is of no use.
// Format of OpenSSH's own key files: PROTOCOL.key of openssh-portable.

import { readFile } from 'node:fs/promises'
import ssh2, { type IdentityCallback, type ParsedKey, type SignCallback, type SigningRequestOptions } from 'ssh2'
import { errnoOf } from '../errno.ts'
import type { SshQuestions } from './questions.ts'

const { BaseAgent, utils } = ssh2
const maxAttempts = 3
const maxKeyFileBytes = 64 * 1024

type KeyFile = {
  readonly path: string
  readonly text: Buffer
  readonly publicKey: ParsedKey
  privateKey: ParsedKey | null
}

function parsed(text: Buffer | string, passphrase?: string): ParsedKey | null {
  const key = utils.parseKey(text, passphrase) as ParsedKey | readonly ParsedKey[] | Error
  if (key instanceof Error) return null
  return Array.isArray(key) ? ((key as readonly ParsedKey[])[0] ?? null) : (key as ParsedKey)
}

/** The public half stands in the clear, also in a locked file. */
function publicHalfOf(text: Buffer): ParsedKey | null {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(text.toString('latin1'))?.[1]
  if (body === undefined) return null
  const bytes = Buffer.from(body, 'base64')
  const magic = 'openssh-key-v1\0'
  if (bytes.toString('latin1', 0, magic.length) !== magic) return null
  let at = magic.length
  const string = (): Buffer => {
    const length = bytes.readUInt32BE(at)
    at += 4 + length
    return bytes.subarray(at - length, at)
  }
  try {
    for (let skipped = 0; skipped < 3; skipped++) string()
    at += 4
    return parsed(string())
  } catch {
    return null
  }
}

export class KeyFiles extends BaseAgent<ParsedKey> {
  readonly #paths: readonly string[]
  readonly #machine: string
  readonly #questions: SshQuestions | null
  readonly #files: KeyFile[] = []
  #isRead = false
  /** What went wrong with a key, for the message when nobody lets us in. */
  readonly notes: string[] = []

  constructor(paths: readonly string[], machine: string, questions: SshQuestions | null) {
    super()
    this.#paths = paths
    this.#machine = machine
    this.#questions = questions
  }

  /** Public halves of the keys that can be offered. */
  async publicKeys(): Promise<readonly ParsedKey[]> {
    if (!this.#isRead) {
      this.#isRead = true
      for (const path of this.#paths) await this.#readFile(path)
    }
    return this.#files.map(({ publicKey }) => publicKey)
  }

  get pathsOffered(): readonly string[] {
    return this.#files.map(({ path }) => path)
  }

  override getIdentities(done: IdentityCallback<ParsedKey>): void {
    this.publicKeys().then(
      (keys) => done(undefined, [...keys]),
      (error: unknown) => done(error as Error),
    )
  }

  override sign(
    publicKey: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    const done = typeof options === 'function' ? options : callback
    const hash = typeof options === 'function' ? undefined : options.hash
    this.#unlocked(publicKey).then(
      (key) => {
        const signature = key.sign(data, hash) as Buffer | Error
        if (signature instanceof Error) done?.(signature)
        else done?.(null, signature)
      },
      (error: unknown) => done?.(error as Error),
    )
  }

  async #readFile(path: string): Promise<void> {
    let text: Buffer
    try {
      text = await readFile(path)
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') this.notes.push(`the key ${path} cannot be read (${errnoOf(error)})`)
      return
    }
    if (text.length > maxKeyFileBytes) {
      this.notes.push(`${path} is no key`)
      return
    }
    const open = parsed(text)
    if (open?.isPrivateKey() === true) {
      this.#files.push({ path, text, publicKey: open, privateKey: open })
      return
    }
    // Somebody may have named the public half, as for a key that only the agent has.
    const publicKey = publicHalfOf(text) ?? (await readFile(`${path}.pub`).then(parsed, () => null))
    if (publicKey !== null) this.#files.push({ path, text, publicKey, privateKey: null })
    else if (open === null) {
      const privateKey = await this.#ask(path, text).catch(() => null)
      if (privateKey !== null) this.#files.push({ path, text, publicKey: privateKey, privateKey })
    }
  }

  async #unlocked(publicKey: ParsedKey): Promise<ParsedKey> {
    const file = this.#files.find((one) => one.publicKey.getPublicSSH().equals(publicKey.getPublicSSH()))
    if (file === undefined) throw new Error('not one of these keys')
    file.privateKey ??= await this.#ask(file.path, file.text)
    return file.privateKey
  }

  async #ask(path: string, text: Buffer): Promise<ParsedKey> {
    const note = (what: string): Error => {
      if (!this.notes.includes(what)) this.notes.push(what)
      return new Error(what)
    }
    if (this.#questions === null) {
      throw note(
        `the key ${path} is locked, and there is nobody to ask for its passphrase (ssh-add puts it into the agent)`,
      )
    }
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const question = { kind: 'passphrase', machine: this.#machine, what: path, echo: false, attempt } as const
      const passphrase = await this.#questions.secret(question)
      if (passphrase === null) throw note(`no passphrase was given for the key ${path}`)
      const key = parsed(text, passphrase)
      if (key?.isPrivateKey() === true) return key
    }
    throw note(`the passphrase given for the key ${path} was wrong ${maxAttempts} times`)
  }
}
