// Small FAT12 and FAT16 volumes, byte by byte as a test wants them: chosen chains, long names, sub-directories, deleted
// entries, any damage. Written from plan9-disks.md 3.1 and 3.2 alone and sharing no code with the reader, so that both
// cannot have the same mistake.

export type BuiltFileSpec = {
  /** 8.3 in upper case: "WRCMD", "PLAN9.INI". */
  readonly name: string
  readonly content: Uint8Array | string
  readonly longName?: string
  readonly attributes?: number
  /** The chain, in order; the first free clusters otherwise. */
  readonly clusters?: readonly number[]
}
export type BuiltDirectorySpec = {
  readonly name: string
  readonly entries: readonly BuiltEntrySpec[]
  readonly longName?: string
  readonly clusters?: readonly number[]
}
/** A deleted entry, or one given as its 32 bytes. */
export type BuiltEntrySpec =
  BuiltFileSpec | BuiltDirectorySpec | { readonly deleted: true } | { readonly raw: Uint8Array }

export type FatSpec = {
  readonly clusters: number
  readonly entries?: readonly BuiltEntrySpec[]
  readonly sectorBytes?: number
  readonly sectorsPerCluster?: number
  readonly reservedSectors?: number
  readonly fats?: number
  readonly rootEntries?: number
  readonly label?: string
  /** What stands behind the end mark of the root directory; zero otherwise. */
  readonly behindRoot?: number
}

export type BuiltFile = {
  readonly path: string
  readonly content: Buffer
  readonly clusters: readonly number[]
  /** Of the short entry, in its directory. */
  readonly slot: number
}

export type BuiltFat = {
  readonly image: Buffer
  readonly fatBits: 12 | 16
  readonly sectorBytes: number
  readonly clusterBytes: number
  readonly reservedBytes: number
  readonly rootOffset: number
  readonly rootEntries: number
  readonly dataOffset: number
  readonly clusters: number
  readonly fats: number
  readonly files: readonly BuiltFile[]
  /** Something stands behind the end mark of the root directory. */
  readonly hasRubbish: boolean
  readonly clusterOffset: (cluster: number) => number
  readonly fatOffset: (copy: number) => number
  readonly getFat: (copy: number, cluster: number) => number
  readonly setFat: (copy: number, cluster: number, value: number) => void
}

const deleted = 0xe5
const march2019 = { time: (9 << 11) | (26 << 5) | 26, date: (39 << 9) | (3 << 5) | 14 }

/** Clusters up to 2400 whose FAT12 entry lies in two sectors of 512 bytes. */
export const straddlingClusters: readonly number[] = [341, 682, 1365, 1706, 2389]

const parts = (name: string): string => {
  const [base, extension = ''] = name === '.' || name === '..' ? [name] : (name.split('.') as [string, string?])
  return base.padEnd(8) + extension.padEnd(3)
}

function checksum(shortName: string): number {
  let sum = 0
  for (const byte of Buffer.from(shortName, 'latin1')) sum = (((sum >> 1) | (sum << 7)) + byte) & 0xff
  return sum
}

/** Long-name entries in disk order: the highest part first. */
export function longNameEntries(longName: string, shortName: string): Buffer[] {
  const units = [...Buffer.from(longName, 'utf16le')]
  const count = Math.ceil(units.length / 26)
  if (units.length % 26 !== 0) units.push(0, 0)
  while (units.length % 26 !== 0) units.push(0xff)
  const entries: Buffer[] = []
  for (let part = count; part >= 1; part--) {
    const entry = Buffer.alloc(32)
    const piece = units.slice((part - 1) * 26, part * 26)
    entry[0] = part | (part === count ? 0x40 : 0)
    entry[11] = 0x0f
    entry[13] = checksum(parts(shortName))
    entry.set(piece.slice(0, 10), 1)
    entry.set(piece.slice(10, 22), 14)
    entry.set(piece.slice(22), 28)
    entries.push(entry)
  }
  return entries
}

