// Every 9fat volume of the fixtures gives its expected values, damaged ones included: layout, slots, files with their chains
// and contents. The check agrees with fsck.fat about which of them are in order.

import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { checkVolume } from '../../../../electron/engine/fat/check.ts'
import type { Chain } from '../../../../electron/engine/fat/chain.ts'
import { openVolume, type FatVolume } from '../../../../electron/engine/fat/volume.ts'
import { rangeSource } from '../../../../electron/engine/source/range-source.ts'
import {
  expectedDisk,
  expectedVolume,
  loadDisk,
  volumeIds,
  type ExpectedFile,
  type ExpectedVolume,
} from '../../../helpers/disk-fixtures.ts'
import { fsckLines, missing } from '../../../helpers/fat-programs.ts'
import { memorySource } from '../../../helpers/memory-source.ts'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

function runsOf({ clusters, end }: Chain): ExpectedFile['chainRuns'] {
  const runs: [number, number][] = []
  for (const cluster of clusters) {
    const last = runs.at(-1)
    if (last !== undefined && last[1] === cluster - 1) last[1] = cluster
    else runs.push([cluster, cluster])
  }
  return end === 'loop' ? [...runs, 'loop'] : runs
}

function layoutOf({ layout }: FatVolume): Partial<ExpectedVolume> {
  return {
    oem: layout.oem,
    fatBits: layout.fatBits,
    bytesPerSector: layout.sectorBytes,
    sectorsPerCluster: layout.sectorsPerCluster,
    reservedSectors: layout.reservedSectors,
    fats: layout.fats,
    rootEntries: layout.rootEntries,
    totalSectors: layout.totalSectors,
    sectorsPerFat: layout.sectorsPerFat,
    hiddenSectors: layout.hiddenSectors,
    media: layout.media,
    label: layout.label,
    typeString: layout.typeText,
    fatOffset: layout.fatSector * layout.sectorBytes,
    rootOffset: layout.rootSector * layout.sectorBytes,
    dataOffset: layout.dataSector * layout.sectorBytes,
    clusters: layout.clusters,
  }
}

async function filesOf(volume: FatVolume, expected: readonly ExpectedFile[]): Promise<unknown[]> {
  const found: unknown[] = []
  for (const { name, text, longName, lfnSlots, ntCaseFlags } of expected) {
    const file = volume.root.files.find(({ shortName }) => shortName === name)
    if (file === undefined) throw new Error(`no ${name}`)
    const reading = file.isDirectory ? null : (await volume.examineFile(name))!
    found.push({
      name: file.shortName,
      slot: file.slot,
      attr: file.attributes,
      size: file.sizeBytes,
      firstCluster: file.firstCluster,
      ...(reading === null
        ? {}
        : {
            chainRuns: runsOf(reading.chain),
            clusters: reading.chain.clusters.length + (reading.chain.end === 'loop' ? 1 : 0),
            sha256: sha256(reading.bytes),
            complete: reading.isComplete,
          }),
      ...(text === undefined ? {} : { text: Buffer.from(reading!.bytes).toString('latin1') }),
      ...(longName === undefined ? {} : { longName: file.longName }),
      ...(lfnSlots === undefined ? {} : { lfnSlots: file.longNameSlots }),
      ...(ntCaseFlags === undefined ? {} : { ntCaseFlags: file.caseFlags }),
    })
  }
  return found
}

/** A directory has a chain, but no content to sum. */
function withoutContent(file: ExpectedFile): unknown {
  if ((file.attr & 0x10) === 0) return file
  const { chainRuns: _, clusters: _c, sha256: _s, complete: _d, ...rest } = file
  return rest
}

async function expectVolume(volume: FatVolume, expected: ExpectedVolume): Promise<void> {
  const { files, freeClusters, rootSlots, fileCount, fsck, rootscorSlack } = expected
  expect(expected).toMatchObject(layoutOf(volume))
  expect([volume.freeClusters, volume.root.slots, volume.problems]).toEqual([freeClusters, rootSlots, []])
  expect(volume.root.files).toHaveLength(fileCount ?? files.length)
  expect(await filesOf(volume, files)).toEqual(files.map(withoutContent))
  const [first, ...others] = volume.fats as Uint8Array[]
  const areSame = others.every((copy) => Buffer.compare(copy, first!) === 0)
  expect(areSame).toBe(expected.fatCopiesIdentical)
  if (fsck !== undefined)
    expect([fsck.clean, checkVolume(volume).findings.length > 0]).toEqual([fsck.clean, !fsck.clean])
  if (rootscorSlack === undefined) return
  const { file } = (await volume.examineFile('rootscor'))!
  expect(Math.ceil(file.sizeBytes / 4096) * 4096 - file.sizeBytes).toBe(rootscorSlack)
}

test.each(volumeIds)('%s', async (id) => {
  await expectVolume(await openVolume(memorySource(loadDisk(id), id)), expectedVolume(id))
})

test.each(['disk-mbr', 'disk-gpt'] as const)('the 9fat of %s', async (id) => {
  const expected = expectedDisk(id)
  const { byteOffset, bytes } = expected.parts.find(({ name }) => name === '9fat')!
  const source = rangeSource(memorySource(loadDisk(id), id), byteOffset, bytes, `${id}:9fat`)
  const volume = await openVolume(source)
  await expectVolume(volume, expected['9fat'])
  expect(checkVolume(volume).findings).toEqual([])
})

describe('what the check says of the damaged ones', () => {
  test.each([
    ['9fat12-fatdiff', 'fats-differ', 'ROOTSCOR'],
    ['9fat12-loop', 'loop', 'ROOTSCOR'],
    ['9fat12-crosslink', 'shared-cluster', 'ROOTSCOR'],
    ['9fat12-sizemismatch', 'chain-length', 'ROOTSCOR'],
    ['9fat16-512-dirty', 'dirty', null],
  ])('%s: %s', async (id, kind, path) => {
    const { findings } = checkVolume(await openVolume(memorySource(loadDisk(id))))
    expect(findings[0]).toMatchObject({ kind, path })
  })
})

describe.skipIf(missing('fsck.fat'))('fsck.fat', () => {
  test.each(volumeIds)('says of %s what the manifest has', (id) => {
    expect(fsckLines(loadDisk(id))).toEqual(expectedVolume(id).fsck!.lines)
  })
})
