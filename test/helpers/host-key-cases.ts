// What known_hosts may say of box.example, and what follows for its ed25519 key: one table for our own judge and for ssh.

import { ecdsaKey, ed25519Key, hashedName, hashedPortName, otherEd25519Key, rsaKey, textOf } from './host-keys.ts'

export type HostKeyCase = {
  readonly name: string
  /** The shown key is written KEY, another of its type OTHER, one of another type ECDSA. */
  readonly text: string
  readonly port?: number
  readonly verdict: 'known' | 'unknown' | 'changed' | 'revoked'
  /** Where ssh is content with less. */
  readonly ssh?: 'unknown'
}

export const hostKeyCases: readonly HostKeyCase[] = [
  { name: 'nothing', text: '', verdict: 'unknown' },
  { name: 'comments and empty lines', text: '# box.example KEY\n\n   \n', verdict: 'unknown' },
  { name: 'the key', text: 'box.example KEY', verdict: 'known' },
  {
    name: 'the key, with a comment, blanks, tabs and CR LF',
    text: '  box.example\t KEY  root@box\r\n',
    verdict: 'known',
  },
  { name: 'another host', text: 'other.example KEY', verdict: 'unknown' },
  { name: 'a name that only begins alike', text: 'box.example.org KEY', verdict: 'unknown' },
  { name: 'upper case', text: 'BOX.Example KEY', verdict: 'known' },
  { name: 'several names', text: 'one,box.example,192.0.2.1 KEY', verdict: 'known' },
  { name: 'the key has changed', text: 'box.example OTHER', verdict: 'changed' },
  { name: 'only a key of another type', text: 'box.example ECDSA', verdict: 'changed' },
  {
    name: 'several keys, one of them right',
    text: 'box.example ECDSA\nbox.example OTHER\nbox.example KEY',
    verdict: 'known',
  },
  { name: 'several keys, none of them right', text: 'box.example ECDSA\nbox.example OTHER', verdict: 'changed' },
  { name: 'a star', text: '*.example KEY', verdict: 'known' },
  { name: 'a star and another key', text: '*.example OTHER', verdict: 'changed' },
  { name: 'question marks', text: 'b?x.exampl? KEY', verdict: 'known' },
  { name: 'a question mark is one character', text: 'box.example? KEY', verdict: 'unknown' },
  { name: 'negated', text: '*.example,!box.example KEY', verdict: 'unknown' },
  { name: 'negated first', text: '!box.example,*.example OTHER', verdict: 'unknown' },
  { name: 'negated for another host', text: '!one.example,*.example KEY', verdict: 'known' },
  { name: 'negation alone', text: '!one.example KEY', verdict: 'unknown' },
  { name: 'hashed', text: `${hashedName} KEY`, verdict: 'known' },
  { name: 'hashed, changed', text: `${hashedName} OTHER`, verdict: 'changed' },
  { name: 'hashed with a port', text: `${hashedPortName} KEY`, verdict: 'unknown' },
  { name: 'hashed with the port', text: `${hashedPortName} KEY`, port: 2222, verdict: 'known' },
  { name: 'hashed and another name in one line', text: `${hashedName},box.example KEY`, verdict: 'unknown' },
  { name: 'the port', text: '[box.example]:2222 KEY', port: 2222, verdict: 'known' },
  { name: 'the port, changed', text: '[box.example]:2222 OTHER\nbox.example KEY', port: 2222, verdict: 'changed' },
  { name: 'another port', text: '[box.example]:2223 KEY', port: 2222, verdict: 'unknown' },
  { name: 'a port form does not say anything of port 22', text: '[box.example]:2222 OTHER', verdict: 'unknown' },
  { name: 'port 22 spelled out is not its name', text: '[box.example]:22 KEY', verdict: 'unknown' },
  { name: 'the plain name vouches for other ports', text: 'box.example KEY', port: 2222, verdict: 'known' },
  {
    name: 'the plain name says nothing else of other ports',
    text: 'box.example OTHER',
    port: 2222,
    verdict: 'unknown',
  },
  { name: 'a star over ports', text: '*box.example* OTHER', port: 2222, verdict: 'changed' },
  { name: 'revoked', text: '@revoked box.example KEY', verdict: 'revoked' },
  { name: 'revoked everywhere', text: '@revoked * KEY', port: 2222, verdict: 'revoked' },
  {
    name: 'revoked, whatever else is said',
    text: 'box.example KEY\n@revoked * KEY\nbox.example KEY',
    verdict: 'revoked',
  },
  { name: 'another key revoked', text: '@revoked * OTHER\nbox.example KEY', verdict: 'known' },
  { name: 'another key revoked, this one unknown', text: '@revoked box.example OTHER', verdict: 'unknown' },
  { name: 'revoked for another host', text: '@revoked other.example KEY\nbox.example KEY', verdict: 'known' },
  {
    name: 'revoked under the plain name',
    text: '@revoked box.example KEY',
    port: 2222,
    verdict: 'revoked',
    ssh: 'unknown',
  },
  { name: 'an authority vouches for no plain key', text: '@cert-authority *.example KEY', verdict: 'unknown' },
  {
    name: 'an authority and another key',
    text: '@cert-authority *.example KEY\nbox.example OTHER',
    verdict: 'changed',
  },
  { name: 'a marker nobody knows', text: '@trusted box.example OTHER', verdict: 'unknown' },
  { name: 'two markers', text: '@cert-authority @revoked box.example KEY', verdict: 'unknown' },
  { name: 'a line cut off in the key', text: 'box.example CUT', verdict: 'unknown' },
  { name: 'a line cut off before the key', text: 'box.example ssh-ed25519', verdict: 'unknown' },
  { name: 'a type that is not the key’s', text: `box.example ssh-rsa ${ed25519Key.base64}`, verdict: 'unknown' },
  { name: 'a key of protocol 1', text: 'box.example 1024 35 1234567890', verdict: 'unknown' },
  { name: 'a hash that is none', text: '|1|c2hvcnQ=|c2hvcnQ= OTHER', verdict: 'unknown' },
  { name: 'bad lines around a good one', text: 'x\nbox.example\n\0\nbox.example KEY\n@', verdict: 'known' },
]

/** The text of a case with the keys in it. */
export function knownHostsText({ text }: HostKeyCase, key: string = textOf(ed25519Key)): string {
  const words: Readonly<Record<string, string>> = {
    KEY: key,
    OTHER: textOf(otherEd25519Key),
    ECDSA: textOf(ecdsaKey),
    RSA: textOf(rsaKey),
    CUT: textOf(otherEd25519Key).slice(0, -8),
  }
  return text.replaceAll(/\b(KEY|OTHER|ECDSA|RSA|CUT)\b/g, (word) => words[word]!)
}
