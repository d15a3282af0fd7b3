// Electron's store for secrets, in the form that the habits take it: Keychain, DPAPI, GNOME Keyring or KWallet.

import { safeStorage } from 'electron'
import type { DesktopView } from '../../shared/desktop.ts'
import { describeStore, type Safe } from './habits/secret-platform.ts'
import { SecretStore, type SecretStoreOptions } from './habits/secrets.ts'

/** The asynchronous half: the other one is deprecated, and holds up the whole process while a keyring asks its owner. */
const safe: Safe = {
  isEncryptionAvailable: () => safeStorage.isAsyncEncryptionAvailable(),
  getSelectedStorageBackend: () => safeStorage.getSelectedStorageBackend(),
  encryptString: (plain) => safeStorage.encryptStringAsync(plain),
  decryptString: async (encrypted) => (await safeStorage.decryptStringAsync(encrypted)).result,
}

/** After Electron is ready. */
export const describeSecrets = (platform: NodeJS.Platform): Promise<DesktopView['secrets']> =>
  describeStore(safe, platform)

export const openSecrets = (options: Omit<SecretStoreOptions, 'safe'>): SecretStore =>
  new SecretStore({ ...options, safe })
