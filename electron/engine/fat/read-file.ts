// The content of a file or directory, as much of it as can be had: the chain may end early, the disk may fail in the middle.
// Never more than asked for, whatever the directory says (R9).

import { AppError, asAppError } from '../../../shared/errors.ts'
import type { BlockSource } from '../source/block-source.ts'
import type { FatLayout } from './boot-sector.ts'
import { chainProblem, clustersFor, followChain, type Chain } from './chain.ts'
import type { FatFile } from './directory.ts'
import { clusterOffset } from './fat-table.ts'

const readBytes = 1024 * 1024

export type FileReading = {
  readonly file: FatFile
  /** What could be read, at most the file's length. */
  readonly bytes: Uint8Array
  /** The same with the rest of the last cluster behind it. */
  readonly clusterBytes: Uint8Array
  readonly chain: Chain
  /** The chain is sound and long enough, and every byte was read. */
  readonly isComplete: boolean
  readonly problems: readonly string[]
}

/** Whole clusters, neighbours in one read; stops where the disk fails. */
async function readClusters(source: BlockSource, layout: FatLayout, clusters: readonly number[]) {
  const bytes = new Uint8Array(clusters.length * layout.clusterBytes)
  const most = Math.max(1, Math.floor(readBytes / layout.clusterBytes))
  let done = 0
  while (done < clusters.length) {
    const first = clusters[done] as number
    let count = 1
    while (count < most && clusters[done + count] === first + count) count++
    try {
      const piece = await source.read(clusterOffset(layout, first), count * layout.clusterBytes)
      bytes.set(piece, done * layout.clusterBytes)
    } catch (error) {
      return { bytes: bytes.subarray(0, done * layout.clusterBytes), problem: asAppError(error).message }
    }
    done += count
  }
  return { bytes, problem: null }
}

/** Rejects with `damaged-9fat` when the file is longer than `maxBytes`; what is damaged otherwise stands in `problems`. */
export async function readWholeFile(
  source: BlockSource,
  volume: { readonly layout: FatLayout; readonly fat: Uint8Array },
  { file, path, maxBytes }: { file: FatFile; path: string; maxBytes: number },
): Promise<FileReading> {
  const { layout, fat } = volume
  const { sizeBytes, firstCluster } = file
  if (sizeBytes > maxBytes) {
    throw new AppError(
      'damaged-9fat',
      `${source.name}: ${path} is ${sizeBytes} bytes long by its directory entry, more than the ${maxBytes} that are read`,
    )
  }
  const chain = followChain(layout, fat, firstCluster)
  const wanted = clustersFor(layout, sizeBytes)
  const { bytes: clusterBytes, problem } = await readClusters(source, layout, chain.clusters.slice(0, wanted))
  const problems: string[] = []
  const broken = chainProblem(path, chain)
  if (broken !== null) problems.push(broken)
  else if (chain.clusters.length < wanted) {
    problems.push(
      `${path}: ${sizeBytes} bytes by its directory entry, but its chain of clusters holds ${chain.clusters.length * layout.clusterBytes}`,
    )
  }
  if (problem !== null) problems.push(`${path}: ${problem}`)
  const isComplete = problems.length === 0
  return { file, bytes: clusterBytes.subarray(0, sizeBytes), clusterBytes, chain, isComplete, problems }
}
