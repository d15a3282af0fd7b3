// Is the target the source's own server? Copying a venti into itself would report success and protect nothing. Protocol
// and addresses give three signs; on Linux the kernel gives a fourth: which process listens on a local port, and whether
// it has the source open.

import { lookup } from 'node:dns/promises'
import { readFile, readdir, readlink, stat } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { AppError } from '../../../shared/errors.ts'
import type { VentiClient } from '../venti/client/client.ts'
import { parseDial, type Environment } from '../venti/client/dial.ts'
import { fileOfPath } from '../source/place.ts'
import { addressBehind } from '../ssh/tunnel.ts'
import type { SourceView } from './source-view.ts'

type Address = { readonly address: string; readonly port: number }

const withoutMapping = (address: string): string => address.replace(/^::ffff:/i, '')

function isLocal(address: string): boolean {
  const plain = withoutMapping(address)
  if (plain === '::1' || plain.startsWith('127.')) return true
  return Object.values(networkInterfaces()).some((list) => list?.some((one) => one.address === plain))
}

async function addressesOf(dial: string, environment: Environment): Promise<readonly Address[]> {
  const parsed = parseDial(dial, environment)
  if (parsed.kind === 'ssh') return [{ address: addressBehind(parsed), port: parsed.port }]
  if (parsed.kind !== 'tcp') return []
  try {
    const found = await lookup(parsed.host, { all: true })
    return found.map(({ address }) => ({ address: withoutMapping(address), port: parsed.port }))
  } catch {
    return []
  }
}

/** Socket inodes that listen on a local TCP port. */
async function listeningInodes(port: number): Promise<ReadonlySet<string>> {
  const inodes = new Set<string>()
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const text = await readFile(table, 'latin1').catch(() => '')
    for (const line of text.split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/)
      // 0A is LISTEN.
      if (fields[1]?.endsWith(suffix) === true && fields[3] === '0A' && fields[9] !== undefined) inodes.add(fields[9])
    }
  }
  return inodes
}

async function openFilesOf(pid: string): Promise<{ sockets: ReadonlySet<string>; paths: readonly string[] }> {
  const folder = `/proc/${pid}/fd`
  const sockets = new Set<string>()
  const paths: string[] = []
  for (const fd of await readdir(folder).catch(() => [])) {
    const link = await readlink(`${folder}/${fd}`).catch(() => '')
    const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1]
    if (inode !== undefined) sockets.add(inode)
    else if (link.startsWith('/')) paths.push(`${folder}/${fd}`)
  }
  return { sockets, paths }
}

/** The local process that listens on `port` has one of the source's files open. Only Linux tells; others answer false. */
async function listenerHoldsSource(port: number, files: readonly string[]): Promise<boolean> {
  if (process.platform !== 'linux') return false
  const inodes = await listeningInodes(port)
  if (inodes.size === 0) return false
  const wanted = new Set<string>()
  for (const file of files) {
    const status = await stat(file).catch(() => null)
    if (status !== null) wanted.add(`${status.dev}:${status.ino}:${status.rdev}`)
  }
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    if (pid === String(process.pid)) continue
    const { sockets, paths } = await openFilesOf(pid)
    if (![...sockets].some((inode) => inodes.has(inode))) continue
    for (const path of paths) {
      const status = await stat(path).catch(() => null)
      if (status !== null && wanted.has(`${status.dev}:${status.ino}:${status.rdev}`)) return true
    }
  }
  return false
}

/** Rejects with `target-is-source`. */
export async function refuseSourceServer(
  view: SourceView,
  client: VentiClient,
  dial: string,
  options: { readonly sourceVenti?: string; readonly environment: Environment },
): Promise<void> {
  const refuse = (why: string): never => {
    throw new AppError(
      'target-is-source',
      `${dial} serves the source ${view.spec} itself (${why}): a copy there would protect nothing. Nothing was sent; name another server`,
      { data: { dial } },
    )
  }
  const served = /(?:^|\s)partition=([0-9a-f]{40})(?:\s|$)/.exec(client.serverId)?.[1]
  if (served !== undefined && view.partitionIds.includes(served)) refuse('it names the same arenas')
  const target: Address = { address: withoutMapping(client.remoteAddress), port: client.remotePort }
  if (options.sourceVenti !== undefined) {
    const own = await addressesOf(options.sourceVenti, options.environment)
    if (own.some((one) => one.address === target.address && one.port === target.port)) {
      refuse(`it is the server given with --source-venti ${options.sourceVenti}`)
    }
  }
  const files = await Promise.all(view.opened.partitions.map(async ({ name }) => await fileOfPath(name)))
  if (isLocal(client.remoteAddress) && (await listenerHoldsSource(target.port, files))) {
    refuse('the process that listens there has it open')
  }
}

/** Free bytes a server says it has (only the embedded server does); null where that cannot be known. */
export function freeBytesOf(client: VentiClient): number | null {
  const text = /(?:^|\s)free=(\d{1,16})(?:\s|$)/.exec(client.serverId)?.[1]
  return text === undefined ? null : Number(text)
}
