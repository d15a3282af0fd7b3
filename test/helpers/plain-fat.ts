// A second opinion on a FAT volume, written apart from the engine's reader and as plainly as can be: what the files are
// through the first FAT, and what is wrong. Made for volumes that are sound or cut in the middle of an edit.

export type PlainFile = {
  readonly path: string
  /** The directory entry as it stands there, and where in the image. */
  readonly entry: string
  readonly entryAt: number
  readonly chain: readonly number[]
  /** The bytes where they stand in the image, neighbouring clusters in one piece; no copies. */
  readonly pieces: readonly Uint8Array[]
  /** All of them as text. Put together when it is asked for: some files fill a volume. */
  readonly content: string
}

export type PlainVolume = {
  readonly files: ReadonlyMap<string, PlainFile>
  /** Anything an edit may never leave: loops, shared clusters, wild links, wrong lengths, copies that differ where it matters. */
  readonly problems: readonly string[]
  /** Clusters that no file reaches and the first FAT does not call free. */
  readonly lost: readonly number[]
  /** Clusters that no file reaches and the FATs do not agree on. */
  readonly differing: readonly number[]
  readonly reserved: string
  readonly free: readonly number[]
  /** Sector of the image in which a cluster begins. */
  readonly sectorOf: (cluster: number) => number
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

export function inspectFat(bytes: Uint8Array): PlainVolume {
  const image = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const perSector = image.readUInt16LE(11)
  const perCluster = image.readUInt8(13)
  const reservedSectors = image.readUInt16LE(14)
  const copies = image.readUInt8(16)
  const rootEntries = image.readUInt16LE(17)
  const total = image.readUInt16LE(19) === 0 ? image.readUInt32LE(32) : image.readUInt16LE(19)
  const perFat = image.readUInt16LE(22)
  const root = (reservedSectors + copies * perFat) * perSector
  const data = root / perSector + Math.ceil((rootEntries * 32) / perSector)
  const count = Math.floor((total - data) / perCluster)
  const isFat12 = count < 4085
  const sectorOf = (cluster: number): number => data + (cluster - 2) * perCluster

  const link = (copy: number, cluster: number): number => {
    const fat = (reservedSectors + copy * perFat) * perSector
    if (!isFat12) return image.readUInt16LE(fat + 2 * cluster)
    const pair = image.readUInt16LE(fat + Math.floor(1.5 * cluster))
    return cluster % 2 === 0 ? pair % 4096 : Math.floor(pair / 16)
  }
  const lowestEnd = isFat12 ? 0xff8 : 0xfff8
  const bad = isFat12 ? 0xff7 : 0xfff7

  const files = new Map<string, PlainFile>()
  const problems: string[] = []
  const owner: (string | undefined)[] = Array.from({ length: count + 2 })

  const follow = (path: string, first: number): number[] => {
    const chain: number[] = []
    for (let cluster = first; cluster !== 0 && cluster < lowestEnd; cluster = link(0, cluster)) {
      if (cluster < 2 || cluster > count + 1) {
        problems.push(`${path}: wild link to ${cluster}`)
        break
      }
      const other = owner[cluster]
      if (other !== undefined) {
        problems.push(other === path ? `${path}: loop at ${cluster}` : `${path}: shares ${cluster} with ${other}`)
        break
      }
      owner[cluster] = path
      chain.push(cluster)
      if (link(0, cluster) === 0) {
        problems.push(`${path}: ${cluster} is marked free`)
        break
      }
      for (let copy = 1; copy < copies; copy++)
        if (link(copy, cluster) !== link(0, cluster)) problems.push(`${path}: FATs differ at ${cluster}`)
    }
    return chain
  }

  const piecesOf = (chain: readonly number[], size: number): Buffer[] => {
    const pieces: Buffer[] = []
    let left = size
    for (let i = 0; i < chain.length && left > 0;) {
      const start = chain[i]!
      let run = 1
      while (chain[i + run] === start + run) run++
      const from = sectorOf(start) * perSector
      const length = Math.min(left, run * perCluster * perSector)
      pieces.push(image.subarray(from, from + length))
      left -= length
      i += run
    }
    return pieces
  }

  const readEntries = (folder: string, places: readonly number[]): void => {
    for (const at of places) {
      const entry = image.subarray(at, at + 32)
      if (entry[0] === 0) return
      const attribute = entry[11]!
      if (entry[0] === 0xe5 || attribute === 0x0f || entry[0] === 0x2e) continue
      const base = latin1(entry.subarray(0, 8)).trimEnd()
      const extension = latin1(entry.subarray(8, 11)).trimEnd()
      const path = `${folder}${extension === '' ? base : `${base}.${extension}`}`
      if (files.has(path)) problems.push(`${path}: twice`)
      const chain = follow(path, entry.readUInt16LE(26))
      const clusterBytes = perCluster * perSector
      const isFolder = (attribute & 0x10) !== 0
      const size = entry.readUInt32LE(28)
      if (!isFolder && chain.length !== Math.ceil(size / clusterBytes))
        problems.push(`${path}: ${size} bytes in ${chain.length} clusters`)
      const pieces = isFolder ? [] : piecesOf(chain, size)
      files.set(path, {
        path,
        entry: entry.toString('hex'),
        entryAt: at,
        chain,
        pieces,
        get content() {
          return latin1(Buffer.concat(pieces))
        },
      })
      if (!isFolder) continue
      const inside = chain.flatMap((cluster) =>
        Array.from({ length: clusterBytes / 32 }, (_, i) => sectorOf(cluster) * perSector + 32 * i),
      )
      readEntries(`${path}/`, inside)
    }
  }
  readEntries(
    '',
    Array.from({ length: rootEntries }, (_, i) => root + 32 * i),
  )

  const lost: number[] = []
  const differing: number[] = []
  const free: number[] = []
  for (let cluster = 2; cluster <= count + 1; cluster++) {
    if (owner[cluster] !== undefined) continue
    const value = link(0, cluster)
    for (let copy = 0; copy < copies; copy++) {
      const found = link(copy, cluster)
      // mtools refuses the whole volume for one of these, reached or not.
      if (found === 1 || (found > count + 1 && found < bad))
        problems.push(`${cluster} leads to ${found} in FAT ${copy + 1}`)
    }
    for (let copy = 1; copy < copies; copy++) {
      if (link(copy, cluster) === value) continue
      differing.push(cluster)
      break
    }
    if (value === 0) free.push(cluster)
    else if (value !== bad) lost.push(cluster)
  }
  const reserved = latin1(image.subarray(0, reservedSectors * perSector))
  return { files, problems, lost, differing, reserved, free, sectorOf }
}

/** In entry, place, clusters and every byte. */
export function isSameFile(a: PlainFile | undefined, b: PlainFile | undefined): boolean {
  if (a === undefined || b === undefined) return false
  if (a.entry !== b.entry || a.entryAt !== b.entryAt || a.chain.join() !== b.chain.join()) return false
  // One chain and one length: the same pieces.
  return a.pieces.every((piece, i) => Buffer.compare(piece, b.pieces[i]!) === 0)
}
