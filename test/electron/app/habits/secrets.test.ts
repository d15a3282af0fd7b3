// Secrets are kept where the platform has a store for them, and nowhere else; no error and no line holds one.

import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeStore, type Safe } from '../../../../electron/app/habits/secret-platform.ts'
import { SecretStore } from '../../../../electron/app/habits/secrets.ts'
import { AppError } from '../../../../shared/errors.ts'
import { scratchDir } from '../../../helpers/scratch.ts'

const secret = 'correct horse battery staple'

/** As Electron's: it throws on what another key encrypted. */
function keyring(key: number, change: Partial<Safe> = {}): Safe {
  return {
    isEncryptionAvailable: () => true,
    getSelectedStorageBackend: () => 'gnome_libsecret',
    encryptString: (plain) =>
      plain === '' ? Buffer.alloc(0) : Buffer.from([key, ...Buffer.from(plain).map((byte) => byte ^ 0x55)]),
    decryptString: (encrypted) => {
      if (encrypted[0] !== key) throw new Error('Error while decrypting the ciphertext provided')
      return Buffer.from(encrypted.subarray(1).map((byte) => byte ^ 0x55)).toString()
    },
    ...change,
  }
}

function open(stateDir: string, safe: Safe, platform: NodeJS.Platform = 'linux') {
  const said: string[] = []
  const now = (): Date => new Date('2026-11-28T12:00:00.000Z')
  return {
    store: new SecretStore({
      path: join(stateDir, 'secrets.json'),
      safe,
      platform,
      now,
      say: (line) => void said.push(line),
    }),
    said,
  }
}

test('what is kept is there after a start, encrypted, for its owner alone', async () => {
  const stateDir = await scratchDir()
  const { store } = open(stateDir, keyring(1))
  // Together: none of them undoes another.
  await Promise.all([store.set('ssh glenda@attic', secret), store.set('other', 'x'), store.set('empty', '')])
  await store.forget('other')
  await store.forget('never was')
  const { store: again, said } = open(stateDir, keyring(1))
  const path = join(stateDir, 'secrets.json')
  const text = await readFile(path, 'utf8')
  expect([
    await again.names(),
    await again.get('ssh glenda@attic'),
    await again.get('empty'),
    await again.get('other'),
    await again.get('toString'),
    said,
    (await stat(path)).mode & 0o777,
    text.includes(secret) || text.includes(Buffer.from(secret).toString('base64')),
  ]).toEqual([['empty', 'ssh glenda@attic'], secret, '', null, null, [], 0o600, false])
})

const install = 'Install and unlock GNOME Keyring or KWallet and start Venti Mirror again, or use an SSH agent.'
const plain = (why: string, next: string): object => ({
  store: null,
  hindrance: `No secret is kept: ${why}, so it would be plain text. ${next}`,
})
const backend = (name: 'basic_text' | 'unknown' | 'kwallet6'): Partial<Safe> => ({
  getSelectedStorageBackend: () => name,
})
const unavailable: Partial<Safe> = { isEncryptionAvailable: () => false }
const broken: Partial<Safe> = { isEncryptionAvailable: () => Promise.reject(new Error('no bus')) }

test.each<readonly [string, NodeJS.Platform, Partial<Safe>, object]>([
  ['a keyring', 'linux', {}, { store: 'GNOME Keyring', hindrance: null }],
  ['a wallet', 'linux', backend('kwallet6'), { store: 'KWallet', hindrance: null }],
  ['a keychain', 'darwin', {}, { store: 'the macOS keychain', hindrance: null }],
  ['Windows', 'win32', {}, { store: 'Windows data protection', hindrance: null }],
  ['a key that everybody knows', 'linux', backend('basic_text'), plain('no keyring was found', install)],
  ['before it is known', 'linux', backend('unknown'), plain('no keyring was found', install)],
  ['a locked keyring', 'linux', unavailable, plain('GNOME Keyring does not answer or is locked', install)],
  ['a keyring that fails', 'linux', broken, plain('GNOME Keyring does not answer or is locked', install)],
  [
    'no keychain',
    'darwin',
    unavailable,
    plain('the keychain cannot be used', 'Unlock the login keychain in Keychain Access, or use an SSH agent.'),
  ],
  [
    'no data protection',
    'win32',
    unavailable,
    plain('Windows data protection cannot be used', 'Sign in again and start Venti Mirror again, or use an SSH agent.'),
  ],
])('%s', async (_name, platform, change, expected) => {
  expect(await describeStore(keyring(1, change), platform)).toEqual(expected)
})

