// One arena: what its tail and head say, reconciled. The tail is authoritative (plan9port srv/arena.c loadarena); the head
// is used where the tail is missing or impossible, and the first clump decides where both disagree.

import { AppError } from '../../../../shared/errors.ts'
import { structureDamage, type Damage, type DamageKind } from '../../../../shared/model/damage.ts'
import type { Score } from '../../../../shared/model/score.ts'
import { hexNumber } from '../../bytes/hex.ts'
import { readOrBadPlace } from '../../source/bad-place.ts'
import { arenaHeadBytesV5, decodeArenaHead, type ArenaHead } from '../format/arena-head.ts'
import type { TableEntry } from '../format/arena-table.ts'
import {
  arenaTailBytes,
  countersProblem,
  decodeArenaTail,
  decodeSealScore,
  type ArenaCounters,
  type ArenaTail,
} from '../format/arena-tail.ts'
import { clumpMagicOf, maxClumpBytes } from '../format/clump.ts'
import { clumpMagicV4, scoreBytes, type ArenaVersion } from '../format/constants.ts'
import { examineClump } from './clump-check.ts'
import type { ArenaPartition } from './arena-partition.ts'

export type Arena = {
  readonly partition: ArenaPartition
  readonly name: string
  /** Address of the head block: the number for wrarena -o. */
  readonly start: number
  readonly stop: number
  /** Address of clump offset 0. */
  readonly dataBase: number
  /** Room for log and directory: stop - start without head and tail blocks. */
  readonly sizeBytes: number
  /** What of that is really in the partition (less than sizeBytes when it was cut short). */
  readonly readableBytes: number
  readonly blockSize: number
  readonly version: ArenaVersion
  readonly clumpMagic: number
  /** What the tail counts in the arena; null when the tail is unusable. */
  readonly counted: ArenaCounters | null
  readonly indexed: ArenaCounters | null
  readonly firstClumpTime: number
  readonly lastClumpTime: number
  /** null while there is none, and when `seal` was not asked for. */
  readonly sealScore: Score | null
  readonly damage: readonly Damage[]
}

export type OpenArenaOptions = {
  /** Read the head as well and compare: on for anything that scans or lists; off for a quick look at many tails. */
  readonly head: boolean
  /** Read the seal score at the end of the tail block. */
  readonly seal: boolean
}

type TailReading = {
  /** False where the partition ends before it. */
  readonly present: boolean
  readonly bytes: Uint8Array | null
  readonly tail: ArenaTail | null
  readonly problem: string | null
  readonly seal: Score | null
  readonly sealProblem: string | null
}

async function readTail(partition: ArenaPartition, entry: TableEntry, seal: boolean): Promise<TailReading> {
  const none: TailReading = { present: false, bytes: null, tail: null, problem: null, seal: null, sealProblem: null }
  if (entry.stop > partition.usableBytes) return none
  const { source, header } = partition
  const bytes = await readOrBadPlace(source, entry.stop - header.blockSize, arenaTailBytes)
  if (!(bytes instanceof Uint8Array)) {
    return { ...none, present: true, problem: `the tail cannot be read: ${bytes.message}` }
  }
  const sealBytes = seal ? await readOrBadPlace(source, entry.stop - scoreBytes, scoreBytes) : null
  const sealRead = sealBytes instanceof Uint8Array ? decodeSealScore(sealBytes) : null
  const sealProblem = sealBytes instanceof AppError ? `the seal cannot be read: ${sealBytes.message}` : null
  const tail = decodeArenaTail(bytes)
  const [decoded, problem] = typeof tail === 'string' ? [null, tail] : [tail, null]
  return { present: true, bytes, tail: decoded, problem, seal: sealRead, sealProblem }
}

async function readHead(partition: ArenaPartition, entry: TableEntry): Promise<ArenaHead | string> {
  const bytes = await readOrBadPlace(partition.source, entry.start, arenaHeadBytesV5)
  if (!(bytes instanceof Uint8Array)) return `the head cannot be read: ${bytes.message}`
  const head = decodeArenaHead(bytes)
  if (typeof head === 'string') return head
  const total = entry.stop - entry.start
  if (head.totalBytes !== total) return `head says ${head.totalBytes} bytes, the table ${total}`
  if (head.blockSize !== partition.header.blockSize) return `head says blocks of ${head.blockSize} bytes`
  return head
}

/** Does a clump with this magic verify at the beginning of the log? */
async function firstClumpVerifies(partition: ArenaPartition, entry: TableEntry, magic: number): Promise<boolean> {
  const base = entry.start + partition.header.blockSize
  const length = Math.min(maxClumpBytes, entry.stop - base, partition.usableBytes - base)
  const bytes = await readOrBadPlace(partition.source, base, Math.max(0, length))
  return bytes instanceof Uint8Array && examineClump(bytes, 0, bytes.length, magic, true).state === 'good'
}

async function firstMagic(partition: ArenaPartition, entry: TableEntry): Promise<number> {
  const base = entry.start + partition.header.blockSize
  if (base + 4 > partition.usableBytes) return 0
  const bytes = await readOrBadPlace(partition.source, base, 4)
  return bytes instanceof Uint8Array ? clumpMagicOf(bytes, 0) : 0
}

/**
 * The tail as an arena of the head's version writes it, if that makes sense in every field: the version alone is wrong.
 * Version 5 repeats the clump magic, which settles it.
 */
