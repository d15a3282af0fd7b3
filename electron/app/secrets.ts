// Passwords and passphrases, kept by the platform: Keychain, DPAPI, GNOME Keyring or KWallet. Their encrypted bytes are in
// secrets.json of the state folder. Where the platform would keep them as plain text, nothing is kept, and that is said.

import { safeStorage } from 'electron'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { DesktopView } from '../../shared/desktop.ts'
import { AppError } from '../../shared/errors.ts'
import { writeAtomically } from '../engine/state/atomic-write.ts'

const saved = z.record(z.string(), z.base64())

const backendNames: Readonly<Record<string, string>> = {
  gnome_libsecret: 'GNOME Keyring',
  kwallet: 'KWallet',
  kwallet5: 'KWallet',
  kwallet6: 'KWallet',
}
const platformStores: Partial<Record<NodeJS.Platform, string>> = { darwin: 'Keychain', win32: 'Windows (DPAPI)' }

/** After Electron is ready. */
export async function describeSecrets(platform: NodeJS.Platform): Promise<DesktopView['secrets']> {
  const isAvailable = await safeStorage.isAsyncEncryptionAvailable()
  const store = platform === 'linux' ? backendNames[safeStorage.getSelectedStorageBackend()] : platformStores[platform]
  if (isAvailable && store !== undefined) return { store, hindrance: null }
  return {
    store: null,
    hindrance:
      platform === 'linux'
        ? 'No keyring is open, and they would be kept as plain text: install and unlock GNOME Keyring or KWallet, or use an SSH agent.'
        : 'The system’s own store for passwords cannot be used, so none is kept.',
  }
}

export class SecretStore {
  readonly #path: string
  readonly #platform: NodeJS.Platform

  constructor(path: string, platform: NodeJS.Platform) {
    this.#path = path
    this.#platform = platform
  }

  /** Rejects with secret-refused where it would be plain text, and with state-write. */
  async set(name: string, secret: string): Promise<void> {
    const { hindrance } = await describeSecrets(this.#platform)
    if (hindrance !== null) {
      throw new AppError('secret-refused', `the secret ${name} is not kept`, {
        data: { name, safe: 'Nothing was written.', next: hindrance },
      })
    }
    const sealed = await safeStorage.encryptStringAsync(secret)
    await this.#write({ ...(await this.#read()), [name]: sealed.toString('base64') })
  }

  /** Null: there is none, or the platform cannot open it any more; it is asked for again then. */
  async get(name: string): Promise<string | null> {
    const sealed = (await this.#read())[name]
    if (sealed === undefined) return null
    try {
      const { result } = await safeStorage.decryptStringAsync(Buffer.from(sealed, 'base64'))
      return result
    } catch {
      return null
    }
  }

  async forget(name: string): Promise<void> {
    const { [name]: gone, ...others } = await this.#read()
    if (gone !== undefined) await this.#write(others)
  }

  async #read(): Promise<Readonly<Record<string, string>>> {
    try {
      return saved.parse(JSON.parse(await readFile(this.#path, 'utf8')))
    } catch {
      return {}
    }
  }

  async #write(secrets: Readonly<Record<string, string>>): Promise<void> {
    await writeAtomically(this.#path, `${JSON.stringify(secrets)}\n`)
  }
}
