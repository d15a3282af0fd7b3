// The listing of a source: every arena with its numbers and damage. Quick: the tails' counters, and the log only from
// there on. Checked: the whole log decoded and hashed, every seal recomputed.

import { losesBlocks, structureDamage, type Damage } from '../../../../shared/model/damage.ts'
import type { ArenaSummary } from '../../../../shared/model/arena.ts'
import { hexNumber } from '../../bytes/hex.ts'
import { scoreBytes } from '../format/constants.ts'
import type { TableEntry } from '../format/arena-table.ts'
import { openArena, type Arena } from './arena.ts'
import type { ArenaPartition } from './arena-partition.ts'
import { arenaState } from './arena-state.ts'
import { ClumpScanner } from './clump-scanner.ts'
import { SealHasher } from './seal.ts'

type Counts = { clumps: number; compressedClumps: number; used: number; uncompressed: number }

/** Damage found, to which a mismatching seal is added. */
export function sealDamage(arena: Arena, expected: string): Damage {
  return structureDamage(
    'seal-mismatch',
    arena.name,
    arena.stop - scoreBytes,
    `the seal is ${arena.sealScore ?? 'absent'}, the arena's bytes give ${expected}: something in it changed after it was sealed, or cannot be read`,
  )
}

/** Damage listed one by one for an arena; an arena that is nothing but damage must not fill the memory (R9). */
const maxListed = 1000

class DamageList {
  readonly #into: Damage[]
  /** One record for all that came too late. */
  #rest: { first: Damage; last: Damage; count: number; loses: boolean } | null = null

  constructor(into: Damage[]) {
    this.#into = into
  }

  add(damage: Damage): void {
    if (this.#into.length < maxListed) this.#into.push(damage)
    else {
      const { first, count, loses } = this.#rest ?? { first: damage, count: 0, loses: false }
      this.#rest = { first, last: damage, count: count + 1, loses: loses || losesBlocks(damage) }
    }
  }

  finish(): void {
    if (this.#rest === null) return
    const { first, last, count, loses } = this.#rest
    const kind = loses ? 'lost-region' : first.kind
    const detail = `${count} more damaged places from here on are not listed one by one`
    this.#into.push({ ...first, kind, nextOffset: last.nextOffset, index: null, score: null, type: null, detail })
  }
}

async function scanCounts(
  arena: Arena,
  from: Counts,
  damage: Damage[],
  seal: SealHasher | null,
  signal: AbortSignal | undefined,
): Promise<Counts> {
  const counts = { ...from }
  const found = new DamageList(damage)
  const scanner = new ClumpScanner(arena, {
    from: from.used,
    index: from.clumps,
    keepsData: false,
    ...(signal === undefined ? {} : { signal }),
    ...(seal === null ? {} : { onChunk: (offset: number, bytes: Uint8Array) => seal.offer(offset, bytes) }),
  })
  const batches = scanner.run()
  for (;;) {
    const { value, done } = await batches.next()
    if (done === true) {
      counts.used = value.offset
      // After a hole the number of clumps is only known where the directory or the tail gives it.
      if (value.index !== null) counts.clumps = Math.max(counts.clumps, value.index)
      found.finish()
      return counts
    }
    for (const item of value) {
      if (item.kind === 'damage') found.add(item.damage)
      else {
        counts.clumps++
        counts.uncompressed += item.data.length
        if (item.storedSize < item.data.length) counts.compressedClumps++
      }
    }
  }
}

/**
 * One arena of a partition. `clumps`, `used` and their kin come from the log where it was read (with `check`, or behind
 * the tail's counters) and from the tail elsewhere; with damage inside, the tail's counters stand where the log's cannot.
 */
export async function surveyArena(
  partition: ArenaPartition,
  entry: TableEntry,
  options: { readonly check: boolean; readonly signal?: AbortSignal },
): Promise<ArenaSummary> {
  const opened = await openArena(partition, entry, { head: true, seal: true })
  const damage = [...opened.damage, ...partition.damage.filter((one) => one.arena === entry.name)]
  const { blockSize } = partition.header
  const base = {
    partition: partition.source.name,
    name: entry.name,
    offset: entry.start,
    dataBase: entry.start + blockSize,
    stop: entry.stop,
    size: entry.stop - entry.start - 2 * blockSize,
  }
  const { arena } = opened
  if (arena === null) {
    const none = { version: null, clumps: 0, compressedClumps: 0, used: 0, uncompressed: 0, state: 'empty' as const }
    return { ...base, ...none, sealScore: null, endOffset: hexNumber(0), damage }
  }
  const tail: Counts = arena.counted ?? { clumps: 0, compressedClumps: 0, used: 0, uncompressed: 0 }
  const checkSeal = options.check && arena.sealScore !== null && arena.stop <= partition.usableBytes
  const seal = checkSeal ? new SealHasher(arena) : null
  if (seal !== null) await seal.begin()
  const start: Counts = options.check ? { clumps: 0, compressedClumps: 0, used: 0, uncompressed: 0 } : { ...tail }
  let counts = await scanCounts(arena, start, damage, seal, options.signal)
  if (damage.some(losesBlocks) && arena.counted !== null && counts.used === tail.used) counts = { ...tail }
  if (seal !== null) {
    const expected = await seal.finish(options.signal)
    if (expected !== arena.sealScore) damage.push(sealDamage(arena, expected))
  }
  return {
    ...base,
    version: arena.version,
    clumps: counts.clumps,
    compressedClumps: counts.compressedClumps,
    used: counts.used,
    uncompressed: counts.uncompressed,
    state: arenaState(arena, counts.clumps),
    sealScore: arena.sealScore,
    endOffset: hexNumber(counts.used),
    damage,
  }
}
