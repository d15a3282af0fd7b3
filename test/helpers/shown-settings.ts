// Settings as ssh -G names them, those that a case of ssh-config-cases.ts speaks of.

import type { SshSettings } from '../../electron/engine/ssh/ssh-config.ts'
import { sshAddressText } from '../../electron/engine/ssh/address.ts'
import type { SshConfigCase } from './ssh-config-cases.ts'

type Expected = SshConfigCase['expected']

/** HOME and USER of a case filled in. */
export function expectedSettings(expected: Expected, home: string, user: string): Expected {
  return JSON.parse(JSON.stringify(expected).replaceAll('HOME', home).replaceAll('USER', user)) as Expected
}

/** Those that are in `asked`. */
export function shownSettings(found: SshSettings, asked: Expected): Expected {
  const all: Required<Expected> = {
    hostname: found.hostName,
    user: found.user,
    port: found.port,
    identityfile: found.identityFiles,
    proxyjump: found.proxyJump.map((hop) => sshAddressText(hop).replace('ssh://', '')).join(','),
    connecttimeout: (found.connectTimeoutMs ?? 0) / 1000,
    identitiesonly: found.identitiesOnly,
    hostkeyalias: found.hostKeyName.host,
    userknownhostsfile: found.userKnownHostsFiles ?? [],
  }
  return Object.fromEntries(Object.entries(all).filter(([key]) => Object.hasOwn(asked, key)))
}
