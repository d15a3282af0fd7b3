// The chain of clusters that holds a file, followed through a FAT of which nothing can be taken for granted: it may run in a
// circle, into a free or bad cluster, or out of the volume.

import type { FatLayout } from './boot-sector.ts'
import { getEntry, isCluster, meaningOf } from './fat-table.ts'

/** `end`: as it should. The others name what the chain ran into behind its last cluster. */
export type ChainEnd = 'end' | 'loop' | 'free' | 'bad' | 'wild'

export type Chain = {
  readonly clusters: readonly number[]
  readonly end: ChainEnd
}

/** First cluster 0 means a file without clusters. */
export function followChain(layout: FatLayout, fat: Uint8Array, first: number): Chain {
  const clusters: number[] = []
  if (first === 0) return { clusters, end: 'end' }
  if (!isCluster(layout, first)) return { clusters, end: 'wild' }
  const seen = new Set<number>()
  for (let cluster = first; ;) {
    if (seen.has(cluster)) return { clusters, end: 'loop' }
    seen.add(cluster)
    clusters.push(cluster)
    const value = getEntry(layout, fat, cluster)
    const meaning = meaningOf(layout, value)
    if (meaning !== 'link') return { clusters, end: meaning }
    cluster = value
  }
}

/** In words, for a report about `path`. */
export function chainProblem(path: string, { clusters, end }: Chain): string | null {
  const last = clusters.at(-1)
  const where = last === undefined ? 'its first cluster' : `behind cluster ${last} its chain`
  switch (end) {
    case 'end':
      return null
    case 'loop':
      return `${path}: the chain of its clusters runs in a circle after ${clusters.length} clusters`
    case 'free':
      return `${path}: cluster ${last} of its chain is marked free`
    case 'bad':
      return `${path}: cluster ${last} of its chain is marked bad`
    case 'wild':
      return `${path}: ${where} leads to no cluster of this volume`
  }
}

export function clustersFor(layout: FatLayout, sizeBytes: number): number {
  return Math.ceil(sizeBytes / layout.clusterBytes)
}
