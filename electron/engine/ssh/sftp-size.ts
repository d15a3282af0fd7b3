// How large a disk on another machine is: SFTP says 0. Linux tells by the name of the disk, and reading there confirms it;
// elsewhere it is found by reading at ever larger offsets, many at once, because each wait is a round trip.

import type { SftpFiles } from './sftp-files.ts'

/** Raw devices of macOS only give whole sectors. */
export const remoteSectorBytes = 4096
const smallestSectorBytes = 512
/** 8 PiB is not a disk of this decade. */
const doublings = 41
const probesAtOnce = 32

/** Whether the byte at an offset, a multiple of 512, can be read. */
export type Readable = (offset: number) => Promise<boolean>

/** Where the readable bytes end, in about 8 round trips. */
export async function probeSize(readable: Readable): Promise<number> {
  const first = [0, ...Array.from({ length: doublings }, (_, k) => remoteSectorBytes * 2 ** k)]
  let [low, high] = await narrowed(first, readable)
  if (low === null) return 0
  high ??= (first.at(-1) as number) * 2
  while (high - low > smallestSectorBytes) {
    const sectors = (high - low) / smallestSectorBytes
    const step = Math.max(1, Math.ceil(sectors / probesAtOnce)) * smallestSectorBytes
    const offsets: number[] = []
    for (let at = low + step; at < high; at += step) offsets.push(at)
    const [nextLow, nextHigh] = await narrowed(offsets, readable)
    low = nextLow ?? low
    high = nextHigh ?? high
  }
  return low + smallestSectorBytes
}

/** The last readable offset before the first that is not, and that one. */
async function narrowed(offsets: readonly number[], readable: Readable): Promise<[number | null, number | null]> {
  const answers = await Promise.all(offsets.map(readable))
  const end = answers.indexOf(false)
  return [offsets[(end < 0 ? offsets.length : end) - 1] ?? null, end < 0 ? null : (offsets[end] as number)]
}

/** A short file of /proc or /sys; null where it cannot be read. */
export async function remoteText(files: SftpFiles, path: string, mostBytes = 4096): Promise<string | null> {
  try {
    const handle = await files.openForReading(path)
    try {
      const bytes = Buffer.alloc(mostBytes)
      let filled = 0
      for (let got = 1; got > 0 && filled < mostBytes; filled += got)
        got = await files.read(handle, bytes.subarray(filled), filled)
      return bytes.toString('utf8', 0, filled).trim()
    } finally {
      await files.close(handle)
    }
  } catch {
    return null
  }
}

/** What a Linux says of the disk or partition of that name in /dev; null elsewhere. In 512 bytes, whatever its sectors. */
export async function linuxSize(files: SftpFiles, path: string): Promise<number | null> {
  const real = await files.realPath(path).catch(() => null)
  const name = /^\/dev\/([^/]+)$/.exec(real ?? '')?.[1]
  if (name === undefined) return null
  const told = await remoteText(files, `/sys/class/block/${name}/size`)
  const sectors = told !== null && /^\d{1,13}$/.test(told) ? Number(told) : 0
  return sectors > 0 ? sectors * 512 : null
}
