// The sample partition that comes with the program: one venti on three days, made by the real programs, with made-up files
// in it. The numbers are those of the real tools (test/fixtures, seq-day1 to 3; a test compares them), so the demo does
// not measure the program by itself.

import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { AppError } from '../../../shared/errors.ts'

export type SampleDay = {
  readonly day: 1 | 2 | 3
  /** In the whole partition, and more than the day before. */
  readonly blocks: number
  readonly newBlocks: number
  /** Uncompressed bytes of the new ones. */
  readonly newBytes: number
  /** SHA-256 over the sorted lines score/type/size of all blocks. */
  readonly blocksHash: string
  /** End offset of each arena in use, as wrarena prints it. */
  readonly endOffsets: readonly string[]
}

export const sampleArenas = 6
export const sampleArenaOffsets = [794624, 2891776, 4988928, 7086080, 9183232, 11280384] as const

export const sampleDays: readonly [SampleDay, SampleDay, SampleDay] = [
  {
    day: 1,
    blocks: 275,
    newBlocks: 275,
    newBytes: 783_204,
    blocksHash: 'e943573746cf0850f6405f6b9f967984225688dd8d4a304b7672ee543a61c21c',
    endOffsets: ['0x974d1'],
  },
  {
    day: 2,
    blocks: 361,
    newBlocks: 86,
    newBytes: 289_355,
    blocksHash: 'e66a2c8db9f51b1be6f6715e510e9b5ebac8a25177f6b71509a416b56fb1b025',
    endOffsets: ['0xd8ed3'],
  },
  {
    day: 3,
    blocks: 951,
    newBlocks: 590,
    newBytes: 4_392_960,
    blocksHash: '8bf7345c05314616a47178923c17d8472e20f13d13e09a46002ff35dc35fdda7',
    endOffsets: ['0x1f63e7', '0x1f8542', '0x11b001'],
  },
]

/** The newest of the archives on day 3, and how many there are. */
export const sampleNewestRoot = { roots: 3, blocks: 847, files: 145, bytes: 6_699_923 } as const

/** Where the sample's 9fat says that its venti keeps the arenas. */
export const samplePartition = '/dev/sdE0/arenas'

/** Beside the bundle: sample-day1 and the like. */
async function sampleFile(name: string): Promise<Buffer> {
  const path = join(dirname(fileURLToPath(import.meta.url)), 'sample', `sample-${name}.img.gz`)
  try {
    return await promisify(gunzip)(await readFile(path))
  } catch (error) {
    throw new AppError('source-open', `cannot read the sample ${path}; build the program anew (npm run build)`, {
      data: { path },
      cause: error,
    })
  }
}

export async function sampleImage(day: number): Promise<Buffer> {
  return await sampleFile(`day${day}`)
}

/** A 9fat with a loader, a kernel, plan9.ini, and the wrcmd and rootscor of another machine. */
export async function putNinefat(path: string): Promise<void> {
  await writeFile(path, await sampleFile('9fat'))
}

/** Puts that day's state at `path`, in place, as a partition in use changes under its name. */
export async function putDay(day: number, path: string): Promise<void> {
  await writeFile(path, await sampleImage(day))
}
