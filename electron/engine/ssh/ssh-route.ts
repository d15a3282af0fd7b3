// The way to a machine: which ones to log in to, one through the other. As ssh goes: those of a ProxyJump line are reached as
// they stand there, and only the nearest one may have a ProxyJump of its own. Pure.

import { AppError } from '../../../shared/errors.ts'
import { sshAddressText, type SshAddress } from './address.ts'
import type { SshConfig } from './ssh-config-file.ts'
import { settingsFor, type LocalSide, type SshSettings } from './ssh-config.ts'

const maxMachines = 16

/** The machines to log in to in this order, the last of them `address` itself. Throws `ssh-login`. */
export function routeTo(config: SshConfig, address: SshAddress, local: LocalSide): readonly SshSettings[] {
  const route: SshSettings[] = [settingsFor(config, address, local)]
  for (;;) {
    const { proxyJump } = route[0]!
    if (proxyJump.length === 0) return route
    if (route.length + proxyJump.length > maxMachines) {
      const text = `the way to ${sshAddressText(address)} leads through more than ${maxMachines} machines: ProxyJump goes round in a circle`
      throw new AppError('ssh-login', text, { data: { next: 'Look at the ProxyJump lines of ~/.ssh/config.' } })
    }
    route.unshift(...proxyJump.map((jump, index) => settingsFor(config, jump, { ...local, isBehindJump: index > 0 })))
  }
}
