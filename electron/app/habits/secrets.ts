// Secrets in secrets.json of the state folder, each encrypted with a key that the platform's own store holds. Where there is
// no such store nothing is kept, rather than kept as plain text. No secret ever stands in an error, and none is its cause.

import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { AppError } from '../../../shared/errors.ts'
import { errnoOf } from '../../engine/errno.ts'
import { writeAtomically } from '../../engine/state/atomic-write.ts'
import { setAside } from '../../engine/state/mirror-file.ts'
import { findStore, type Safe } from './secret-platform.ts'

export type SecretStoreOptions = {
  /** secrets.json */
  readonly path: string
  readonly safe: Safe
  readonly platform: NodeJS.Platform
  readonly now: () => Date
  /** What went wrong without anything failing, in one sentence. */
  readonly say: (problem: string) => void
}

/** Chromium makes nothing of nothing, and does not take it back. */
const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/)
const saved = z.record(z.string(), base64)
type Saved = ReadonlyMap<string, string>

/** Begins with a letter, so that no name of Object.prototype is one. */
const nameForm = /^[A-Za-z][\w .:@!/-]{0,199}$/

export class SecretStore {
  readonly #options: SecretStoreOptions
  readonly #path: string
  /** One after the other: each change rewrites the whole file. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: SecretStoreOptions) {
    this.#options = options
    this.#path = options.path
  }

  /** Rejects with secret-refused where it would be plain text, with state-write where it cannot be saved. */
  async set(name: string, secret: string): Promise<void> {
    if (!nameForm.test(name)) throw new AppError('usage', 'this is no name for a secret')
    await this.#inTurn(async () => {
      const { store, hindrance, next } = await this.#find()
      if (store === null) throw refused(name, `${hindrance}, so it would be plain text`, next)
      let encrypted: Uint8Array
      try {
        encrypted = await this.#options.safe.encryptString(secret)
      } catch {
        // Its message is not ours, and might hold what it was given.
        throw refused(name, `${store} did not encrypt it`, 'Unlock it, then try again.')
      }
      const values = new Map(await this.#read())
      values.set(name, Buffer.from(encrypted).toString('base64'))
      await this.#write(values)
    })
  }

  /** Null: it was never kept, or cannot be read now, which is said; what is in the file stays there. */
  async get(name: string): Promise<string | null> {
    return await this.#inTurn(async () => {
      const value = (await this.#read()).get(name)
      if (value === undefined) return null
      if (value === '') return ''
      const { store, hindrance } = await this.#find()
      const { say, safe } = this.#options
      if (store === null) {
        say(`the secret ${name} cannot be read now: ${hindrance}. It stays in ${this.#path}`)
        return null
      }
      try {
        return await safe.decryptString(Buffer.from(value, 'base64'))
      } catch {
        say(
          `the secret ${name} cannot be decrypted: it was kept by another user, or ${store} was made anew. It stays in ${this.#path} until it is entered again`,
        )
        return null
      }
    })
  }

  /** Rejects with state-write. Needs no store. */
  async forget(name: string): Promise<void> {
    await this.#inTurn(async () => {
      const values = new Map(await this.#read())
      if (values.delete(name)) await this.#write(values)
    })
  }

  async names(): Promise<readonly string[]> {
    return await this.#inTurn(async () => [...(await this.#read()).keys()].toSorted())
  }

  #find(): ReturnType<typeof findStore> {
    const { safe, platform } = this.#options
    return findStore(safe, platform)
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work)
    this.#last = mine.catch(() => undefined)
    return mine
  }

  /** Rejects where the file is there and cannot be read: it must not be replaced by an empty one. */
  async #read(): Promise<Saved> {
    let text: string
    try {
      text = await readFile(this.#path, 'utf8')
    } catch (error) {
      const code = errnoOf(error)
      if (code === 'ENOENT') return new Map()
      throw new AppError('state-write', `the secrets in ${this.#path} cannot be read (${code})`, {
        data: { path: this.#path, safe: 'Nothing was changed.', next: 'See that this user may read and write it.' },
      })
    }
    try {
      return new Map(Object.entries(saved.parse(JSON.parse(text))))
    } catch {
      const kept = await setAside(this.#path, this.#options.now()).catch(() => this.#path)
      this.#options.say(`${this.#path} could not be understood; it is kept as ${kept}`)
      return new Map()
    }
  }

  async #write(values: Saved): Promise<void> {
    await writeAtomically(this.#path, `${JSON.stringify(Object.fromEntries(values), null, 1)}\n`)
  }
}

function refused(name: string, why: string, next: string | null): AppError {
  return new AppError('secret-refused', `the secret ${name} is not kept: ${why}`, {
    data: {
      safe: 'Nothing of it was written to disk; what was kept before is unchanged.',
      next: next ?? 'Enter it each time, or use an SSH agent.',
    },
  })
}
