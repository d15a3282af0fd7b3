// Dial strings as Plan 9 people write them: network!host!service and its short forms. Authority: venti(7), dial(2),
// lib9 netmkaddr.c and venti-protocol.md §6. Pure: names are not resolved here. The canonical text names a server in
// every message and in the state, so two spellings of one address give the same text wherever that needs no network.
// A form of our own: ssh://[user@]host[:port]!HOST!SERVICE, a venti reached through that machine and seen from there.

import { AppError } from '../../../../shared/errors.ts'
import { isSshText, parseSshAuthority, sshAddressText, type SshAddress } from '../../ssh/address.ts'
import { expandIPv4, isIPv6, looksNumeric } from './ip-address.ts'

export const ventiPort = 17034

export type Dial =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly text: string }
  | { readonly kind: 'unix'; readonly path: string; readonly text: string }
  /** Through a machine logged in to over SSH: what stands behind the address is called from there. */
  | {
      readonly kind: 'ssh'
      readonly hop: SshAddress
      readonly host: string
      readonly port: number
      readonly text: string
    }

export type Environment = Readonly<Record<string, string | undefined>>

type Fail = (problem: string) => AppError

const networks = new Set(['tcp', 'net', 'unix', 'udp', 'il'])

/** A server to call. `$venti` is looked up in `env`. */
export function parseDial(given: string, env: Environment = {}): Dial {
  return parse(given, env, false)
}

/** An address to serve on: host `*` is every interface, port 0 is any free one. */
export function parseListenDial(given: string, env: Environment = {}): Dial {
  return parse(given, env, true)
}

function parse(given: string, env: Environment, listening: boolean): Dial {
  const example = listening ? 'tcp!*!venti or 127.0.0.1:17034' : 'tcp!192.168.1.5!17034 or just a host name'
  const shown = given.length > 80 ? `${given.slice(0, 80)}…` : given
  const fail: Fail = (problem) =>
    new AppError('dial-string', `dial string ${JSON.stringify(shown)}: ${problem}; expected for example ${example}`)

  const text = resolveVariable(given.trim(), env, fail)
  if (text === '') throw fail('nothing is there')
  if (/\p{Cc}/u.test(text)) throw fail('a control character is in it')

  if (isSshText(text)) return sshDial(text, listening, fail)
  const parts = text.split('!')
  const first = parts[0]!
  if (parts.length === 1) {
    // plan9port takes the name of an existing file for a Unix socket; no host name begins with a slash.
    return text.startsWith('/') ? unixDial(text, fail) : tcpDial(...splitColon(text, listening, fail), listening, fail)
  }

  // On Plan 9 the network may be a directory such as /net.alt/tcp: a second IP stack there, plain tcp here.
  const network = first.slice(first.lastIndexOf('/') + 1)
  const known = networks.has(network)
  if (known && network === 'unix') return unixDial(parts.slice(1).join('!'), fail)
  if (known && network !== 'tcp' && network !== 'net') {
    throw fail(`venti is reached over tcp, not over ${network}`)
  }
  if (known && parts.length === 2) return tcpDial(parts[1]!, 'venti', listening, fail)
  if (!known && parts.length === 2 && !first.includes('/')) return tcpDial(first, parts[1]!, listening, fail)
  if (!known) throw fail(`"${first}" is no network this program knows (tcp, net, unix)`)
  if (parts.length > 3) throw fail(`${parts.length} parts, at most network!host!service are used`)
  return tcpDial(parts[1]!, parts[2]!, listening, fail)
}

function sshDial(text: string, listening: boolean, fail: Fail): Dial {
  if (listening) throw fail('a server listens on an address of this machine')
  const [authority = '', ...behind] = text.slice('ssh://'.length).split('!')
  if (authority.includes('/')) throw fail('a path is for sources; a venti is ssh://user@host!HOST!SERVICE')
  const [host, service = 'venti', ...more] = behind
  if (host === undefined || more.length > 0)
    throw fail('expected ssh://user@host!HOST!SERVICE, HOST as seen from that machine')
  const hop = parseSshAuthority(authority, text)
  const { host: far, port } = tcpDial(host, service, false, fail)
  return { kind: 'ssh', hop, host: far, port, text: `${sshAddressText(hop)}!${far}!${port}` }
}

function resolveVariable(text: string, env: Environment, fail: Fail): string {
  if (!text.startsWith('$')) return text
  if (text !== '$venti') throw fail('only the variable $venti is known')
  const value = env['venti']?.trim() ?? ''
  if (value === '') throw fail('the environment variable venti is not set; set it, or name the server here')
  if (value.startsWith('$')) throw fail(`the environment variable venti is set to ${JSON.stringify(value)}`)
  return value
}

/** host, host:port, [v6], [v6]:port or a bare v6 literal, as host and service. */
function splitColon(text: string, listening: boolean, fail: Fail): [host: string, service: string] {
  const bracketed = /^(\[[^\]]*\])(?::(.*))?$/.exec(text)
  if (bracketed) return [bracketed[1]!, bracketed[2] ?? 'venti']
  const colon = text.indexOf(':')
  if (colon < 0) return [text, 'venti']
  if (colon === text.lastIndexOf(':')) {
    const host = text.slice(0, colon)
    return [host === '' && listening ? '*' : host, text.slice(colon + 1)]
  }
  if (isIPv6(text)) return [text, 'venti']
  throw fail('more than one colon; write an IPv6 address with a port as [::1]:17034')
}

function tcpDial(givenHost: string, service: string, listening: boolean, fail: Fail): Extract<Dial, { kind: 'tcp' }> {
  const host = hostOf(givenHost, listening, fail)
  const port = portOf(service, listening, fail)
  return { kind: 'tcp', host, port, text: `tcp!${host}!${port}` }
}

function unixDial(path: string, fail: Fail): Dial {
  if (path === '') throw fail('no path after unix!')
  return { kind: 'unix', path, text: `unix!${path}` }
}

function portOf(service: string, listening: boolean, fail: Fail): number {
  if (service === 'venti') return ventiPort
  const isNumber = /^(\d{1,5}|0x[0-9a-f]{1,4})$/i.test(service)
  if (!isNumber) throw fail(`service ${JSON.stringify(service)} is neither "venti" nor a port number`)
  const port = Number(service)
  if (port > 0xffff) throw fail(`port ${port} is above 65535`)
  if (port === 0 && !listening) throw fail('port 0 cannot be called')
  return port
}

function hostOf(given: string, listening: boolean, fail: Fail): string {
  if (given === '') throw fail('the host is missing')
  if (given === '*') {
    if (listening) return '*'
    throw fail('host * is for listening only; name the server to call')
  }
  const bare = given.startsWith('[') && given.endsWith(']') ? given.slice(1, -1) : given
  if (bare.includes(':') || bare !== given) {
    if (!isIPv6(bare)) throw fail(`"${given}" is not an IPv6 address`)
    return bare.toLowerCase()
  }
  if (looksNumeric(given)) {
    const expanded = expandIPv4(given)
    if (expanded.address === null) throw fail(`"${given}" is no IPv4 address: ${expanded.problem}`)
    return expanded.address
  }
  if (given.length > 253 || !/^[\p{L}\p{N}_][\p{L}\p{N}\p{M}_.-]*$/u.test(given)) {
    throw fail(`${JSON.stringify(given)} is not a host name`)
  }
  return given.toLowerCase()
}
