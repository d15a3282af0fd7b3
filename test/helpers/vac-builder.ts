// Builds archives block by block for what the fixtures do not have: any depth, odd block sizes, lies. Written straight from
// vac-and-fossil.md with its own offsets and not with the engine's codecs: what both sides get wrong would otherwise pass.

import type { RootScore } from '../../shared/model/score.ts'
import { MemoryBlocks } from './memory-blocks.ts'

export const emptyScore = 'da39a3ee5e6b4b0d3255bfef95601890afd80709'
export const zeroBytesScore = '0'.repeat(40)

/** Fields of an entry as they stand in it: nothing is checked. */
export type EntryPlan = {
  readonly gen?: number
  readonly psize?: number
  readonly dsize?: number
  readonly active?: boolean
  readonly directory?: boolean
  readonly depth?: number
  /** Other flag bits: 0x20 local, 0x40 big, 0x80 no-archive. */
  readonly flags?: number
  readonly size?: number
  readonly score?: string
}

export type StreamPlan = {
  readonly psize?: number
  readonly dsize?: number
  /** More levels than needed. */
  readonly extraDepth?: number
  readonly gen?: number
  readonly directory?: boolean
  /** Longer than the bytes: zeros at the end. */
  readonly size?: number
  /** How an empty block's score is written. */
  readonly empty?: string
}

export type NamePlan = {
  readonly name: string | Uint8Array
  readonly version?: number
  readonly entry: number
  readonly gen?: number
  readonly metaEntry?: number
  readonly metaGen?: number
  readonly qid?: bigint
  readonly uid?: string
  readonly gid?: string
  readonly mid?: string
  readonly mtime?: number
  readonly mcount?: number
  readonly ctime?: number
  readonly atime?: number
  readonly mode?: number
  /** Optional sections as type and data. */
  readonly sections?: readonly (readonly [number, Uint8Array])[]
}

export type NodePlan = {
  readonly name: string | Uint8Array
  /** Contents of a file; a directory has children instead. */
  readonly data?: Uint8Array
  readonly children?: readonly NodePlan[]
  readonly stream?: StreamPlan
  /** In place of the entry that was made. */
  readonly entry?: EntryPlan
  readonly attributes?: Partial<Omit<NamePlan, 'name' | 'entry' | 'metaEntry'>>
  /** Number of entries in the source before it that are not in use. */
  readonly gap?: number
}

export type RootPlan = {
  readonly version?: number
  readonly name?: string
  readonly type?: string
  readonly top?: string
  readonly blockSize?: number
  readonly prev?: string
}

const directoryBit = 1 << 15
const defaultPsize = 8180
const defaultDsize = 8192

const bytesOf = (text: string | Uint8Array): Buffer => Buffer.from(text as string)

function counted(text: string | Uint8Array): Buffer {
  const bytes = bytesOf(text)
  const out = Buffer.alloc(2 + bytes.length)
  out.writeUInt16BE(bytes.length, 0)
  bytes.copy(out, 2)
  return out
}

const u32 = (value: number): Buffer => {
  const out = Buffer.alloc(4)
  out.writeUInt32BE(value >>> 0)
  return out
}

const u64 = (value: bigint): Buffer => {
  const out = Buffer.alloc(8)
  out.writeBigUInt64BE(value)
  return out
}

export function withoutZeros(bytes: Uint8Array): Uint8Array {
  let length = bytes.length
  while (length > 0 && bytes[length - 1] === 0) length--
  return bytes.subarray(0, length)
}

export function entryBytesOf(plan: EntryPlan): Buffer {
  const out = Buffer.alloc(40)
  out.writeUInt32BE(plan.gen ?? 0, 0)
  out.writeUInt16BE(plan.psize ?? defaultPsize, 4)
  out.writeUInt16BE(plan.dsize ?? defaultDsize, 6)
  const active = (plan.active ?? true) ? 1 : 0
  out[8] = active | (plan.directory === true ? 2 : 0) | ((plan.depth ?? 0) << 2) | (plan.flags ?? 0)
  out.writeUIntBE(plan.size ?? 0, 14, 6)
  out.write(plan.score ?? emptyScore, 20, 'hex')
  return out
}

