// A disk that the system refuses: which, to whom, and by what word. Each face has its own words for what to do about it; what
// is asked of the system for them is asked here. Flat, because it travels as the data of an error.

import { readFile, stat } from 'node:fs/promises'
import type { ErrorData } from '../../../shared/errors.ts'

export type DiskRefusal = {
  readonly refused: 'disk'
  readonly platform: string
  readonly path: string
  /** The system's word: EACCES, EBUSY … */
  readonly code: string
  readonly access: 'read' | 'write'
  /** Whose members may, on Linux; null where that is nobody's to join. */
  readonly group: string | null
}

export type RefusalSystem = {
  readonly platform: string
  readonly readText: (path: string) => Promise<string>
  /** Group number of a device file. */
  readonly groupOf: (path: string) => Promise<number>
}

export const thisRefusalSystem: RefusalSystem = {
  platform: process.platform,
  readText: async (path) => await readFile(path, 'utf8'),
  groupOf: async (path) => (await stat(path)).gid,
}

export const isDenied = ({ code }: Pick<DiskRefusal, 'code'>): boolean => code === 'EACCES' || code === 'EPERM'

/** Elsewhere a disk in use is one that another program holds: there is nothing to say of the disk itself. */
export const isRefusal = ({ platform }: RefusalSystem, code: string): boolean =>
  isDenied({ code }) || (platform === 'darwin' && code === 'EBUSY')

/** Windows cannot stat every device: there the name has to do. */
export const isWindowsDevice = (path: string): boolean => /^\\\\[.?]\\/.test(path)

async function linuxGroup(system: RefusalSystem, path: string): Promise<string | null> {
  try {
    const group = await system.groupOf(path)
    // root's own group is nobody's to join.
    if (group === 0) return null
    const lines = (await system.readText('/etc/group')).split('\n').map((line) => line.split(':'))
    return lines.find((fields) => fields[2] === String(group))?.[0] || null
  } catch {
    return null
  }
}

export async function refusalOf(
  system: RefusalSystem,
  { path, code, access }: Pick<DiskRefusal, 'path' | 'code' | 'access'>,
): Promise<DiskRefusal> {
  const { platform } = system
  const group = platform === 'linux' && isDenied({ code }) ? await linuxGroup(system, path) : null
  return { refused: 'disk', platform, path, code, access, group }
}

/** What an error carries of it. */
export function refusalIn(data: ErrorData): DiskRefusal | null {
  const { refused, platform, path, code, access, group } = data
  if (refused !== 'disk' || typeof platform !== 'string' || typeof path !== 'string' || typeof code !== 'string')
    return null
  return {
    refused,
    platform,
    path,
    code,
    access: access === 'write' ? 'write' : 'read',
    group: typeof group === 'string' ? group : null,
  }
}
