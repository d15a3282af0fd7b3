// How large a disk on another machine is, where SFTP says 0 and nothing else tells: found by reading at ever larger offsets,
// many at once, because each wait is a round trip.

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
