// What the kernel of another machine says of its disks, read over SFTP like any files: Linux has it all in /proc and /sys.
// Elsewhere, and where the user is kept in a folder of his own, there is nothing to be read and all of it is null.
// Disks are known by their names in /dev, because SFTP does not tell device numbers.

import type { SftpFiles } from './sftp-files.ts'

const pieceBytes = 32 * 1024
const mostBytes = 1024 * 1024
const sysSectorBytes = 512

/** A file of /proc or /sys, which say nothing of their length; null where it cannot be read. */
export async function remoteText(files: SftpFiles, path: string): Promise<string | null> {
  try {
    const handle = await files.openForReading(path)
    try {
      const pieces: Buffer[] = []
      for (let filled = 0; filled < mostBytes;) {
        const piece = Buffer.allocUnsafe(pieceBytes)
        const got = await files.read(handle, piece, filled)
        if (got === 0) break
        pieces.push(piece.subarray(0, got))
        filled += got
      }
      return Buffer.concat(pieces).toString('utf8').trim()
    } finally {
      files.close(handle).catch(() => undefined)
    }
  } catch {
    return null
  }
}

/** Free of symbolic links; null where there is nothing of that name, for which servers have an answer too. */
export async function remoteRealPath(files: SftpFiles, path: string): Promise<string | null> {
  try {
    const [real] = await Promise.all([files.realPath(path), files.status(path)])
    return real
  } catch {
    return null
  }
}

/** Of a disk or partition, by its path free of symbolic links. */
async function aboutDisk(files: SftpFiles, realPath: string, what: 'size' | 'dev'): Promise<string | null> {
  const name = /^\/dev\/([^/]+)$/.exec(realPath)?.[1]
  return name === undefined ? null : await remoteText(files, `/sys/class/block/${name}/${what}`)
}

/** In bytes. */
export async function remoteDiskSize(files: SftpFiles, realPath: string): Promise<number | null> {
  const told = await aboutDisk(files, realPath, 'size')
  const sectors = told !== null && /^\d{1,13}$/.test(told) ? Number(told) : 0
  return sectors > 0 ? sectors * sysSectorBytes : null
}

/** major:minor */
export async function remoteDiskNumber(files: SftpFiles, realPath: string): Promise<string | null> {
  const told = await aboutDisk(files, realPath, 'dev')
  return told !== null && /^\d+:\d+$/.test(told) ? told : null
}
