// The raw disks of this computer, each with whether it can be opened for reading and, if not, what to do. Linux lists them
// in /sys/block, macOS in /dev; Windows is asked for one after the other. Nothing is chosen and nothing is read of them
// but, where the system does not tell it, their size. What to do is worded by refused-disk.ts, or by another face.

import { readdir } from 'node:fs/promises'
import { AppError, asAppError } from '../../../shared/errors.ts'
import type { RawDisk } from '../../../shared/model/partition.ts'
import { refusalOf, thisRefusalSystem, type DiskRefusal, type RefusalSystem } from '../source/disk-refusal.ts'
import { openFileSource } from '../source/any-file.ts'
import { adviceOnRefusal, problemOfRefusal } from './refused-disk.ts'

/** What is asked of the system, so that each platform can be tried on any other. */
export type RawDiskSystem = RefusalSystem & {
  readonly listFolder: (path: string) => Promise<readonly string[]>
  /** Rejects with an AppError whose data.code is the system's word. */
  readonly openForReading: (path: string) => Promise<{ readonly sizeBytes: number; close(): Promise<void> }>
}

export const thisSystem: RawDiskSystem = {
  ...thisRefusalSystem,
  listFolder: async (path) => await readdir(path),
  openForReading: openFileSource,
}

/** \\.\PhysicalDrive0 to 31: Windows has no list of them that can be had without its own interfaces. */
const windowsDrives = 32
const maxListed = 256

export type FoundDisk = Pick<RawDisk, 'path' | 'size' | 'model'> & { readonly refusal: DiskRefusal | null }
type Opened = { readonly sizeBytes: number | null; readonly refusal: DiskRefusal | null }

async function tryOpen(system: RawDiskSystem, path: string): Promise<Opened> {
  try {
    const source = await system.openForReading(path)
    await source.close()
    return { sizeBytes: source.sizeBytes, refusal: null }
  } catch (error) {
    const known = asAppError(error)
    if (!(error instanceof AppError)) throw known
    const code = typeof known.data['code'] === 'string' ? known.data['code'] : 'unknown error'
    return { sizeBytes: null, refusal: await refusalOf(system, { path, code, access: 'read' }) }
  }
}

async function listLinux(system: RawDiskSystem): Promise<readonly FoundDisk[]> {
  const textOf = async (path: string): Promise<string> =>
    (await system.readText(path).catch(() => '')).trim().replace(/\s+/g, ' ')
  const disks: FoundDisk[] = []
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
    const { refusal } = await tryOpen(system, path)
    disks.push({ path, size: sectors * 512, model: words.join(' ') || null, refusal })
  }
  return disks
}

async function listDarwin(system: RawDiskSystem): Promise<readonly FoundDisk[]> {
  const names = (await system.listFolder('/dev')).filter((name) => /^rdisk\d+$/.test(name))
  const disks: FoundDisk[] = []
  const inOrder = names.toSorted((a, b) => Number(a.slice(5)) - Number(b.slice(5)))
  for (const name of inOrder.slice(0, maxListed)) {
    const path = `/dev/${name}`
    const { sizeBytes: size, refusal } = await tryOpen(system, path)
    disks.push({ path, size, model: null, refusal })
  }
  return disks
}

async function listWindows(system: RawDiskSystem): Promise<readonly FoundDisk[]> {
  const disks: FoundDisk[] = []
  for (let number = 0; number < windowsDrives; number++) {
    const path = `\\\\.\\PhysicalDrive${number}`
    const { sizeBytes: size, refusal } = await tryOpen(system, path)
    if (refusal?.code !== 'ENOENT') disks.push({ path, size, model: null, refusal })
  }
  return disks
}

/** Null on a system whose disks are not known how to list. */
export async function findRawDisks(system: RawDiskSystem = thisSystem): Promise<readonly FoundDisk[] | null> {
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

/** In the words of the command line. */
export async function listRawDisks(system: RawDiskSystem = thisSystem): Promise<readonly RawDisk[] | null> {
  const disks = await findRawDisks(system)
  return (
    disks?.map(({ refusal, ...disk }) => ({
      ...disk,
      canOpen: refusal === null,
      problem: refusal === null ? null : problemOfRefusal(refusal),
      advice: refusal === null ? null : adviceOnRefusal(refusal),
    })) ?? null
  )
}