function tailUnderVersionOf(head: ArenaHead, bytes: Uint8Array | null, sizeBytes: number): ArenaTail | null {
  const tail = bytes === null ? 'no bytes' : decodeArenaTail(bytes, head.version)
  if (typeof tail === 'string' || tail.name !== head.name || tail.clumpMagic !== head.clumpMagic) return null
  const { stored, indexed } = tail
  const impossible =
    countersProblem(stored, sizeBytes, head.blockSize) ?? countersProblem(indexed, sizeBytes, head.blockSize)
  return impossible === null ? tail : null
}

/**
 * The arena of a table line, or null when neither head nor tail nor first clump give its clump magic; `damage` then
 * still says so.
 */
export async function openArena(
  partition: ArenaPartition,
  entry: TableEntry,
  options: OpenArenaOptions,
): Promise<{ arena: Arena | null; damage: readonly Damage[] }> {
  const { blockSize } = partition.header
  const dataBase = entry.start + blockSize
  const sizeBytes = entry.stop - entry.start - 2 * blockSize
  const tailAt = entry.stop - blockSize
  const damage: Damage[] = []
  const report = (kind: DamageKind, partitionOffset: number, detail: string): void => {
    damage.push(structureDamage(kind, entry.name, partitionOffset, detail))
  }

  const reading = await readTail(partition, entry, options.seal)
  if (reading.sealProblem !== null) report('seal-mismatch', entry.stop - scoreBytes, reading.sealProblem)
  let { tail, problem } = reading
  let counted: ArenaCounters | null = null
  if (tail !== null) {
    const impossible =
      countersProblem(tail.stored, sizeBytes, blockSize) ?? countersProblem(tail.indexed, sizeBytes, blockSize)
    if (impossible === null) counted = tail.stored
    else problem = `the tail's counters are impossible: ${impossible}`
  }
  const headNeeded = options.head || tail === null || counted === null
  const head = headNeeded ? await readHead(partition, entry) : null
  if (typeof head === 'string') {
    const missing = /^(head magic|the head cannot|only)/.test(head)
    report(missing ? 'head-missing' : 'head-differs', entry.start, `${head}; its tail is used instead`)
  }

  if (counted === null && head !== null && typeof head !== 'string') {
    const corrected = tailUnderVersionOf(head, reading.bytes, sizeBytes)
    if (corrected !== null && problem !== null) {
      report('tail-differs', tailAt, `${problem}; read as version ${head.version}, as the head says, all of it fits`)
      tail = corrected
      counted = corrected.stored
      problem = null
    }
  }

  let identity: { version: ArenaVersion; clumpMagic: number } | null = tail
  if (tail !== null && head !== null && typeof head !== 'string') {
    const differs = tail.version !== head.version || tail.clumpMagic !== head.clumpMagic
    if (differs) {
      const headIsRight =
        counted === null ||
        (!(await firstClumpVerifies(partition, entry, tail.clumpMagic)) &&
          (await firstClumpVerifies(partition, entry, head.clumpMagic)))
      const values = `head: version ${head.version}, clump magic ${hexNumber(head.clumpMagic)}; tail: version ${tail.version}, clump magic ${hexNumber(tail.clumpMagic)}`
      if (headIsRight) {
        identity = head
        // A tail of another version puts every counter elsewhere, so none of them can be meant.
        if (tail.version !== head.version) counted = null
        report('tail-differs', tailAt, `${values}; the head is used`)
        problem = null
      } else {
        report('head-differs', entry.start, `${values}; the tail is used`)
      }
    } else if (head.name !== entry.name && tail.name === entry.name) {
      report('head-differs', entry.start, `the head's name is ${head.name}, the table's ${entry.name}`)
    }
  }
  if (tail !== null && tail.name !== entry.name) {
    report('tail-differs', tailAt, `the tail's name is ${tail.name}, the table's ${entry.name}`)
  }
  if (problem !== null) {
    report('tail-missing', tailAt, `${problem}; the log is walked without it and no cursor moves in this arena`)
    tail = null
    identity = head !== null && typeof head !== 'string' ? head : identity
  }
  if (identity === null && head !== null && typeof head !== 'string') identity = head
  if (identity === null) {
    // Both gone: a version-5 magic may be tried from the first four bytes, version 4's is known.
    for (const magic of [clumpMagicV4, await firstMagic(partition, entry)]) {
      if (magic !== 0 && (await firstClumpVerifies(partition, entry, magic))) {
        identity = { version: magic === clumpMagicV4 ? 4 : 5, clumpMagic: magic }
        break
      }
    }
  }
  if (identity === null) {
    if (reading.present || typeof head === 'string') {
      report(
        'arena-unreadable',
        entry.start,
        'neither head nor tail nor first clump can be read: the arena is left out',
      )
    }
    return { arena: null, damage }
  }
  const arena: Arena = {
    partition,
    name: entry.name,
    start: entry.start,
    stop: entry.stop,
    dataBase,
    sizeBytes,
    readableBytes: Math.max(0, Math.min(sizeBytes, partition.usableBytes - dataBase)),
    blockSize,
    version: identity.version,
    clumpMagic: identity.clumpMagic,
    counted,
    indexed: counted === null ? null : (tail?.indexed ?? null),
    firstClumpTime: tail?.firstClumpTime ?? 0,
    lastClumpTime: tail?.lastClumpTime ?? 0,
    sealScore: reading.seal,
    damage,
  }
  return { arena, damage }
}
