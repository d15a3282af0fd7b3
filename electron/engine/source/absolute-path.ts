// A path as it can be kept: the same place from any folder. One on another machine is absolute already.

import { resolve } from 'node:path'
import { parseSshPath, sshAddressText } from '../ssh/address.ts'

export function absoluteSpec(path: string): string {
  const remote = parseSshPath(path)
  return remote === null ? resolve(path) : `${sshAddressText(remote.address)}${remote.path}`
}