export function nameBytesOf(plan: NamePlan): Buffer {
  const version = plan.version ?? 8
  const parts = [u32(0x1c4d9072), Buffer.from([0, version]), counted(plan.name), u32(plan.entry)]
  if (version === 9) parts.push(u32(plan.gen ?? 0), u32(plan.metaEntry ?? plan.entry + 1), u32(plan.metaGen ?? 0))
  parts.push(u64(plan.qid ?? 1n))
  if (version === 7) parts.push(Buffer.alloc(20, 0xee))
  parts.push(counted(plan.uid ?? 'glenda'), counted(plan.gid ?? 'sys'), counted(plan.mid ?? 'glenda'))
  parts.push(u32(plan.mtime ?? 1000), u32(plan.mcount ?? 0), u32(plan.ctime ?? 2000), u32(plan.atime ?? 3000))
  parts.push(u32(plan.mode ?? 0o644))
  for (const [type, data] of plan.sections ?? []) parts.push(Buffer.from([type]), counted(data))
  return Buffer.concat(parts)
}

/** A meta block with its entries in the order given. */
export function metaBlockOf(
  names: readonly Uint8Array[],
  options: { readonly magic?: number; readonly maxIndex?: number } = {},
): Buffer {
  const maxIndex = options.maxIndex ?? Math.max(81, names.length)
  const from = 12 + 4 * maxIndex
  const size = names.reduce((sum, name) => sum + name.length, from)
  const out = Buffer.alloc(size)
  out.writeUInt32BE(options.magic ?? 0x5656fc79, 0)
  out.writeUInt16BE(size, 4)
  out.writeUInt16BE(maxIndex, 8)
  out.writeUInt16BE(names.length, 10)
  let at = from
  for (const [i, name] of names.entries()) {
    out.writeUInt16BE(at, 12 + 4 * i)
    out.writeUInt16BE(name.length, 14 + 4 * i)
    out.set(name, at)
    at += name.length
  }
  return out
}

export function rootBytesOf(plan: RootPlan): Buffer {
  const out = Buffer.alloc(300)
  out.writeUInt16BE(plan.version ?? 2, 0)
  out.write(plan.name ?? '', 2)
  out.write(plan.type ?? 'vac', 130)
  out.write(plan.top ?? emptyScore, 258, 'hex')
  out.writeUInt16BE(plan.blockSize ?? defaultDsize, 278)
  out.write(plan.prev ?? zeroBytesScore, 280, 'hex')
  return out
}

export class VacBuilder {
  readonly store: MemoryBlocks
  readonly stream: StreamPlan
  readonly version: number

  constructor(
    options: { readonly store?: MemoryBlocks; readonly stream?: StreamPlan; readonly version?: number } = {},
  ) {
    this.store = options.store ?? new MemoryBlocks()
    this.stream = options.stream ?? {}
    this.version = options.version ?? 8
  }

  /** Stores a stream as a writer would, truncated everywhere, and returns its entry. */
  put(data: Uint8Array, plan: StreamPlan = {}): EntryPlan {
    const {
      psize = defaultPsize,
      dsize = defaultDsize,
      empty = emptyScore,
      extraDepth = 0,
      gen,
      directory,
    } = {
      ...this.stream,
      ...plan,
    }
    const base = directory === true ? 2 : 13
    const size = plan.size ?? data.length
    const scoreOf = (type: number, block: Uint8Array): string =>
      block.length === 0 ? empty : this.store.put(type, block)
    let scores: string[] = []
    for (let at = 0; at < size; at += dsize) scores.push(scoreOf(base, withoutZeros(data.subarray(at, at + dsize))))
    if (scores.length === 0) scores.push(empty)
    const perBlock = Math.floor(psize / 20)
    let depth = 0
    for (let extra = extraDepth; scores.length > 1 || extra > 0; extra--) {
      depth++
      const above: string[] = []
      for (let i = 0; i < scores.length; i += perBlock) {
        const group = scores.slice(i, i + perBlock)
        while (group.at(-1) === empty) group.pop()
        above.push(scoreOf(2 + depth, Buffer.from(group.join(''), 'hex')))
      }
      scores = above
      if (scores.length > 1) extra++
    }
    const [score] = scores as [string]
    const common = { psize, dsize, depth, size, score }
    return { ...common, ...(gen === undefined ? {} : { gen }), ...(directory === true ? { directory } : {}) }
  }

