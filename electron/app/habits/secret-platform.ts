// Whether this platform has a store for secrets that is better than plain text. Electron encrypts on Linux without a keyring
// too, with a key that everybody knows ("basic_text"): that counts as none.

import type { DesktopView } from '../../../shared/desktop.ts'

type Awaitable<T> = T | Promise<T>

/** Electron's safeStorage, or its asynchronous half in these names. */
export type Safe = {
  /** Linux: ready and the key is there; macOS: the keychain is; Windows: ready. */
  readonly isEncryptionAvailable: () => Awaitable<boolean>
  /** Linux alone has it; "unknown" before the application is ready. */
  readonly getSelectedStorageBackend?: () => string
  readonly encryptString: (plain: string) => Awaitable<Uint8Array>
  readonly decryptString: (encrypted: Buffer) => Awaitable<string>
}

export type FoundStore = {
  /** In words; null: nothing is kept here. */
  readonly store: string | null
  /** Why not. */
  readonly hindrance: string | null
  /** What to do about it. */
  readonly next: string | null
}

const backends: Readonly<Record<string, string>> = {
  gnome_libsecret: 'GNOME Keyring',
  kwallet: 'KWallet',
  kwallet5: 'KWallet',
  kwallet6: 'KWallet',
}

const onLinux = 'Install and unlock GNOME Keyring or KWallet and start Venti Mirror again, or use an SSH agent.'

function without(hindrance: string, next: string): FoundStore {
  return { store: null, hindrance, next }
}

async function answers(safe: Safe): Promise<boolean> {
  try {
    return await safe.isEncryptionAvailable()
  } catch {
    return false
  }
}

export async function findStore(safe: Safe, platform: NodeJS.Platform): Promise<FoundStore> {
  const isAvailable = await answers(safe)
  if (platform === 'darwin') {
    if (isAvailable) return { store: 'the macOS keychain', hindrance: null, next: null }
    return without('the keychain cannot be used', 'Unlock the login keychain in Keychain Access, or use an SSH agent.')
  }
  if (platform === 'win32') {
    if (isAvailable) return { store: 'Windows data protection', hindrance: null, next: null }
    return without(
      'Windows data protection cannot be used',
      'Sign in again and start Venti Mirror again, or use an SSH agent.',
    )
  }
  const backend = safe.getSelectedStorageBackend?.() ?? 'unknown'
  const name = Object.hasOwn(backends, backend) ? backends[backend] : undefined
  if (name === undefined) return without('no keyring was found', onLinux)
  if (!isAvailable) return without(`${name} does not answer or is locked`, onLinux)
  return { store: name, hindrance: null, next: null }
}

/** What the settings say of it. */
export async function describeStore(safe: Safe, platform: NodeJS.Platform): Promise<DesktopView['secrets']> {
  const { store, hindrance, next } = await findStore(safe, platform)
  if (store !== null) return { store, hindrance: null }
  return { store: null, hindrance: `No secret is kept: ${hindrance}, so it would be plain text. ${next}` }
}
