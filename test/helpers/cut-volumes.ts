// The volumes of the cut tests: a 9fat in small, with files around wrcmd and rootscor that nobody may touch, and with just
// those clusters and directory slots free that a test wants used.

import { buildFat, type BuiltEntrySpec } from './fat-builder.ts'

export const wrcmdLine = 'venti/wrarena -h tcp!192.168.1.99!17034 -o 794624 /dev/sdE0/arenas 0x974d1\n'
export const longerLine = 'venti/wrarena -h tcp!192.168.1.99!17034 -o 537665536 /dev/sdE0/arenas 0x14f55e1f\n'
export const shorterLine = 'wrarena -h tcp!127.1!17034 -o 794624 /dev/sdE0/arenas 0x0\n'

const score = (seed: number): string => seed.toString(16).padStart(2, '0').repeat(20)
/** Lines as fossilize writes them, of made-up scores; about 70 bytes each. */
export const rootLines = (count: number, from = 1): string =>
  Array.from({ length: count }, (_, i) => `vac:${score(from + i)} /dev/sdE0/fossil tcp!127.1!17034\n`).join('')

export type CutVolume = {
  readonly bits?: 12 | 16
  readonly sectorsPerCluster?: number
  /** null: there is none. */
  readonly wrcmd?: string | null
  readonly wrcmdClusters?: readonly number[]
  readonly rootscor?: string | null
  readonly rootscorClusters?: readonly number[]
  readonly hasLongName?: boolean
  /** Only these clusters are free. */
  readonly free?: readonly number[]
  readonly isRootFull?: boolean
  /** Freed slots: behind the first file, or none. */
  readonly hasFreedSlot?: boolean
  /** So many entries in all, before the end mark. */
  readonly entries?: number
  readonly behindRoot?: number
}

const text = (value: string): Buffer => Buffer.from(value, 'latin1')

export function buildCutVolume(shape: CutVolume): Buffer {
  const { bits = 12, sectorsPerCluster = 1, wrcmd = wrcmdLine, rootscor = rootLines(3), free } = shape
  const clusters = bits === 12 ? 2400 : 4100
  const rootEntries = 32
  const entries: BuiltEntrySpec[] = [
    { name: '9LOAD', content: Buffer.alloc(1700 * sectorsPerCluster, 0x90) },
    { name: 'PLAN9.INI', content: text('bootfile=sdE0!9fat!9pcf\n') },
  ]
  if (shape.hasFreedSlot === true) entries.push({ deleted: true })
  if (wrcmd !== null) {
    entries.push({
      name: 'WRCMD',
      content: text(wrcmd),
      ...(shape.wrcmdClusters === undefined ? {} : { clusters: shape.wrcmdClusters }),
      ...(shape.hasLongName === true ? { longName: 'wrcmd' } : {}),
    })
  }
  entries.push({ name: 'ADM', entries: [{ name: 'KEYS', content: Buffer.alloc(600, 7) }] })
  if (rootscor !== null) {
    entries.push({
      name: 'ROOTSCOR',
      content: text(rootscor),
      ...(shape.rootscorClusters === undefined ? {} : { clusters: shape.rootscorClusters }),
    })
  }
  const used = entries.length + (shape.hasLongName === true ? 1 : 0) + (free === undefined ? 0 : 1)
  const wanted = shape.isRootFull === true ? rootEntries : (shape.entries ?? used)
  for (let i = used; i < wanted; i++) entries.push({ name: `FILE${i}`, content: text(`file ${i}\n`) })
  const spec = { clusters, sectorsPerCluster, rootEntries, label: 'NO NAME', behindRoot: shape.behindRoot ?? 0 }
  const built = buildFat({ ...spec, entries })
  if (free === undefined) return built.image
  const keep = new Set(free)
  const rest: number[] = []
  for (let cluster = 2; cluster < clusters + 2; cluster++)
    if (built.getFat(0, cluster) === 0 && !keep.has(cluster)) rest.push(cluster)
  // The lowest free clusters were taken by the files; the same again, with one more that has all the others.
  const filler = { name: 'FILLER', content: Buffer.alloc(rest.length * built.clusterBytes), clusters: rest }
  const taken = entries.map((entry) => {
    const file = built.files.find(({ path }) => 'content' in entry && path === (entry.longName ?? entry.name))
    return file === undefined ? entry : { ...entry, clusters: file.clusters }
  })
  return buildFat({ ...spec, entries: [...taken, filler] }).image
}

/** Lines that tell which edit wrote them; every third wrcmd needs two sectors. */
export const numberedLine = (number: number): string =>
  `${wrcmdLine.trimEnd()}${number % 3 === 0 ? ' -v'.repeat(160) : ''} 0x${number.toString(16)}\n`
export const numberedRoot = (number: number): string => rootLines(2).replaceAll('/dev/sdE0/fossil', `edit${number}`)
