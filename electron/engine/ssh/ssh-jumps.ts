// Machines to go through on the way to another: ProxyJump of ssh_config(5), and why there is no ProxyCommand. Authority:
// readconf.c parse_jump. Pure.

import { AppError } from '../../../shared/errors.ts'
import { parseSshAuthority, type SshAddress } from './address.ts'
import { configError, type ConfigLine } from './ssh-config-line.ts'
import { isNone, type ConfigValues } from './ssh-config-values.ts'

/** The nearest to here first. Throws `ssh-login` for a ProxyCommand: without it we would connect elsewhere than ssh does. */
export function jumpsOf(first: ConfigValues['first'], host: string): readonly SshAddress[] {
  const jump = first.get('proxyjump')
  const command = first.get('proxycommand')
  if (command !== undefined && !isNone(command.rest))
    throw configError(
      command,
      `${host} is reached through a ProxyCommand, and commands are not run here`,
      `Use ProxyJump instead of ProxyCommand for ${host} in ${command.file}; ssh understands both.`,
    )
  if (jump === undefined || isNone(jump.rest)) return []
  const list = jump.rest.replace(/#.*$/s, '').trim()
  return list.split(',').map((one) => jumpAddress(one, jump))
}

function jumpAddress(text: string, line: ConfigLine): SshAddress {
  const authority = text.replace(/^ssh:\/\/(.*?)\/?$/s, '$1')
  try {
    return parseSshAuthority(authority, `ssh://${authority}`)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    throw configError(line, `${JSON.stringify(text)} is not a machine to go through: ${error.message}`)
  }
}
