// What fossil/last prints, from the fixture; every check of header, super block and label with a fossil that fails it.

import { describe, expect, test } from 'vitest'
import { readFossilLast } from '../../../../electron/engine/fossil/fossil-last.ts'
import { expectedFossil, loadDisk } from '../../../helpers/disk-fixtures.ts'
import { faultySource } from '../../../helpers/faulty-source.ts'
import { memorySource } from '../../../helpers/memory-source.ts'

const header = 131_072
const superBlock = 147_456
/** Label of data block 226, the active root: the first label block is 19. */
const activeLabel = 19 * 8192 + 226 * 14

/** The first part of the fixture: everything that is read. */
const fossil = loadDisk('fossil')

function changed(change: (image: Buffer) => void): Buffer {
  const image = Buffer.from(fossil)
  change(image)
  return image
}

test('the fixture', async () => {
  const { blockSize, superBlock: block, label, last, configText } = expectedFossil()
  expect(await readFossilLast(memorySource(fossil))).toEqual({
    blockSize,
    superBlock: block,
    label,
    last: last.slice(4),
    isEmpty: false,
    archiving: false,
    epochLow: 4,
    epochHigh: 7,
    configText,
    warnings: [],
  })
})

describe('refused with the reason', () => {
  test.each<[string, (image: Buffer) => void, string]>([
    [
      'header magic',
      (image) => image.writeUInt32BE(0x3776ae88, header),
      'fossil header at 0x20000: magic is 0x3776ae88, expected 0x3776ae89',
    ],
    ['header version', (image) => image.writeUInt16BE(2, header + 4), 'version is 2, expected 1'],
    ['block size 0', (image) => image.writeUInt16BE(0, header + 6), 'block size is 0, expected a multiple of 512'],
    ['block size odd', (image) => image.writeUInt16BE(8191, header + 6), 'block size is 8191'],
    ['super block in the header', (image) => image.writeUInt32BE(16, header + 8), 'super block 16, labels from 19'],
    ['super block behind the labels', (image) => image.writeUInt32BE(19, header + 8), 'super block 19, labels from 19'],
    ['labels behind the data', (image) => image.writeUInt32BE(26, header + 12), 'labels from 26, data from 26'],
    ['data behind the end', (image) => image.writeUInt32BE(4096, header + 16), 'data from 4096 to 4096'],
    [
      'more data than labels',
      (image) => image.writeUInt32BE(4122, header + 20),
      'room for 4095 labels, but 4096 data blocks',
    ],
    [
      'super magic',
      (image) => image.writeUInt32BE(0, superBlock),
      'fossil super block at 0x24000: magic is 0x0, expected 0x2340a3b1',
    ],
    ['super version', (image) => image.writeUInt16BE(0, superBlock + 4), 'version is 0, expected 1'],
    ['epoch 0', (image) => image.writeUInt32BE(0, superBlock + 6), 'epochs 0 to 7'],
    ['epochs the other way round', (image) => image.writeUInt32BE(8, superBlock + 6), 'epochs 8 to 7'],
    ['qid 0', (image) => image.fill(0, superBlock + 14, superBlock + 22), 'the next qid is 0'],
    [
      'active root outside',
      (image) => image.writeUInt32BE(4070, superBlock + 22),
      'the active root is data block 4070, but there are 4070',
    ],
    [
      'next root outside',
      (image) => image.writeUInt32BE(4070, superBlock + 26),
      'the root waiting to be archived is data block 4070',
    ],
    [
      'current root outside',
      (image) => image.writeUInt32BE(0xfffffffe, superBlock + 30),
      'the root being archived is data block 4294967294',
    ],
  ])('%s', async (_, change, words) => {
    const reading = readFossilLast(memorySource(changed(change), 'fossil.img'))
    await expect(reading).rejects.toMatchObject({ code: 'not-fossil' })
    await expect(reading).rejects.toThrow(`fossil.img: `)
    await expect(reading).rejects.toThrow(words)
  })

  test.each([0, 131_072, 131_583])('%d bytes are too few', async (size) => {
    const reading = readFossilLast(memorySource(fossil.subarray(0, size)))
    await expect(reading).rejects.toMatchObject({ code: 'not-fossil' })
    await expect(reading).rejects.toThrow(`${size} bytes are too few for a fossil`)
  })

  test('an image cut off before its super block', async () => {
    await expect(readFossilLast(memorySource(fossil.subarray(0, 147_456)))).rejects.toThrow(
      'super block 18, but the partition has only 18 blocks',
    )
  })

  test('a place that cannot be read is the disk, not the fossil', async () => {
    const unreadable = [{ start: superBlock, end: superBlock + 1 }]
    await expect(readFossilLast(faultySource(memorySource(fossil), { unreadable }))).rejects.toMatchObject({
      code: 'source-read',
    })
  })
})

