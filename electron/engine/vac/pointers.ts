// Arithmetic of a hash tree and the pointers in its inner blocks (vac-and-fossil.md 3). Sizes reach 2^48 and a full tree of
// the deepest kind covers far more than 2^53 leaves, so spans that no stream can reach are Infinity: every index below
// them is then exactly 0, and every number that is used for an address is an exact integer.

import type { Score } from '../../../shared/model/score.ts'
import { scoreBytes } from '../venti/format/constants.ts'
import { scoreAt } from './scores.ts'

export const entryBytes = 40
export const maxDepth = 7

export function pointersPerBlock(psize: number): number {
  return Math.floor(psize / scoreBytes)
}

export function entriesPerLeaf(dsize: number): number {
  return Math.floor(dsize / entryBytes)
}

export function leafCount(size: number, dsize: number): number {
  return Math.ceil(size / dsize)
}

/** Slots of a directory stream of that many bytes; what is left of a leaf behind its last whole slot holds none. */
export function entrySlots(size: number, dsize: number): number {
  const perLeaf = entriesPerLeaf(dsize)
  return Math.floor(size / dsize) * perLeaf + Math.min(perLeaf, Math.floor((size % dsize) / entryBytes))
}

/** Levels of pointer blocks a stream needs at least. */
export function minimumDepth(size: number, dsize: number, psize: number): number {
  const perBlock = pointersPerBlock(psize)
  let depth = 0
  for (let n = leafCount(size, dsize); n > 1; n = Math.ceil(n / perBlock)) depth++
  return depth
}

/** Leaves under one pointer of a block of level `level` + 1: ppb^level, or Infinity where that exceeds 2^53. */
export function leavesUnder(perBlock: number, level: number): number {
  let leaves = 1
  for (let i = 0; i < level; i++) leaves *= perBlock
  return Number.isSafeInteger(leaves) ? leaves : Infinity
}

/** Pointer `index` of a block as stored: what was truncated, also in the middle of a score, is an empty subtree. */
export function pointerAt(stored: Uint8Array, index: number): Score | null {
  const at = index * scoreBytes
  return at + scoreBytes <= stored.length ? scoreAt(stored, at) : null
}
