// A directory entry: name and attributes of one file, as it stands in a meta block. Authority: plan9port src/cmd/vac/pack.c
// vdunpack and src/cmd/fossil/pack.c deUnpack. Fields follow each other without padding; layout in vac-and-fossil.md 4.2.

import { AppError } from '../../../shared/errors.ts'
import { hexNumber } from '../bytes/hex.ts'
import { ByteReader } from '../bytes/reader.ts'
import { scoreBytes } from '../venti/format/constants.ts'
import { isUtf8, textOf } from './text.ts'

export const dirEntryMagic = 0x1c4d9072

const plan9Section = 1
const plan9Bytes = 8 + 4
const qidSpaceSection = 3
const qidSpaceBytes = 8 + 8

export type DirEntry = {
  readonly version: 7 | 8 | 9
  /** As text; what is not UTF-8 in it shows as U+FFFD. Not a path: it may hold anything. */
  readonly name: string
  readonly nameBytes: Uint8Array
  readonly nameIsUtf8: boolean
  /** Slot of the data, or of a directory's source, in the parent's source. */
  readonly entry: number
  readonly gen: number
  /** Slot of a directory's meta; meaningless for files. */
  readonly metaEntry: number
  readonly metaGen: number
  readonly qid: bigint
  readonly uid: string
  readonly gid: string
  /** Who changed it last. */
  readonly mid: string
  /** Seconds since 1970. */
  readonly mtime: number
  readonly mcount: number
  readonly ctime: number
  readonly atime: number
  readonly mode: number
  /** Qids below a directory of a merged archive are shifted by `offset`. */
  readonly qidSpace: { readonly offset: bigint; readonly max: bigint } | null
}

type Sections = Pick<DirEntry, 'qidSpace'> & { readonly qidVersion: number }

const u64 = (reader: ByteReader): bigint => (BigInt(reader.u32be()) << 32n) | BigInt(reader.u32be())

function readSections(reader: ByteReader, end: number, version: number, refuse: (what: string) => AppError): Sections {
  let qidVersion: number | null = null
  let qidSpace: DirEntry['qidSpace'] = null
  while (reader.position < end) {
    const type = reader.u8()
    const length = reader.u16be()
    const at = reader.position
    const isPlan9 = type === plan9Section && version < 9
    const isQidSpace = type === qidSpaceSection
    if ((isPlan9 && qidVersion !== null) || (isQidSpace && qidSpace !== null)) throw refuse(`section ${type} twice`)
    if ((isPlan9 && length !== plan9Bytes) || (isQidSpace && length !== qidSpaceBytes)) {
      throw refuse(`section ${type} of ${length} bytes`)
    }
    if (isPlan9) {
      reader.skip(8)
      qidVersion = reader.u32be()
    } else if (isQidSpace) qidSpace = { offset: u64(reader), max: u64(reader) }
    else reader.skip(length)
    reader.finish(at + length)
  }
  return { qidSpace, qidVersion: qidVersion ?? 0 }
}

function decode(bytes: Uint8Array, name: string): DirEntry {
  const refuse = (what: string): AppError => new AppError('bad-tree', `${name}: ${what}`)
  const reader = new ByteReader(bytes, name)
  const magic = reader.u32be()
  if (magic !== dirEntryMagic) throw refuse(`magic ${hexNumber(magic)} is not a directory entry's`)
  const version = reader.u16be()
  if (version !== 7 && version !== 8 && version !== 9)
    throw refuse(`version ${version} of a directory entry is unknown`)
  const string = (): Uint8Array => reader.view(reader.u16be())
  const nameBytes = new Uint8Array(string())
  const entry = reader.u32be()
  const isNew = version === 9
  const gen = isNew ? reader.u32be() : 0
  const metaEntry = isNew ? reader.u32be() : entry + 1
  const metaGen = isNew ? reader.u32be() : 0
  const qid = u64(reader)
  if (version === 7) reader.skip(scoreBytes)
  const [uid, gid, mid] = [textOf(string()), textOf(string()), textOf(string())]
  const [mtime, mcount, ctime, atime, mode] = [
    reader.u32be(),
    reader.u32be(),
    reader.u32be(),
    reader.u32be(),
    reader.u32be(),
  ]
  const { qidSpace, qidVersion } = readSections(reader, bytes.length, version, refuse)
  reader.finish(bytes.length)
  return {
    version,
    name: textOf(nameBytes),
    nameBytes,
    nameIsUtf8: isUtf8(nameBytes),
    entry,
    gen,
    metaEntry,
    metaGen,
    qid,
    uid,
    gid,
    mid,
    mtime,
    mcount: mcount === 0 ? qidVersion : mcount,
    ctime,
    atime,
    mode,
    qidSpace,
  }
}

/** `bytes` is exactly what the index slot names. Rejects with `bad-tree`, also where a field runs over the end. */
export function decodeDirEntry(bytes: Uint8Array, name: string): DirEntry {
  try {
    return decode(bytes, name)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'decode-failed') throw error
    throw new AppError('bad-tree', error.message, { cause: error })
  }
}