describe('said, and no reason to refuse', () => {
  test.each<[string, (image: Buffer) => void, object]>([
    ['waiting to be archived', (image) => image.writeUInt32BE(226, superBlock + 26), { archiving: true }],
    ['being archived', (image) => image.writeUInt32BE(226, superBlock + 30), { archiving: true }],
    [
      'never archived',
      (image) => image.write('da39a3ee5e6b4b0d3255bfef95601890afd80709', superBlock + 34, 'hex'),
      { isEmpty: true, last: 'da39a3ee5e6b4b0d3255bfef95601890afd80709' },
    ],
    ['twenty zero bytes', (image) => image.fill(0, superBlock + 34, superBlock + 54), { isEmpty: true }],
    [
      'a label of 128 bytes, not all of them text',
      (image) => image.fill('x\u001b', superBlock + 54, superBlock + 182),
      { label: 'x?'.repeat(64) },
    ],
    ['no configuration', (image) => image.fill(0, 130_048, 130_060), { configText: null }],
    [
      'a configuration without an end',
      (image) => image.fill('#', 130_048 + 14, 131_072),
      { configText: `fossil config\n${'#'.repeat(1010)}` },
    ],
  ])('%s', async (_, change, expected) => {
    expect(await readFossilLast(memorySource(changed(change)))).toMatchObject({ warnings: [], ...expected })
  })

  test.each<[string, (image: Buffer) => void, string]>([
    ['free', (image) => image.writeUInt8(0, activeLabel), 'state 0x0, expected a block in use'],
    ['bad', (image) => image.writeUInt8(0xff, activeLabel), 'state 0xff, expected a block in use'],
    ['closed', (image) => image.writeUInt8(9, activeLabel), 'it was closed in epoch 4294967295'],
    ['closed by its epoch', (image) => image.writeUInt32BE(5, activeLabel + 6), 'it was closed in epoch 5'],
    ['data', (image) => image.writeUInt8(0, activeLabel + 1), 'type 0x0, expected a directory (0x8)'],
    [
      'of another file',
      (image) => image.writeUInt32BE(33, activeLabel + 10),
      'tag 0x21, expected that of the root (0x1)',
    ],
    ['from the future', (image) => image.writeUInt32BE(8, activeLabel + 2), 'epoch 8, but the newest is 7'],
  ])('a label of the active root that is %s', async (_, change, words) => {
    const { last, warnings } = await readFossilLast(memorySource(changed(change)))
    expect(last).toBe(expectedFossil().last.slice(4))
    expect(warnings).toEqual([`label of the active root (data block 226): ${words}`])
  })

  test('the label of a block far behind is looked for in the label block that has it', async () => {
    const image = changed((one) => {
      one.writeUInt32BE(1300, superBlock + 22)
      // 585 labels in a block: the 131st of the third.
      one.copy(one, (19 + 2) * 8192 + 130 * 14, activeLabel, activeLabel + 14)
    })
    expect((await readFossilLast(memorySource(image))).warnings).toEqual([])
    image.writeUInt32BE(1301, superBlock + 22)
    image.fill(0, (19 + 2) * 8192 + 131 * 14, (19 + 2) * 8192 + 132 * 14)
    expect((await readFossilLast(memorySource(image))).warnings).toEqual([
      'label of the active root (data block 1301): state 0x0, expected a block in use',
    ])
  })

  test('a label, or a configuration, that cannot be read', async () => {
    const unreadable = [
      { start: activeLabel, end: activeLabel + 1 },
      { start: 130_048, end: 130_049 },
    ]
    const { last, configText, warnings } = await readFossilLast(faultySource(memorySource(fossil), { unreadable }))
    expect([last, configText]).toEqual([expectedFossil().last.slice(4), null])
    expect(warnings).toEqual([expect.stringMatching(/^the label of the active root cannot be read: .*EIO/)])
  })

  test('an image that was cut short behind the super block', async () => {
    const { last, warnings } = await readFossilLast(memorySource(fossil.subarray(0, 156_000)))
    expect(last).toBe(expectedFossil().last.slice(4))
    expect(warnings).toEqual([
      'the header says that it ends at 0x2000000, but the partition ends at 0x26160: it was cut short',
      'the label of the active root is beyond the end of the partition',
    ])
  })
})