export function shortEntry(name: string, attributes: number, firstCluster: number, length: number): Buffer {
  const entry = Buffer.alloc(32)
  entry.write(parts(name), 0, 'latin1')
  entry[11] = attributes
  entry.writeUInt16LE(march2019.time, 22)
  entry.writeUInt16LE(march2019.date, 24)
  entry.writeUInt16LE(firstCluster, 26)
  entry.writeUInt32LE(length, 28)
  return entry
}

function bootSector(spec: Required<Omit<FatSpec, 'entries' | 'behindRoot'>>, sizes: Record<string, number>): Buffer {
  const boot = Buffer.alloc(spec.sectorBytes)
  boot.write('\xeb\x3c\x90Plan9.00', 0, 'latin1')
  boot.writeUInt16LE(spec.sectorBytes, 11)
  boot[13] = spec.sectorsPerCluster
  boot.writeUInt16LE(spec.reservedSectors, 14)
  boot[16] = spec.fats
  boot.writeUInt16LE(spec.rootEntries, 17)
  boot.writeUInt16LE(sizes['total']! < 65536 ? sizes['total']! : 0, 19)
  boot[21] = 0xf8
  boot.writeUInt16LE(sizes['perFat']!, 22)
  boot.writeUInt16LE(63, 24)
  boot.writeUInt16LE(16, 26)
  boot.writeUInt32LE(sizes['total']!, 32)
  boot[36] = 0x80
  boot[38] = 0x29
  boot.writeUInt32LE(0x9fa70001, 39)
  boot.write(spec.label.padEnd(11), 43, 'latin1')
  boot.write(`FAT${sizes['bits']}   `, 54, 'latin1')
  boot.fill(0xb0, 62, 510)
  boot.writeUInt16LE(0xaa55, 510)
  return boot
}

