// Addresses of machines reached over SSH, as people write them: ssh://[user@]host[:port]/path for something on their disks,
// ssh://[user@]host[:port]!HOST!SERVICE for a venti behind them. What is left out comes from ~/.ssh/config and the defaults
// of OpenSSH. Pure: nothing is looked up here. The path begins with the slash (/~/ is the login folder of the user).

import { AppError } from '../../../shared/errors.ts'
import { isIPv6 } from '../venti/client/ip-address.ts'

export type SshAddress = {
  readonly user: string | null
  /** A name or address, or an alias of ~/.ssh/config; IPv6 without brackets. */
  readonly host: string
  readonly port: number | null
}

export type SshPath = { readonly address: SshAddress; readonly path: string }

const scheme = 'ssh://'
const userPattern = /^[^\p{Cc}\s:@/!]{1,64}$/u
const hostPattern = /^[\p{L}\p{N}_][\p{L}\p{N}\p{M}_.-]{0,252}$/u

export function isSshText(text: string): boolean {
  return /^ssh:\/\//i.test(text)
}

function problemOf(text: string, problem: string): AppError {
  const shown = text.length > 120 ? `${text.slice(0, 120)}…` : text
  const data = {
    next: 'Write for example ssh://glenda@server.example/dev/sdb1 or ssh://glenda@server.example:2222/usr/venti/arenas',
  }
  return new AppError('ssh-address', `${JSON.stringify(withoutSecret(shown))}: ${problem}`, { data })
}

/** Somebody who writes a password into an address shall not find it in a log (R10 speaks of scores; this is no better). */
function withoutSecret(text: string): string {
  return text.replace(/^(ssh:\/\/[^:@/!]*):[^@/!]*@/i, '$1:…@')
}

function hostAndPort(text: string, authority: string): Pick<SshAddress, 'host' | 'port'> {
  const match = /^(\[[^\]]*\]|[^:[\]]*)(?::(\d{1,5}))?$/.exec(authority)
  if (match === null)
    throw problemOf(text, `${JSON.stringify(authority)} is not HOST or HOST:PORT (an IPv6 address as [::1])`)
  const [, given = '', service] = match
  const port = service === undefined ? null : Number(service)
  if (port !== null && (port === 0 || port > 0xffff)) throw problemOf(text, `${port} is not a port`)
  if (given.startsWith('[')) {
    const bare = given.slice(1, -1)
    if (!isIPv6(bare)) throw problemOf(text, `"${given}" is not an IPv6 address`)
    return { host: bare.toLowerCase(), port }
  }
  if (!hostPattern.test(given))
    throw problemOf(text, given === '' ? 'the host is missing' : `${JSON.stringify(given)} is not a host name`)
  return { host: given.toLowerCase(), port }
}

/** `[user@]host[:port]`; `text` is the whole of what was given, for the message. Rejects with ssh-address. */
export function parseSshAuthority(authority: string, text: string): SshAddress {
  const at = authority.lastIndexOf('@')
  const user = at < 0 ? null : authority.slice(0, at)
  if (user?.includes(':') === true) throw problemOf(text, 'a password does not belong into an address; it is asked for')
  if (user !== null && !userPattern.test(user)) throw problemOf(text, `${JSON.stringify(user)} is not a user name`)
  return { user, ...hostAndPort(text, authority.slice(at + 1)) }
}

/** Null for what does not begin with ssh://. Throws ssh-address for what does and is no path on a machine. */
export function parseSshPath(text: string): SshPath | null {
  if (!isSshText(text)) return null
  const rest = text.slice(scheme.length)
  const slash = rest.indexOf('/')
  if (slash < 0) throw problemOf(text, 'the path on that machine is missing')
  const path = rest.slice(slash)
  if (path.includes('\0')) throw problemOf(text, 'a zero byte is in it')
  if (path === '/' || path === '/~/') throw problemOf(text, 'the path on that machine is missing')
  return { address: parseSshAuthority(rest.slice(0, slash), text), path }
}

/** The same text for two spellings of one address. */
export function sshAddressText({ user, host, port }: SshAddress): string {
  const shownHost = host.includes(':') ? `[${host}]` : host
  return `${scheme}${user === null ? '' : `${user}@`}${shownHost}${port === null ? '' : `:${port}`}`
}

/** Another path on the same machine; relative ones count from the folder of this one. */
export function besideSshPath({ address, path }: SshPath, other: string): string {
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  return `${sshAddressText(address)}${other.startsWith('/') ? other : `${folder}${other}`}`
}

/** HOST, or HOST:PORT where it is not the usual one; without the user, who is not named before a key is found right. */
export function placeOf({ host, port }: { readonly host: string; readonly port: number }): string {
  const shown = host.includes(':') ? `[${host}]` : host
  return port === 22 ? shown : `${shown}:${port}`
}
