// Text of known_hosts files, and what it says of a key that a machine shows. Authority: sshd(8) "SSH_KNOWN_HOSTS FILE FORMAT",
// hostfile.c, sshconnect.c check_host_key. Pure but for the hashes. Where OpenSSH ignores a doubtful line so does this, and it
// is reported; where both could differ, this one refuses. Keys of certificate authorities are recognised and not used.

import { createHmac } from 'node:crypto'
import { matchesSome } from './host-pattern.ts'
import { fingerprintOf, keyTypeOf } from './key-blob.ts'

export type KnownHost = {
  readonly marker: 'none' | 'revoked' | 'authority'
  /** Patterns in lower case; of a hashed name the one field as it stands. */
  readonly names: readonly string[]
  readonly isHashed: boolean
  readonly type: string
  readonly key: Uint8Array
  readonly file: string
  readonly line: number
}

export type BadLine = { readonly file: string; readonly line: number; readonly problem: string }

export type KnownHosts = { readonly entries: readonly KnownHost[]; readonly badLines: readonly BadLine[] }

/** Where a known key stands. */
export type KnownKey = {
  readonly keyType: string
  readonly fingerprint: string
  readonly file: string
  readonly line: number
}

type Offered = {
  /** What it was looked up under. */
  readonly name: string
  readonly keyType: string
  readonly fingerprint: string
}

export type Verdict =
  | (Offered & { readonly kind: 'known'; readonly at: KnownKey })
  | (Offered & { readonly kind: 'unknown' })
  | (Offered & { readonly kind: 'changed'; readonly known: readonly KnownKey[] })
  | (Offered & { readonly kind: 'revoked'; readonly at: KnownKey })

export const sshPort = 22
const markers: Readonly<Record<string, KnownHost['marker']>> = {
  '@revoked': 'revoked',
  '@cert-authority': 'authority',
}

/** Never throws: what is no entry is a bad line or nothing. `file` is for messages. */
export function decodeKnownHosts(text: string, file: string): KnownHosts {
  const entries: KnownHost[] = []
  const badLines: BadLine[] = []
  for (const [index, raw] of text.split('\n').entries()) {
    const fields = raw.split(/[ \t\r]+/).filter((field) => field !== '')
    if (fields.length === 0 || fields[0]!.startsWith('#')) continue
    const decoded = decodeFields(fields)
    const place = { file, line: index + 1 }
    if (typeof decoded === 'string') badLines.push({ ...place, problem: decoded })
    else entries.push({ ...decoded, ...place })
  }
  return { entries, badLines }
}

/** What is wrong, in words, for what is no entry. */
function decodeFields(fields: readonly string[]): Omit<KnownHost, 'file' | 'line'> | string {
  let marker: KnownHost['marker'] = 'none'
  let rest = fields
  if (fields[0]!.startsWith('@')) {
    const named = Object.hasOwn(markers, fields[0]!) ? markers[fields[0]!] : undefined
    if (named === undefined) return `unknown marker ${JSON.stringify(fields[0])}`
    marker = named
    rest = fields.slice(1)
  }
  const [names, type, base64] = rest
  if (names === undefined || type === undefined || base64 === undefined) return 'the line is cut off'
  if (names.startsWith('@')) return 'more than one marker'
  const isHashed = names.startsWith('|')
  if (isHashed && saltOf(names) === null) return 'the hashed name is not |1|SALT|HASH'
  if (/^\d{1,7}$/.test(type)) return 'a key of SSH protocol 1'
  const key = Buffer.from(base64, 'base64')
  if (key.toString('base64').replace(/=+$/, '') !== base64.replace(/=+$/, '')) return 'the key is not base64'
  if (keyTypeOf(key) !== type) return `the key is not a whole key of type ${JSON.stringify(type)}`
  return { marker, names: isHashed ? [names] : names.toLowerCase().split(','), isHashed, type, key }
}

function saltOf(hashed: string): Buffer | null {
  const [, base64] = /^\|1\|([A-Za-z\d+/]{1,1024}={0,2})\|[A-Za-z\d+/]+={0,2}$/.exec(hashed) ?? []
  if (base64 === undefined) return null
  const salt = Buffer.from(base64, 'base64')
  // As long as a SHA-1.
  return salt.length === 20 ? salt : null
}

function stands(entry: KnownHost, name: string): boolean {
  if (!entry.isHashed) return matchesSome(name, entry.names)
  const [hashed] = entry.names as [string]
  const salt = saltOf(hashed)
  if (salt === null) return false
  return hashed === `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
}

/** The name under which a key is kept: `host`, or `[host]:port` where the port is not 22. */
export function knownHostName(host: string, port: number): string {
  const name = host.toLowerCase()
  return port === sshPort ? name : `[${name}]:${port}`
}

const whereOf = ({ type, key, file, line }: KnownHost): KnownKey => ({
  keyType: type,
  fingerprint: fingerprintOf(key),
  file,
  line,
})

/** `name` as knownHostName makes it. */
export function entriesUnder(entries: readonly KnownHost[], name: string): readonly KnownHost[] {
  return entries.filter((entry) => stands(entry, name))
}

function sameKey(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0
}

/**
 * What is known of `key`, offered by `host` (the name as dialled, or the HostKeyAlias with port 22) as a key of `type`. As ssh
 * does, a machine on another port whose `[host]:port` is not known is known by the key of the plain name as well; a different
 * key there says nothing, since port 22 may be another machine. Unlike ssh, a key revoked there is revoked here too.
 */
export function judgeKey(
  entries: readonly KnownHost[],
  host: string,
  port: number,
  key: Uint8Array,
  type: string,
): Verdict {
  const plainName = knownHostName(host, sshPort)
  const name = knownHostName(host, port)
  const offered: Offered = { name, keyType: type, fingerprint: fingerprintOf(key) }
  const own = entriesUnder(entries, name)
  const plain = name === plainName ? own : entriesUnder(entries, plainName)
  const isTheKey = (entry: KnownHost): boolean => sameKey(entry.key, key)
  const revoked = [...own, ...plain].find((entry) => entry.marker === 'revoked' && isTheKey(entry))
  if (revoked !== undefined) return { kind: 'revoked', ...offered, at: whereOf(revoked) }
  const trusted = own.filter(({ marker }) => marker === 'none')
  const match =
    trusted.find(isTheKey) ??
    (trusted.length === 0 ? plain.find((entry) => entry.marker === 'none' && isTheKey(entry)) : undefined)
  if (match !== undefined) return { kind: 'known', ...offered, at: whereOf(match) }
  if (trusted.length > 0) return { kind: 'changed', ...offered, known: trusted.map(whereOf) }
  return { kind: 'unknown', ...offered }
}

/** Types of the keys known for a host, in the order of the files; those of its plain name where its port has none. */
export function knownTypesOf(entries: readonly KnownHost[], host: string, port: number): string[] {
  function typesOf(name: string): string[] {
    const trusted = entriesUnder(entries, name).filter(({ marker }) => marker === 'none')
    return [...new Set(trusted.map(({ type }) => type))]
  }
  const types = typesOf(knownHostName(host, port))
  return types.length > 0 ? types : typesOf(knownHostName(host, sshPort))
}
