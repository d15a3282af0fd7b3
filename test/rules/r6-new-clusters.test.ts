// R6 where clusters are taken and freed: copies, growing files, creations. Nothing but unreferenced clusters, and FAT copies
// that differ in them, may be left at any cut; the next run clears them away. Cut again: r6-cut-again.test.ts.

import { describe, expect, test, vi } from 'vitest'
import { runTrial, type Wish } from '../helpers/cut-trial.ts'
import { buildCutVolume, longerLine, rootLines, wrcmdLine, type CutVolume } from '../helpers/cut-volumes.ts'

// fsck.fat is started some thousand times, and other tests may be running.
vi.setConfig({ testTimeout: 60_000 })

const set = (text: string): Wish => ({ name: 'wrcmd', kind: 'replace', text })
const append = (text: string): Wish => ({ name: 'rootscor', kind: 'append', text })

const twoSectors = `${wrcmdLine.trimEnd()}${' -v'.repeat(300)}\n`.slice(0, 900)

async function expectR6(volume: CutVolume, wishes: readonly Wish[], procedures = 'copy'): Promise<void> {
  const isOddToFsck = volume.behindRoot !== undefined && volume.behindRoot !== freed
  const count = await runTrial({ image: buildCutVolume(volume), wishes, isClean: false, isOddToFsck })
  expect(count.procedures).toBe(procedures)
  expect(count.states).toBeGreaterThan(count.writes)
  expect(count.restoreStates).toBeGreaterThan(count.writes)
}

/** First byte of a freed directory slot, and of one that looks like a file. */
const freed = 0xe5
const rubbish = 0x42

/** FAT12: the entries of these lie in two sectors. */
const straddling = [341, 682, 1365, 1706, 2389]

describe('B: a copy', () => {
  test('of a wrcmd that needs two sectors', async () => await expectR6({}, [set(twoSectors)]))
  test('of a wrcmd that becomes one sector again', async () => await expectR6({ wrcmd: twoSectors }, [set(longerLine)]))
  test('of an empty wrcmd', async () => await expectR6({ wrcmd: '' }, [set(longerLine)]))
  test('FAT16', async () => await expectR6({ bits: 16 }, [set(twoSectors)]))
  test('with a long-name entry', async () => await expectR6({ hasLongName: true }, [set(twoSectors)]))
  test('when the directory is full', async () => await expectR6({ isRootFull: true }, [set(twoSectors)]))
  test('into the last two clusters that are free', async () => await expectR6({ free: [900, 2401] }, [set(twoSectors)]))

  test.each(straddling)('into cluster %d, whose FAT12 entry straddles sectors', async (cluster) => {
    await expectR6({ free: [cluster, cluster + 1] }, [set(twoSectors)])
  })
  test.each(straddling)('into clusters that end in %d', async (cluster) => {
    await expectR6({ free: [40, cluster] }, [set(twoSectors)])
  })
  test('into straddling clusters only', async () => {
    await expectR6({ free: straddling, rootscor: rootLines(6) }, [append(rootLines(20, 50))])
  })
  test('away from straddling clusters, out of order', async () => {
    await expectR6({ wrcmd: twoSectors, wrcmdClusters: [1706, 682] }, [set(longerLine)])
  })
})

describe('C: an append that needs a cluster', () => {
  test('FAT12', async () => await expectR6({ rootscor: rootLines(6) }, [append(rootLines(2, 50))]))
  test('FAT16', async () => await expectR6({ bits: 16, rootscor: rootLines(6) }, [append(rootLines(2, 50))]))
  test('a fragmented file over straddling clusters', async () => {
    const volume = { rootscor: rootLines(13), rootscorClusters: [1365, 682], free: [341, 1706, 2389] }
    await expectR6(volume, [append(rootLines(2, 50))])
  })
  test('an empty rootscor', async () => await expectR6({ rootscor: '' }, [append(rootLines(1))]))
})

describe('D: a creation', () => {
  test.each([
    ['in a freed slot', { hasFreedSlot: true }],
    ['at the end mark', {}],
    ['at the end mark, with freed slots behind it', { behindRoot: freed }],
    ['at the end mark, with rubbish behind it', { behindRoot: rubbish }],
    ['in the last slot of a sector of the directory', { entries: 15 }],
    ['in the last slot of a sector, with freed slots in the next', { entries: 15, behindRoot: freed }],
    ['in the last slot of a sector, with rubbish in the next', { entries: 15, behindRoot: rubbish }],
    ['in the last slot of the directory', { entries: 31 }],
    ['on FAT16', { bits: 16 }],
    ['in a straddling cluster', { free: [1706] }],
  ] satisfies readonly (readonly [string, CutVolume])[])('%s', async (_, volume) => {
    await expectR6({ wrcmd: null, ...volume }, [set(wrcmdLine)], 'create')
  })

  test('of both files in one run', async () => {
    await expectR6(
      { wrcmd: null, rootscor: null, behindRoot: rubbish, entries: 14 },
      [append(rootLines(1)), set(wrcmdLine)],
      'create create',
    )
  })
})

describe('several procedures in one run', () => {
  test('rootscor is copied, wrcmd written in place', async () => {
    await expectR6({ rootscor: rootLines(6) }, [append(rootLines(2, 50)), set(longerLine)], 'copy in-place')
  })
  test('both are copied, with no cluster to spare', async () => {
    const free = [341, 342, 1706, 2389]
    await expectR6({ rootscor: rootLines(6), free }, [append(rootLines(2, 50)), set(twoSectors)], 'copy copy')
  })
  test('rootscor is created, wrcmd copied, on FAT16', async () => {
    await expectR6({ bits: 16, rootscor: null }, [append(rootLines(1)), set(twoSectors)], 'create copy')
  })
})
