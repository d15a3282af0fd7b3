// The codecs of an archive, field by field: bytes are written by the builder, which shares nothing with them.

import { describe, expect, test } from 'vitest'
import { AppError } from '../../../../shared/errors.ts'
import { decodeDirEntry } from '../../../../electron/engine/vac/dir-entry.ts'
import { decodeEntry, wireTypeOf } from '../../../../electron/engine/vac/entry.ts'
import { decodeMetaBlock } from '../../../../electron/engine/vac/meta-block.ts'
import { modeLetters, modeWords } from '../../../../electron/engine/vac/mode.ts'
import { entrySlots, leavesUnder, minimumDepth, pointerAt } from '../../../../electron/engine/vac/pointers.ts'
import { decodeRoot } from '../../../../electron/engine/vac/root.ts'
import { extendLeaf } from '../../../../electron/engine/vac/truncate.ts'
import { withoutZeroTail } from '../../../../electron/engine/vac/zeros.ts'
import {
  emptyScore,
  entryBytesOf,
  metaBlockOf,
  nameBytesOf,
  rootBytesOf,
  zeroBytesScore,
  type EntryPlan,
} from '../../../helpers/vac-builder.ts'

const score = '0123456789abcdef0123456789abcdef01234567'

/** The code of what is thrown, and its words. */
function refusal(decode: () => unknown): string {
  try {
    decode()
  } catch (error) {
    if (error instanceof AppError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'accepted'
}

describe('root', () => {
  test('all fields', () => {
    const bytes = rootBytesOf({ name: 'fossil', type: 'vac', top: score, blockSize: 8192, prev: score.toUpperCase() })
    expect(decodeRoot(bytes, 'r')).toEqual({ name: 'fossil', type: 'vac', top: score, blockSize: 8192, prev: score })
  })

  test('both spellings of no earlier root, and of no top', () => {
    for (const none of [emptyScore, zeroBytesScore]) {
      expect(decodeRoot(rootBytesOf({ prev: none, top: none }), 'r')).toMatchObject({ prev: null, top: null })
    }
  })

  test('the floating form of the block size', () => {
    expect(decodeRoot(rootBytesOf({ version: 0x8002, blockSize: (512 << 5) | 8 }), 'r').blockSize).toBe(131072)
    expect(decodeRoot(rootBytesOf({ version: 0x8002, blockSize: 0xffff }), 'r').blockSize).toBe(2047 * 2 ** 31)
    expect(refusal(() => decodeRoot(rootBytesOf({ version: 0x8002, blockSize: (255 << 5) | 0 }), 'r'))).toMatch(
      /255 bytes/,
    )
  })

  test('a name without NUL, and one that is not UTF-8', () => {
    const bytes = rootBytesOf({})
    bytes.fill(0x61, 2, 130)
    expect(decodeRoot(bytes, 'r')).toMatchObject({ name: 'a'.repeat(128), type: 'vac' })
    bytes[2] = 0xff
    expect(decodeRoot(bytes, 'r').name).toBe(`\uFFFD${'a'.repeat(127)}`)
  })

  test.each([
    ['299 bytes', rootBytesOf({}).subarray(0, 299), /^not-a-tree: r is not .*299 bytes/],
    ['301 bytes', Buffer.concat([rootBytesOf({}), Buffer.alloc(1)]), /301 bytes/],
    ['version 1', rootBytesOf({ version: 1 }), /version 0x1/],
    ['version 3', rootBytesOf({ version: 3 }), /version 0x3/],
    ['blocks of 255 bytes', rootBytesOf({ blockSize: 255 }), /blocks of 255/],
  ])('%s is none', (_, bytes, why) => {
    expect(refusal(() => decodeRoot(bytes, 'r'))).toMatch(why)
    expect(decodeRoot(rootBytesOf({ blockSize: 256 }), 'r').blockSize).toBe(256)
  })
})

describe('entry', () => {
  const decode = (plan: EntryPlan) => decodeEntry(entryBytesOf(plan), 0, 'e')

  test('all fields; local and no-archive mean nothing', () => {
    const size = 2 ** 48 - 1
    const plan = { gen: 0xfffffffe, psize: 8180, dsize: 8192, depth: 7, directory: true, size, score }
    for (const flags of [0, 0x20, 0x80]) {
      expect(decode({ ...plan, flags })).toEqual({
        gen: 0xfffffffe,
        psize: 8180,
        dsize: 8192,
        isDirectory: true,
        depth: 7,
        size,
        score,
      })
    }
  })

  test('an empty slot, whatever else stands in it', () => {
    expect(decode({ active: false, psize: 0, dsize: 1, size: 9, score })).toBeNull()
    expect(decodeEntry(new Uint8Array(40), 0, 'e')).toBeNull()
  })

  test('at an offset', () => {
    const bytes = Buffer.concat([Buffer.alloc(40), entryBytesOf({ gen: 7 })])
    expect(decodeEntry(bytes, 40, 'e')?.gen).toBe(7)
  })

  test('both sizes in the floating form', () => {
    const found = decode({ psize: (2047 << 5) | 31, dsize: (128 << 5) | 9, flags: 0x40 })
    expect(found).toMatchObject({ psize: 2047 * 2 ** 31, dsize: 65536 })
  })

  test('sizes 0 are an empty stream, and nothing else', () => {
    const empty = { psize: 0, dsize: 0 }
    expect(decode(empty)).toMatchObject({ psize: 4096, dsize: 4096, size: 0, score: null })
    expect(decode({ ...empty, score: zeroBytesScore, directory: true })).toMatchObject({
      psize: 4096,
      isDirectory: true,
    })
    const wrong = [
      { ...empty, size: 1 },
      { ...empty, score },
      { psize: 0 },
      { dsize: 0 },
      { psize: 255 },
      { dsize: 255 },
    ]
    for (const plan of wrong) expect(refusal(() => decode(plan))).toMatch(/^bad-tree: e: block sizes/)
    expect(decode({ psize: 256, dsize: 256 })).toMatchObject({ psize: 256, dsize: 256 })
  })

  test('the depth is at least what the size needs', () => {
    const small = { psize: 256, dsize: 256 }
    for (const [size, depth] of [
      [0, 0],
      [256, 0],
      [257, 1],
      [256 * 12, 1],
      [256 * 12 + 1, 2],
      [256 * 144, 2],
      [256 * 144 + 1, 3],
    ] as const) {
      expect(decode({ ...small, size, depth })?.depth).toBe(depth)
      expect(decode({ ...small, size, depth: 7 })?.depth).toBe(7)
      if (depth > 0) expect(refusal(() => decode({ ...small, size, depth: depth - 1 }))).toMatch(/needs \d levels/)
    }
  })

  test('wire codes of the levels', () => {
    expect([0, 1, 7].map((level) => wireTypeOf({ isDirectory: false }, level))).toEqual([13, 3, 9])
    expect([0, 1, 7].map((level) => wireTypeOf({ isDirectory: true }, level))).toEqual([2, 3, 9])
  })
})

describe('arithmetic', () => {
  test('spans beyond 2^53 are endless, those below exact', () => {
    expect(leavesUnder(409, 0)).toBe(1)
    expect(leavesUnder(409, 6)).toBe(409 ** 6)
    expect(leavesUnder(409, 7)).toBe(Infinity)
    expect(leavesUnder(3276, 5)).toBe(Infinity)
    expect(leavesUnder(12, 7)).toBe(12 ** 7)
  })

  test('what the largest stream needs', () => {
    expect(minimumDepth(2 ** 48 - 1, 8192, 8180)).toBe(5)
    expect(minimumDepth(2 ** 48 - 1, 57344, 57344)).toBe(3)
    expect(minimumDepth(2 ** 48 - 1, 256, 256)).toBe(12)
  })

  test('slots of a directory stream', () => {
    expect(entrySlots(0, 8192)).toBe(0)
    expect(entrySlots(39, 8192)).toBe(0)
    expect(entrySlots(120, 8192)).toBe(3)
    expect(entrySlots(8192, 8192)).toBe(204)
    // 204 entries take 8160 bytes; the 32 behind them hold none.
    expect(entrySlots(8191, 8192)).toBe(204)
    expect(entrySlots(3 * 8192 + 41, 8192)).toBe(3 * 204 + 1)
  })

  test('pointers of a truncated block', () => {
    const block = Buffer.from(score + emptyScore + zeroBytesScore + score.slice(0, 38), 'hex')
    expect([0, 1, 2, 3, 4, 1e6].map((index) => pointerAt(block, index))).toEqual([score, null, null, null, null, null])
  })

  test('extending and cutting zeros', () => {
    expect([...extendLeaf(Uint8Array.of(1, 2), 4)]).toEqual([1, 2, 0, 0])
    expect([...extendLeaf(Uint8Array.of(1, 2, 3), 2)]).toEqual([1, 2])
    expect([...withoutZeroTail(Uint8Array.of(0, 1, 0, 0))]).toEqual([0, 1])
    expect(withoutZeroTail(new Uint8Array(9))).toHaveLength(0)
  })
})

describe('meta block', () => {
  const names = ['one', 'two', 'three'].map((name, entry) => nameBytesOf({ name, entry }))
  const decode = (block: Uint8Array) => decodeMetaBlock(block, 'm')

  test.each([
    [0x5656fc79, 'vac'],
    [0x5656fc7a, 'fossil'],
  ])('magic %d', (magic, writer) => {
    const block = decode(extendLeaf(metaBlockOf(names, { magic }), 8192))
    expect(block).toEqual({ writer, slots: names.map((bytes) => ({ bytes: new Uint8Array(bytes) })) })
  })

  test('the minimal block of the console command, not extended', () => {
    const block = metaBlockOf([names[0] as Buffer], { maxIndex: 1 })
    expect(block.length).toBe(16 + (names[0] as Buffer).length)
    expect(decode(block).slots).toHaveLength(1)
  })

  test('zeros are a block without names', () => {
    expect(decode(new Uint8Array(8192))).toEqual({ writer: 'none', slots: [] })
  })

  /** The block with 16 bits changed. */
  const changed = (at: number, value: number): Uint8Array => {
    const block = metaBlockOf(names, { maxIndex: 3 })
    block.writeUInt16BE(value, at)
    return block
  }
  const end = metaBlockOf(names, { maxIndex: 3 }).length

  test.each([
    ['another magic', changed(2, 0xfc78), /magic 0x5656fc78/],
    ['more in use than there is', changed(4, end + 1), /bytes in use/],
    ['more slots used than allocated', changed(10, 4), /4 index slots used of 3/],
    ['an index beyond the block', changed(8, 0xffff), /index of 65535/],
    ['too short', new Uint8Array(11), /too few/],
  ])('%s', (_, block, why) => {
    expect(refusal(() => decode(block))).toMatch(new RegExp(`^bad-tree: m: .*${why.source}`))
    expect(decode(changed(4, end)).slots).toHaveLength(3)
  })

  test.each([
    ['in the index', changed(12, 23), /not inside 24 to/],
    ['over the end of what is used', changed(4, end - 1), null],
    ['beyond the end', changed(12, 0xffff), /not inside/],
    ['shorter than a magic and a version', changed(14, 7), /too few/],
    ['where no entry stands', changed(12, 25), /magic 0x/],
  ])('a slot %s spoils no other', (_, block, why) => {
    const { slots } = decode(block)
    const problems = slots.flatMap((slot) => ('problem' in slot ? [slot.problem] : []))
    expect(slots).toHaveLength(3)
    expect(problems).toHaveLength(1)
    if (why !== null) expect(problems[0]).toMatch(why)
  })
})

describe('directory entry', () => {
  const all = {
    name: 'größe',
    entry: 5,
    gen: 6,
    metaEntry: 9,
    metaGen: 10,
    qid: 2n ** 63n + 3n,
    uid: 'u',
    gid: '',
    mid: 'm',
    mtime: 0xffffffff,
    mcount: 12,
    ctime: 13,
    atime: 14,
    mode: 0x8000 | 0o751,
  }
  const common = { ...all, nameBytes: new Uint8Array(Buffer.from('größe')), nameIsUtf8: true, qidSpace: null }
  const decode = (bytes: Uint8Array) => decodeDirEntry(bytes, 'd')

  test('version 9', () => {
    expect(decode(nameBytesOf({ ...all, version: 9 }))).toEqual({ ...common, version: 9 })
  })

  test.each([7, 8])('version %d: no generations, meta behind the source', (version) => {
    const old = { gen: 0, metaGen: 0, metaEntry: 6 }
    expect(decode(nameBytesOf({ ...all, version }))).toEqual({ ...common, ...old, version })
  })

  test('sections: qid space in all versions, Plan 9 in the old ones, others skipped', () => {
    const qidSpace = [3, Buffer.from('0000000000000100ffffffffffffffff', 'hex')] as const
    const plan9 = [1, Buffer.from('00000000000000010000002a', 'hex')] as const
    const sections = [[2, Buffer.alloc(3)], qidSpace, [4, Buffer.alloc(4)], plan9, [0xee, Buffer.alloc(0)]] as const
    for (const version of [7, 8, 9]) {
      const found = decode(nameBytesOf({ ...all, version, mcount: 0, sections }))
      expect(found.qidSpace).toEqual({ offset: 256n, max: 2n ** 64n - 1n })
      expect(found.mcount).toBe(version < 9 ? 42 : 0)
      expect(decode(nameBytesOf({ ...all, version, sections })).mcount).toBe(12)
      expect(refusal(() => decode(nameBytesOf({ ...all, version, sections: [qidSpace, qidSpace] })))).toMatch(/twice/)
      expect(refusal(() => decode(nameBytesOf({ ...all, version, sections: [[3, Buffer.alloc(15)]] })))).toMatch(
        /15 bytes/,
      )
      const short = refusal(() => decode(nameBytesOf({ ...all, version, sections: [[1, Buffer.alloc(11)]] })))
      expect(short).toMatch(version < 9 ? /section 1 of 11/ : /^accepted/)
    }
  })

  test('it ends exactly where it ends', () => {
    const bytes = nameBytesOf(all)
    for (let length = 0; length < bytes.length; length++) {
      expect(refusal(() => decode(bytes.subarray(0, length)))).toMatch(/^bad-tree: d: /)
    }
    expect(refusal(() => decode(Buffer.concat([bytes, Buffer.alloc(1)])))).toMatch(/^bad-tree: d: /)
    expect(refusal(() => decode(nameBytesOf({ ...all, version: 6 })))).toMatch(/version 6/)
    expect(refusal(() => decode(nameBytesOf({ ...all, version: 10 })))).toMatch(/version 10/)
  })

  test('names hold anything', () => {
    const bytes = Buffer.from('efbbbf2f2e2e00ff', 'hex')
    const { name, nameBytes, nameIsUtf8 } = decode(nameBytesOf({ ...all, name: bytes }))
    expect({ name, nameBytes, nameIsUtf8 }).toEqual({
      name: '\uFEFF/..\0\uFFFD',
      nameBytes: new Uint8Array(bytes),
      nameIsUtf8: false,
    })
  })
})

test('mode bits in letters and words', () => {
  expect(modeLetters(0o644)).toBe('--rw-r--r--')
  expect(modeLetters(0x8000 | 0o751)).toBe('d-rwxr-x--x')
  expect(modeLetters((1 << 12) | (1 << 13))).toBe('al---------')
  expect(modeLetters((1 << 14) | 0o777)).toBe('-Lrwxrwxrwx')
  expect(modeLetters(1 << 21)).toBe('D----------')
  expect(modeLetters(1 << 22)).toBe('P----------')
  expect(modeWords(0x8000 | (1 << 20) | 0o777)).toEqual(['directory', 'snapshot'])
  const bits = Array.from({ length: 14 }, (_, i) => modeWords(1 << (i + 9)))
  expect(bits.every((words) => words.length === 1)).toBe(true)
  expect(new Set(bits.flat()).size).toBe(14)
  expect(modeWords(0o777)).toEqual([])
})
