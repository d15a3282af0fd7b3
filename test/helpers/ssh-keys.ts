// Key pairs for tests of SSH. About three in a thousand that ssh2 makes cannot be read again by itself: those are made anew.

import ssh2 from 'ssh2'

export type SshKeyPair = { readonly private: string; readonly public: string }

export type SshKeyOptions = { readonly type?: 'ed25519' | 'rsa'; readonly passphrase?: string }

/** In the form of OpenSSH; the public half as one line. */
export function sshKeyPair({ type = 'ed25519', passphrase }: SshKeyOptions = {}): SshKeyPair {
  const lock = passphrase === undefined ? {} : { passphrase, cipher: 'aes256-ctr', rounds: 4 }
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync(type as 'ed25519', { bits: 2048, ...lock } as never)
    const keys = [ssh2.utils.parseKey(pair.private, passphrase), ssh2.utils.parseKey(pair.public)]
    if (keys.every((key) => !(key instanceof Error))) return pair
  }
}
