// The raw disks of this computer, each with whether it can be opened for reading and, if not, what to do. Linux lists them
// in /sys/block, macOS in /dev; Windows is asked for one after the other. Nothing is chosen and nothing is read of them
// but, where the system does not tell it, their size.

import { readdir, readFile, stat } from 'node:fs/promises'
import { AppError, asAppError } from '../../../shared/errors.ts'
import type { RawDisk } from '../../../shared/model/partition.ts'
import { openFileSource } from '../source/file-source.ts'

/** What is asked of the system, so that each platform can be tried on any other. */
export type RawDiskSystem = {
  readonly platform: string
  readonly listFolder: (path: string) => Promise<readonly string[]>
  readonly readText: (path: string) => Promise<string>
  /** Group number of a device file. */
  readonly groupOf: (path: string) => Promise<number>
  /** Rejects with an AppError whose data.code is the system's word. */
  readonly openForReading: (path: string) => Promise<{ readonly sizeBytes: number; close(): Promise<void> }>
}

export const thisSystem: RawDiskSystem = {
  platform: process.platform,
  listFolder: async (path) => await readdir(path),
  readText: async (path) => await readFile(path, 'utf8'),
  groupOf: async (path) => (await stat(path)).gid,
  openForReading: openFileSource,
}

/** \\.\PhysicalDrive0 to 31: Windows has no list of them that can be had without its own interfaces. */
const windowsDrives = 32
const maxListed = 256

type Advice = { readonly problem: string; readonly advice: string }
type Opened = { readonly sizeBytes: number | null; readonly refused: Advice | null; readonly code: string | null }

async function linuxGroup(system: RawDiskSystem, path: string): Promise<string> {
  try {
    const group = await system.groupOf(path)
    const lines = (await system.readText('/etc/group')).split('\n').map((line) => line.split(':'))
    const name = lines.find((fields) => fields[2] === String(group))?.[0]
    // root's own group is nobody's to join.
    return name === undefined || name === '' || group === 0 ? 'disk' : name
  } catch {
    return 'disk'
  }
}

async function adviceFor(system: RawDiskSystem, path: string, code: string): Promise<Advice> {
  const isDenied = code === 'EACCES' || code === 'EPERM'
  if (system.platform === 'win32') {
    return isDenied
      ? {
          problem: 'only an administrator may read raw disks',
          advice: 'Right-click the terminal in the Start menu, choose "Run as administrator", and run it again there.',
        }
      : { problem: `it cannot be opened (${code})`, advice: 'Close the program that uses it, then run it again.' }
  }
  if (system.platform === 'darwin') {
    if (code === 'EPERM') {
      return {
        problem: 'macOS keeps this program from raw disks',
        advice:
          'In System Settings, Privacy & Security, Full Disk Access, switch on your terminal, open it anew, and run this with sudo.',
      }
    }
    if (isDenied) {
      return {
        problem: 'this user may not read it',
        advice: `Run it with sudo: sudo venti-mirror partitions ${path}. If that is refused too, give your terminal Full Disk Access.`,
      }
    }
    if (code === 'EBUSY') {
      const disk = path.replace('/dev/r', '/dev/')
      return {
        problem: 'a volume on it is in use',
        advice: `Unmount it: diskutil unmountDisk ${disk}, then run it again.`,
      }
    }
  }
  if (isDenied) {
    const group = await linuxGroup(system, path)
    return {
      problem: 'this user may not read it',
      advice: `Run it with sudo: sudo venti-mirror partitions ${path}; or join the group that owns it: sudo usermod -aG ${group} "$USER", and log in again.`,
    }
  }
  if (code === 'ENOENT') {
    return {
      problem: 'there is no device file for it here',
      advice: 'In a container, pass it in (docker: --device); otherwise see whether udev runs.',
    }
  }
  if (code === 'ENOMEDIUM') return { problem: 'there is no medium in it', advice: 'Put one in, then run it again.' }
  return { problem: `it cannot be opened (${code})`, advice: 'See the system log for what it says about this disk.' }
}

async function tryOpen(system: RawDiskSystem, path: string): Promise<Opened> {
  try {
    const source = await system.openForReading(path)
    await source.close()
    return { sizeBytes: source.sizeBytes, refused: null, code: null }
  } catch (error) {
    const known = asAppError(error)
    if (!(error instanceof AppError)) throw known
    const code = typeof known.data['code'] === 'string' ? known.data['code'] : 'unknown error'
    return { sizeBytes: null, refused: await adviceFor(system, path, code), code }
  }
}

function rawDisk(path: string, size: number | null, model: string | null, { refused }: Opened): RawDisk {
  const { problem, advice } = refused ?? { problem: null, advice: null }
  return { path, size, model, canOpen: refused === null, problem, advice }
}

async function listLinux(system: RawDiskSystem): Promise<readonly RawDisk[]> {
  const textOf = async (path: string): Promise<string> =>
    (await system.readText(path).catch(() => '')).trim().replace(/\s+/g, ' ')
  const disks: RawDisk[] = []
  const names = (await system.listFolder('/sys/block')).toSorted().filter((name) => !/^z?ram\d+$/.test(name))
  for (const name of names.slice(0, maxListed)) {
    const folder = `/sys/block/${name}`
    const sectors = Number(await textOf(`${folder}/size`))
    // An empty loop device or card slot is no disk.
    if (!Number.isSafeInteger(sectors * 512) || sectors <= 0) continue
    // The kernel writes ! for a / in the name of a device.
    const path = `/dev/${name.replaceAll('!', '/')}`
    const maker = await textOf(`${folder}/device/vendor`)
    const model = await textOf(`${folder}/device/model`)
    const backing = await textOf(`${folder}/loop/backing_file`)
    // A vendor of 0x1af4 is a number for nobody, and every SATA disk is made by "ATA".
    const words = [/^(ata|0x.*)?$/i.test(maker) ? '' : maker, model, backing].filter((word) => word !== '')
    disks.push(rawDisk(path, sectors * 512, words.join(' ') || null, await tryOpen(system, path)))
  }
  return disks
}

async function listDarwin(system: RawDiskSystem): Promise<readonly RawDisk[]> {
  const names = (await system.listFolder('/dev')).filter((name) => /^rdisk\d+$/.test(name))
  const disks: RawDisk[] = []
  const inOrder = names.toSorted((a, b) => Number(a.slice(5)) - Number(b.slice(5)))
  for (const name of inOrder.slice(0, maxListed)) {
    const opened = await tryOpen(system, `/dev/${name}`)
    disks.push(rawDisk(`/dev/${name}`, opened.sizeBytes, null, opened))
  }
  return disks
}

async function listWindows(system: RawDiskSystem): Promise<readonly RawDisk[]> {
  const disks: RawDisk[] = []
  for (let number = 0; number < windowsDrives; number++) {
    const path = `\\\\.\\PhysicalDrive${number}`
    const opened = await tryOpen(system, path)
    if (opened.code !== 'ENOENT') disks.push(rawDisk(path, opened.sizeBytes, null, opened))
  }
  return disks
}

/** Null on a system whose disks are not known how to list. */
export async function listRawDisks(system: RawDiskSystem = thisSystem): Promise<readonly RawDisk[] | null> {
  switch (system.platform) {
    case 'linux':
      // Where /sys is not mounted there is nothing to list.
      return await listLinux(system).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'EACCES') return null
        throw error
      })
    case 'darwin':
      return await listDarwin(system)
    case 'win32':
      return await listWindows(system)
    default:
      return null
  }
}