  /** A directory stream of the entries given. */
  putSource(entries: readonly EntryPlan[], plan: StreamPlan = {}): EntryPlan {
    const { dsize = defaultDsize } = { ...this.stream, ...plan }
    const perLeaf = Math.floor(dsize / 40)
    const leaves = Math.floor(entries.length / perLeaf)
    const bytes = Buffer.alloc(leaves * dsize + 40 * (entries.length % perLeaf))
    for (const [i, entry] of entries.entries()) {
      entryBytesOf(entry).copy(bytes, Math.floor(i / perLeaf) * dsize + 40 * (i % perLeaf))
    }
    return this.put(bytes, { ...plan, directory: true })
  }

  /** A meta stream: as many meta blocks as the names need, each of dsize bytes. */
  putMeta(names: readonly Uint8Array[], plan: StreamPlan & { readonly magic?: number } = {}): EntryPlan {
    const { dsize = defaultDsize } = { ...this.stream, ...plan }
    const maxIndex = Math.max(1, Math.floor(dsize / 100))
    const blocks: Buffer[] = []
    let group: Uint8Array[] = []
    const magic = plan.magic === undefined ? {} : { magic: plan.magic }
    const flush = (): void => {
      if (group.length === 0) return
      const block = Buffer.alloc(dsize)
      metaBlockOf(group, { maxIndex, ...magic }).copy(block)
      blocks.push(block)
      group = []
    }
    for (const name of names) {
      const used = group.reduce((sum, one) => sum + one.length, 12 + 4 * maxIndex + name.length)
      if (group.length === maxIndex || used > dsize) flush()
      group.push(name)
    }
    flush()
    return this.put(Buffer.concat(blocks), plan)
  }

  /** Source and meta of a directory with these children. */
  directory(children: readonly NodePlan[]): { readonly source: EntryPlan; readonly meta: EntryPlan } {
    const entries: EntryPlan[] = []
    const names: Uint8Array[] = []
    for (const node of children) {
      for (let i = 0; i < (node.gap ?? 0); i++) entries.push({ active: false })
      const number = entries.length
      const gen = node.attributes?.gen
      const withGen = gen === undefined ? {} : { gen }
      const metaGen = node.attributes?.metaGen
      if (node.children === undefined) {
        entries.push({ ...withGen, ...(node.entry ?? this.put(node.data ?? new Uint8Array(0), node.stream)) })
      } else {
        const { source, meta } = this.directory(node.children)
        entries.push(
          { ...source, ...withGen, ...node.entry },
          { ...meta, ...(metaGen === undefined ? {} : { gen: metaGen }) },
        )
      }
      const mode = node.attributes?.mode ?? (node.children === undefined ? 0o644 : 0o755)
      names.push(
        nameBytesOf({
          version: this.version,
          qid: BigInt(number + 1),
          ...node.attributes,
          name: node.name,
          entry: number,
          metaEntry: number + 1,
          mode: node.children === undefined ? mode : mode | directoryBit,
        }),
      )
    }
    return { source: this.putSource(entries), meta: this.putMeta(names) }
  }

  /** The root block over three streams; with `fossil`, fossil's extra level below it. */
  root(
    entries: readonly EntryPlan[],
    options: { readonly fossil?: boolean; readonly root?: RootPlan } = {},
  ): RootScore {
    let top: Uint8Array = Buffer.concat(entries.map(entryBytesOf))
    if (options.fossil === true) {
      const extra = this.putSource(entries)
      const leftover = { directory: true, psize: 0, dsize: 0 }
      top = Buffer.concat(
        [extra, leftover, { active: false, psize: 0, dsize: 0, score: zeroBytesScore }].map(entryBytesOf),
      )
    }
    const score = this.store.put(2, withoutZeros(top))
    return this.store.put(1, rootBytesOf({ top: score, ...options.root })) as string as RootScore
  }

  /** A whole archive. */
  archive(
    children: readonly NodePlan[],
    options: { readonly fossil?: boolean; readonly root?: RootPlan; readonly attributes?: Partial<NamePlan> } = {},
  ): RootScore {
    const { source, meta } = this.directory(children)
    const attributes = {
      name: '/',
      entry: 0,
      mode: directoryBit | 0o777,
      uid: 'vac',
      gid: 'vac',
      version: this.version,
    }
    const rootMeta = this.putMeta([nameBytesOf({ ...attributes, ...options.attributes })])
    return this.root([source, meta, rootMeta], options)
  }
}
