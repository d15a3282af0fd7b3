// A whole FAT volume checked for what makes an edit unsafe: which clusters files reach, and whether all of it fits together.
// Pure: works on what openVolume holds. Whatever it finds, fsck.fat would complain of as well; a label in the boot sector
// alone is no finding (disk/format writes it so). Authority: plan9-disks.md 3.2 and 3.6.

import { assert } from '../../../shared/assert.ts'
import type { FatLayout } from './boot-sector.ts'
import { clustersFor } from './chain.ts'
import { firstCluster, freeEntry, getEntry, isCluster, meaningOf } from './fat-table.ts'
import type { TreeFile } from './tree.ts'
import type { FatVolume } from './volume.ts'

export type FatFindingKind =
  /** The volume could not be read as a whole. */
  | 'incomplete'
  | 'loop'
  | 'shared-cluster'
  /** A chain that leads out of the volume, or to a free or bad cluster. */
  | 'bad-chain'
  /** A chain that is longer or shorter than its file. */
  | 'chain-length'
  /** FAT copies that differ in an entry that a file reaches. */
  | 'fats-differ'
  /** FAT copies that differ in entries that no file reaches: what an interrupted edit leaves. */
  | 'unreached-differ'
  /** In use in the FAT, but no file reaches them. */
  | 'lost-clusters'
  | 'dirty'

export type FatFinding = {
  readonly kind: FatFindingKind
  /** null when it concerns the volume. */
  readonly path: string | null
  readonly message: string
}

export type FatCheck = {
  readonly findings: readonly FatFinding[]
  /** Clusters that no file reaches and whose entry is not free in some copy, bad ones left out; ascending. */
  readonly leftovers: readonly number[]
  /** Those of the leftovers that differ between the copies. */
  readonly differing: readonly number[]
}

/** Findings that refuse no edit: an interrupted edit is finished, a dirty flag is warned about. */
export const harmlessFindings: ReadonlySet<FatFindingKind> = new Set(['unreached-differ', 'lost-clusters', 'dirty'])

const maxFindings = 100

class Findings {
  readonly list: FatFinding[] = []
  #more = 0

  add(kind: FatFindingKind, path: string | null, message: string): void {
    // Only findings about files are many; those about the volume come last and must not fall out.
    if (path !== null && this.list.length >= maxFindings) this.#more++
    else this.list.push({ kind, path, message })
  }

  finish(): readonly FatFinding[] {
    if (this.#more > 0) this.add('incomplete', null, `${this.#more} more findings of these kinds`)
    return this.list
  }
}

type Owners = {
  /** By cluster: index of the file in the tree plus one, 0 for none. */
  readonly owner: Uint32Array
  readonly files: readonly TreeFile[]
}

/** Follows one chain up to the first cluster that is known already, so that all chains together cost one pass. */
function claimChain(volume: FatVolume, { owner, files }: Owners, index: number, findings: Findings): void {
  const { layout, fat } = volume
  const { path, file } = files[index] as TreeFile
  const self = index + 1
  let count = 0
  let cluster = file.firstCluster
  if (cluster !== 0 && !isCluster(layout, cluster)) {
    findings.add('bad-chain', path, `${path}: first cluster ${cluster}, expected 2 to ${layout.clusters + 1}`)
    return
  }
  while (cluster !== 0) {
    const known = owner[cluster] as number
    if (known === self) {
      findings.add('loop', path, `${path}: the chain of its clusters runs in a circle at cluster ${cluster}`)
      return
    }
    if (known !== 0) {
      const other = (files[known - 1] as TreeFile).path
      findings.add('shared-cluster', path, `${path}: cluster ${cluster} belongs to ${other} as well`)
      return
    }
    owner[cluster] = self
    count++
    const value = getEntry(layout, fat, cluster)
    const meaning = meaningOf(layout, value)
    if (meaning === 'end') break
    if (meaning !== 'link') {
      const found = { free: 'is marked free', bad: 'is marked bad', wild: `leads to cluster ${value}` }[meaning]
      findings.add('bad-chain', path, `${path}: cluster ${cluster} of its chain ${found}`)
      return
    }
    cluster = value
  }
  checkLength(layout, { path, file }, count, findings)
}

function checkLength(layout: FatLayout, { path, file }: TreeFile, count: number, findings: Findings): void {
  if (file.isDirectory) {
    if (count === 0) findings.add('bad-chain', path, `${path}: this directory has no cluster`)
    return
  }
  if (count === clustersFor(layout, file.sizeBytes)) return
  const held = count * layout.clusterBytes
  findings.add(
    'chain-length',
    path,
    `${path}: ${file.sizeBytes} bytes by its directory entry, but its chain of clusters holds ${held}`,
  )
}

export function clustersInWords(clusters: readonly number[]): string {
  const shown = clusters.slice(0, 4).join(', ')
  const more = clusters.length > 4 ? `, … (${clusters.length} in all)` : ''
  return clusters.length === 1 ? `cluster ${shown}` : `clusters ${shown}${more}`
}

/** Compares the copies, and finds what no file reaches. */
function checkCopies(volume: FatVolume, { owner, files }: Owners, findings: Findings) {
  const { layout } = volume
  const copies = volume.fats.filter((copy) => copy !== null)
  const leftovers: number[] = []
  const differing: number[] = []
  for (let cluster = firstCluster; cluster < firstCluster + layout.clusters; cluster++) {
    const values = copies.map((copy) => getEntry(layout, copy, cluster))
    const differs = values.some((value) => value !== values[0])
    const reachedBy = owner[cluster] as number
    if (reachedBy !== 0) {
      if (!differs) continue
      const { path } = files[reachedBy - 1] as TreeFile
      findings.add('fats-differ', path, `${path}: the FATs differ at cluster ${cluster} (${values.join(', ')})`)
      continue
    }
    // A mark for a bad cluster is never one of this program's making: it stays, in whichever copy it stands.
    if (values.some((value) => meaningOf(layout, value) === 'bad')) continue
    if (values.every((value) => value === freeEntry)) continue
    leftovers.push(cluster)
    if (differs) differing.push(cluster)
  }
  if (differing.length > 0) {
    findings.add('unreached-differ', null, `the FATs differ at ${clustersInWords(differing)}, which no file reaches`)
  }
  const lost = leftovers.filter((cluster) => getEntry(layout, volume.fat, cluster) !== freeEntry)
  if (lost.length > 0) findings.add('lost-clusters', null, `no file reaches ${clustersInWords(lost)}`)
  return { leftovers, differing }
}

/** Of a volume opened with its tree. */
export function checkVolume(volume: FatVolume): FatCheck {
  const { layout, tree } = volume
  assert(tree !== null, 'a volume opened without its tree is checked')
  const findings = new Findings()
  const owners = { owner: new Uint32Array(firstCluster + layout.clusters), files: tree.files }
  for (const index of tree.files.keys()) claimChain(volume, owners, index, findings)
  const { leftovers, differing } = checkCopies(volume, owners, findings)
  for (const message of volume.problems) findings.add('incomplete', null, message)
  for (const message of tree.isWhole ? [] : tree.problems) findings.add('incomplete', null, message)
  if (volume.isDirty) findings.add('dirty', null, 'the volume is marked dirty: a system that used it was not shut down')
  return { findings: findings.finish(), leftovers, differing }
}
