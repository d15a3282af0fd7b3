// What ~/.ssh/config and the system's ssh_config say of one machine: where it is, who logs in with which keys, which machines
// stand before it, and where its host key is looked up. Authority: ssh_config(5), readconf.c, ssh.c. What ssh would do and we
// cannot is an error where we would connect elsewhere or trust more than ssh does, else a note. The files are read and never
// written (ssh-config-file.ts).

import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { SshAddress } from './address.ts'
import { sshPort } from './known-hosts.ts'
import { readConfigFiles, type SshConfig } from './ssh-config-file.ts'
import {
  configArgument,
  configArguments,
  configError,
  configPort,
  configTimeMs,
  configYes,
  type ConfigLine,
} from './ssh-config-line.ts'
import { isNone, valuesFor, type ConfigValues } from './ssh-config-values.ts'
import { jumpsOf } from './ssh-jumps.ts'
import { expandPath, expandTokens, type PathTokens } from './ssh-tokens.ts'

export type SshSettings = {
  /** As it was asked for. */
  readonly address: SshAddress
  /** What to dial: a name or an address, in lower case. */
  readonly hostName: string
  readonly port: number
  readonly user: string
  /** What HostKeys are asked for: the HostKeyAlias with port 22 whatever the port is, else hostName and port. */
  readonly hostKeyName: { readonly host: string; readonly port: number }
  /** Private keys in the order in which they are tried. */
  readonly identityFiles: readonly string[]
  /** Whether the user named them; the usual ones need not be there. */
  readonly areIdentitiesNamed: boolean
  /** Nothing but these keys, also not others of the agent. */
  readonly identitiesOnly: boolean
  /** Socket of the agent, "none" for no agent; null where nothing is said of it. */
  readonly identityAgent: string | null
  /** Machines to go through, the nearest to here first. */
  readonly proxyJump: readonly SshAddress[]
  /** They need not be there; null where nothing is said of them. */
  readonly userKnownHostsFiles: readonly string[] | null
  readonly systemKnownHostsFiles: readonly string[] | null
  readonly connectTimeoutMs: number | null
  /** What of the files was passed over, in words. */
  readonly notes: readonly string[]
}

export type LocalSide = {
  readonly home: string
  /** Who sits here. Default: the system's answer. */
  readonly user?: string
  readonly environment?: Readonly<Record<string, string | undefined>>
}

export type SettingsOptions = LocalSide & {
  /** Reached through a machine that is named already: its own ProxyJump and ProxyCommand do not count, as with ssh -J. */
  readonly isBehindJump?: boolean
}

const usualIdentities = ['id_rsa', 'id_ecdsa', 'id_ed25519']
/** ssh would look up another name or know more keys; harmless here, since a key that is not known is asked for. */
const passedOver = ['canonicalizehostname', 'knownhostscommand', 'certificatefile', 'pkcs11provider', 'bindaddress']

/** `files`: the user's, then the system's. Rejects with `ssh-login`. */
export async function readSshConfig(
  files: string | readonly string[],
  address: SshAddress,
  options: SettingsOptions,
): Promise<SshSettings> {
  const config = await readConfigFiles(typeof files === 'string' ? [files] : files, options.home)
  return settingsFor(config, address, options)
}

/** What `address` names counts before the files. Throws `ssh-login` for what we cannot do as ssh would. */
export function settingsFor(config: SshConfig, address: SshAddress, options: SettingsOptions): SshSettings {
  const { home, user: localUser = userInfo().username, environment = {}, isBehindJump = false } = options
  const values = valuesFor(config, address.host)
  const { first } = values
  function valueOf<T>(keyword: string, read: (line: ConfigLine) => T): T | null {
    const line = first.get(keyword)
    return line === undefined ? null : read(line)
  }
  valueOf('revokedhostkeys', (line) => refuseRevocationList(line, address.host))
  const hostName = valueOf('hostname', (line) => hostNameOf(line, address.host)) ?? address.host.toLowerCase()
  const port = address.port ?? valueOf('port', configPort) ?? sshPort
  const user = address.user ?? valueOf('user', configArgument) ?? localUser
  const alias = valueOf('hostkeyalias', configArgument)?.toLowerCase() ?? null
  const tokens = {
    h: hostName,
    n: address.host,
    k: alias ?? address.host,
    p: String(port),
    r: user,
    u: localUser,
    d: home,
  }
  const paths: PathTokens = { tokens, home, environment }
  return {
    address,
    hostName,
    port,
    user,
    hostKeyName: alias === null ? { host: hostName, port } : { host: alias, port: sshPort },
    ...identitiesOf(values, paths),
    identitiesOnly: valueOf('identitiesonly', configYes) ?? false,
    identityAgent: valueOf('identityagent', (line) => agentOf(line, paths)),
    proxyJump: isBehindJump ? [] : jumpsOf(first, address.host),
    userKnownHostsFiles: valueOf('userknownhostsfile', (line) => listOf(line, (name) => expandPath(name, paths, line))),
    systemKnownHostsFiles: valueOf('globalknownhostsfile', (line) => listOf(line, (name) => name)),
    connectTimeoutMs: valueOf('connecttimeout', configTimeMs),
    notes: [...values.notes, ...notesOf(first)],
  }
}

/** Passed over, it would let in a key that ssh refuses. */
function refuseRevocationList(line: ConfigLine, host: string): void {
  if (isNone(configArgument(line))) return
  throw configError(
    line,
    `RevokedHostKeys is set for ${host}, and such a list is not read here`,
    'Write the revoked keys into known_hosts, each with @revoked before it, and switch the list off for this machine (RevokedHostKeys none).',
  )
}

function hostNameOf(line: ConfigLine, given: string): string {
  const host = expandTokens(configArgument(line), { h: given }, line)
  // What a shell or a terminal could misread is nobody's name (ssh.c ssh_valid_hostname).
  if (!/^[^-'`"$\\;&<>|(){},\s\p{Cc}][^'`"$\\;&<>|(){},\s\p{Cc}]*$/u.test(host))
    throw configError(line, `${JSON.stringify(host)} is not a host name`)
  return host.toLowerCase()
}

function identitiesOf(
  { identityFiles }: ConfigValues,
  paths: PathTokens,
): Pick<SshSettings, 'identityFiles' | 'areIdentitiesNamed'> {
  if (identityFiles.length === 0)
    return { identityFiles: usualIdentities.map((name) => join(paths.home, '.ssh', name)), areIdentitiesNamed: false }
  const named = identityFiles
    .map((line) => ({ line, text: configArgument(line) }))
    .filter(({ text }) => !isNone(text))
    .map(({ line, text }) => expandPath(text, paths, line))
  return { identityFiles: [...new Set(named)], areIdentitiesNamed: true }
}

function agentOf(line: ConfigLine, paths: PathTokens): string {
  const text = configArgument(line)
  if (isNone(text)) return 'none'
  const variable = text === 'SSH_AUTH_SOCK' ? text : /^\$([A-Za-z_]\w*)$/.exec(text)?.[1]
  return variable === undefined ? expandPath(text, paths, line) : paths.environment[variable] || 'none'
}

function listOf(line: ConfigLine, expand: (name: string) => string): readonly string[] {
  const names = configArguments(line)
  return names.length === 1 && isNone(names[0]!) ? [] : names.map(expand)
}

function notesOf(first: ConfigValues['first']): readonly string[] {
  return passedOver.flatMap((keyword) => {
    const line = first.get(keyword)
    if (line === undefined || /^(no|none)$/i.test(line.rest)) return []
    return [`${line.file}, line ${line.line}: ${keyword} is passed over`]
  })
}