const thrown = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const { code, message, data, cause } = error
    return { code, message, data, cause }
  }
}

test('where it would be plain text nothing is written, and the error says what to do', async () => {
  const stateDir = await scratchDir()
  const { store } = open(stateDir, keyring(1, backend('basic_text')))
  expect([await thrown(store.set('key', secret)), await store.names()]).toEqual([
    {
      code: 'secret-refused',
      message: 'the secret key is not kept: no keyring was found, so it would be plain text',
      data: { safe: 'Nothing of it was written to disk; what was kept before is unchanged.', next: install },
      cause: undefined,
    },
    [],
  ])
  await expect(stat(join(stateDir, 'secrets.json'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('an error of the platform that holds the secret goes no further, and one failure stops nothing after it', async () => {
  const encryptString = (text: string): Buffer => {
    if (text === secret) throw new Error(`cannot encrypt ${text}`)
    return Buffer.from(text)
  }
  const { store } = open(await scratchDir(), keyring(1, { encryptString }))
  const found = [await thrown(store.set('key', secret)), await thrown(store.set('__proto__', secret))]
  await store.set('other', 'x')
  expect([JSON.stringify(found).includes(secret), found, await store.names()]).toEqual([
    false,
    [
      {
        code: 'secret-refused',
        message: 'the secret key is not kept: GNOME Keyring did not encrypt it',
        data: {
          safe: 'Nothing of it was written to disk; what was kept before is unchanged.',
          next: 'Unlock it, then try again.',
        },
        cause: undefined,
      },
      { code: 'usage', message: 'this is no name for a secret', data: {}, cause: undefined },
    ],
    ['other'],
  ])
})

test('what cannot be decrypted any more is told and stays', async () => {
  const stateDir = await scratchDir()
  await open(stateDir, keyring(1)).store.set('key', secret)
  const path = join(stateDir, 'secrets.json')
  const before = await readFile(path, 'utf8')
  const anew = open(stateDir, keyring(2))
  const locked = open(stateDir, keyring(1, unavailable))
  expect([await anew.store.get('key'), anew.said, await locked.store.get('key'), locked.said]).toEqual([
    null,
    [
      `the secret key cannot be decrypted: it was kept by another user, or GNOME Keyring was made anew. It stays in ${path} until it is entered again`,
    ],
    null,
    [`the secret key cannot be read now: GNOME Keyring does not answer or is locked. It stays in ${path}`],
  ])
  expect(await readFile(path, 'utf8')).toBe(before)
})

test('a file that cannot be understood is set aside and told; one that cannot be read is not replaced', async () => {
  const stateDir = await scratchDir()
  const path = join(stateDir, 'secrets.json')
  await writeFile(path, '{"key":"not base64"}')
  const { store, said } = open(stateDir, keyring(1))
  const kept = `${path}.unreadable-2026-11-28T12-00-00-000Z`
  expect([await store.get('key'), said, await readFile(kept, 'utf8')]).toEqual([
    null,
    [`${path} could not be understood; it is kept as ${kept}`],
    '{"key":"not base64"}',
  ])
  const away = open(kept, keyring(1))
  await expect(away.store.set('key', secret)).rejects.toMatchObject({ code: 'state-write' })
})