export function buildFat(given: FatSpec): BuiltFat {
  const spec = {
    sectorBytes: 512,
    sectorsPerCluster: 1,
    reservedSectors: 2,
    fats: 2,
    rootEntries: 112,
    label: 'CYLINDRICAL',
    entries: [],
    behindRoot: 0,
    ...given,
  }
  const { clusters, sectorBytes, fats, rootEntries } = spec
  const fatBits = clusters < 4085 ? 12 : 16
  const perFat = Math.ceil(Math.ceil(((clusters + 2) * fatBits) / 8) / sectorBytes)
  const clusterBytes = spec.sectorsPerCluster * sectorBytes
  const reservedBytes = spec.reservedSectors * sectorBytes
  const rootOffset = reservedBytes + fats * perFat * sectorBytes
  const dataOffset = rootOffset + Math.ceil((rootEntries * 32) / sectorBytes) * sectorBytes
  const total = dataOffset / sectorBytes + clusters * spec.sectorsPerCluster
  const image = Buffer.alloc(total * sectorBytes)
  bootSector(spec, { total, perFat, bits: fatBits }).copy(image)
  for (let sector = 1; sector < spec.reservedSectors; sector++) {
    image.write(`part 9fat 0 ${total}\npart nvram ${total} ${total + 1}\n`, sector * sectorBytes)
  }
  image.fill(spec.behindRoot, rootOffset, dataOffset)

  const fatOffset = (copy: number): number => reservedBytes + copy * perFat * sectorBytes
  const getFat = (copy: number, cluster: number): number => {
    if (fatBits === 16) return image.readUInt16LE(fatOffset(copy) + 2 * cluster)
    const pair = image.readUInt16LE(fatOffset(copy) + ((cluster * 3) >> 1))
    return cluster & 1 ? pair >> 4 : pair & 0xfff
  }
  const setFat = (copy: number, cluster: number, value: number): void => {
    if (fatBits === 16) {
      image.writeUInt16LE(value, fatOffset(copy) + 2 * cluster)
      return
    }
    const at = fatOffset(copy) + ((cluster * 3) >> 1)
    const pair = image.readUInt16LE(at)
    image.writeUInt16LE(cluster & 1 ? (pair & 0x000f) | (value << 4) : (pair & 0xf000) | value, at)
  }
  const clusterOffset = (cluster: number): number => dataOffset + (cluster - 2) * clusterBytes
  const end = fatBits === 12 ? 0xfff : 0xffff
  for (let copy = 0; copy < fats; copy++) {
    setFat(copy, 0, end - 7)
    setFat(copy, 1, end)
  }

  const taken = new Set<number>()
  const reserve = (entries: readonly BuiltEntrySpec[]): void => {
    for (const entry of entries) {
      if ('clusters' in entry) for (const cluster of entry.clusters ?? []) taken.add(cluster)
      if ('entries' in entry) reserve(entry.entries)
    }
  }
  reserve(spec.entries)
  const place = (content: Buffer, chosen: readonly number[] | undefined): readonly number[] => {
    const chain = [...(chosen ?? [])]
    const wanted = Math.ceil(content.length / clusterBytes)
    for (let cluster = 2; chosen === undefined && chain.length < wanted; cluster++) {
      if (cluster >= clusters + 2) throw new Error('the volume is full')
      if (taken.has(cluster)) continue
      taken.add(cluster)
      chain.push(cluster)
    }
    for (const [i, cluster] of chain.entries()) {
      content.copy(image, clusterOffset(cluster), i * clusterBytes, (i + 1) * clusterBytes)
      for (let copy = 0; copy < fats; copy++) setFat(copy, cluster, chain[i + 1] ?? end)
    }
    return chain
  }

  const files: BuiltFile[] = []
  const lay = (entries: readonly BuiltEntrySpec[], path: string, before: readonly Buffer[], self: number): Buffer => {
    const slots = [...before]
    for (const entry of entries) {
      if ('deleted' in entry) {
        const old = shortEntry('OLD.TXT', 0x20, 0, 0)
        old[0] = deleted
        slots.push(old)
      } else if ('raw' in entry) slots.push(Buffer.from(entry.raw))
      else {
        const shown = entry.longName ?? entry.name
        if (entry.longName !== undefined) slots.push(...longNameEntries(entry.longName, entry.name))
        if ('content' in entry) {
          const content = Buffer.from(entry.content as Uint8Array)
          const chain = place(content, entry.clusters)
          files.push({ path: path + shown, content, clusters: chain, slot: slots.length })
          slots.push(shortEntry(entry.name, entry.attributes ?? 0x20, chain[0] ?? 0, content.length))
        } else {
          // Room first, for its own number stands in its first entry.
          const count = entry.entries.reduce((sum, one) => sum + (('longName' in one && one.longName?.length) || 0), 0)
          const bytes = (entry.entries.length + 3 + Math.ceil(count / 13) + entry.entries.length) * 32
          const chain = place(Buffer.alloc(bytes), entry.clusters)
          const dots = [shortEntry('.', 0x10, chain[0]!, 0), shortEntry('..', 0x10, self, 0)]
          const content = lay(entry.entries, `${path}${shown}/`, dots, chain[0]!)
          for (const [i, cluster] of chain.entries()) {
            content.copy(image, clusterOffset(cluster), i * clusterBytes, (i + 1) * clusterBytes)
          }
          slots.push(shortEntry(entry.name, 0x10, chain[0]!, 0))
        }
      }
    }
    return Buffer.concat(slots)
  }
  const root = lay(spec.entries, '', [], 0)
  if (root.length > rootEntries * 32) throw new Error('the root directory is full')
  root.copy(image, rootOffset)
  if (root.length < rootEntries * 32) image[rootOffset + root.length] = 0

  return {
    image,
    fatBits,
    sectorBytes,
    clusterBytes,
    reservedBytes,
    rootOffset,
    rootEntries,
    dataOffset,
    clusters,
    fats,
    files,
    hasRubbish: spec.behindRoot !== 0,
    clusterOffset,
    fatOffset,
    getFat,
    setFat,
  }
}
