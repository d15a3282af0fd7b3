// The fingerprint of a public key in the form of authorized_keys, as ssh-keygen -lf prints it.

import { createHash } from 'node:crypto'

export function fingerprintOf(line: string): string {
  const blob = Buffer.from(line.split(' ')[1] ?? '', 'base64')
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}
