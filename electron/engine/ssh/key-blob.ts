// Public keys as they travel and as known_hosts keeps them: length-prefixed fields, the first of which names the type.
// Authority: RFC 4253 section 6.6, RFC 5656, RFC 8709. Only the frame is checked, so that half a key is told from a key.

import { createHash } from 'node:crypto'

/** Fields of the types that exist: what is cut off between two fields is no key either. */
const fieldCounts: Readonly<Record<string, number>> = {
  'ssh-rsa': 3,
  'ssh-dss': 5,
  'ssh-ed25519': 2,
  'ecdsa-sha2-nistp256': 3,
  'ecdsa-sha2-nistp384': 3,
  'ecdsa-sha2-nistp521': 3,
  'sk-ssh-ed25519@openssh.com': 3,
  'sk-ecdsa-sha2-nistp256@openssh.com': 4,
}
const maxBlobBytes = 64 * 1024

/** The type, for example ssh-ed25519; null for what is no whole key. */
export function keyTypeOf(blob: Uint8Array): string | null {
  if (blob.length > maxBlobBytes) return null
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength)
  let type = ''
  let fields = 0
  let at = 0
  while (at < blob.length) {
    if (at + 4 > blob.length) return null
    const end = at + 4 + view.getUint32(at)
    if (end > blob.length) return null
    if (fields === 0) type = Buffer.from(blob.subarray(at + 4, end)).toString('latin1')
    fields++
    at = end
  }
  if (!/^[!-+\--~]{1,100}$/.test(type)) return null
  const expected = Object.hasOwn(fieldCounts, type) ? fieldCounts[type] : undefined
  return (expected === undefined ? fields > 1 : fields === expected) ? type : null
}

/** As ssh and ssh-keygen -l show it: SHA256: and base64 without padding. */
export function fingerprintOf(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}

/** The type as people call it: ED25519, ECDSA, RSA. */
export function keyTypeWord(type: string): string {
  const word = /^(?:sk-)?(?:ssh|ecdsa)(?:-sha2)?-(rsa|dss|ed25519|nistp\d+)/.exec(type)?.[1]
  if (word === undefined) return type
  return word.startsWith('nistp') ? 'ECDSA' : word === 'dss' ? 'DSA' : word.toUpperCase()
}

/** Signature algorithms of a key type: one type of key, ssh-rsa, signs in several ways. */
export function keyTypeOfAlgorithm(algorithm: string): string {
  return /^rsa-sha2-\d+$/.test(algorithm) ? 'ssh-rsa' : algorithm
}

/**
 * Host key algorithms to offer: those of known types first, so that a machine with several keys shows the one that is known
 * (as ssh does, sshconnect2.c order_hostkeyalgs). None is added and none is taken away.
 */
export function knownTypesFirst(algorithms: readonly string[], knownTypes: readonly string[]): string[] {
  const isKnown = (algorithm: string): boolean => knownTypes.includes(keyTypeOfAlgorithm(algorithm))
  return [...algorithms.filter(isKnown), ...algorithms.filter((algorithm) => !isKnown(algorithm))]
}
