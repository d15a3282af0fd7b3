// R6 One valid wrcmd. A disk that is cut after every sector write, and at every subset of the writes between two flushes:
// wrcmd is the old or the new line, everything else is as it was, and the next run and a restore come to a clean end.
// Volumes that need clusters are in r6-new-clusters.test.ts.

import { describe, expect, test, vi } from 'vitest'
import { hasFsck, missing } from '../helpers/fat-programs.ts'
import { editImage, runTrial, type Wish } from '../helpers/cut-trial.ts'
import {
  buildCutVolume,
  longerLine,
  rootLines,
  shorterLine,
  wrcmdLine,
  type CutVolume,
} from '../helpers/cut-volumes.ts'

// fsck.fat is started some thousand times, and other tests may be running.
vi.setConfig({ testTimeout: 60_000 })

const set = (text: string): Wish => ({ name: 'wrcmd', kind: 'replace', text })
const append = (text: string): Wish => ({ name: 'rootscor', kind: 'append', text })

test.skipIf(missing('fsck.fat'))('fsck.fat is there to judge the states', () => expect(hasFsck).toBe(true))

/** In place and in the last cluster: fsck.fat finds nothing at all at any cut. */
async function expectClean(
  volume: CutVolume,
  wishes: readonly Wish[],
  { writes, procedures }: { writes: number; procedures: string },
): Promise<void> {
  const count = await runTrial({ image: buildCutVolume(volume), wishes, isClean: true })
  expect([count.procedures, count.writes]).toEqual([procedures, writes])
  expect(Math.min(count.states, count.restoreStates)).toBeGreaterThan(writes)
}

const fullSector = `${`${wrcmdLine.trimEnd()}${' -v'.repeat(150)}`.slice(0, 511)}\n`

describe('A: wrcmd within its one sector', () => {
  const volumes: readonly (readonly [string, CutVolume])[] = [
    ['a volume with room', {}],
    ['FAT16', { bits: 16 }],
    ['a full volume', { free: [] }],
    ['a full directory', { isRootFull: true }],
    ['a wrcmd with a long-name entry', { hasLongName: true }],
    ['larger clusters', { sectorsPerCluster: 4 }],
    ['a line followed by blank lines', { wrcmd: `${wrcmdLine}\n\n` }],
    ['a line without its newline', { wrcmd: wrcmdLine.trimEnd() }],
    ['a cluster whose entry straddles two sectors', { wrcmdClusters: [682] }],
  ]
  const lines: readonly (readonly [string, string, number])[] = [
    ['longer', longerLine, 3],
    ['shorter', shorterLine, 2],
    ['as long as a sector', fullSector, 3],
  ]
  for (const [where, volume] of volumes) {
    test.each(lines)(
      `${where}, the new line %s`,
      async (_, text, writes) => await expectClean(volume, [set(text)], { writes, procedures: 'in-place' }),
    )
  }

  test('of the same length: one write, and that is all', async () => {
    await expectClean({}, [set(wrcmdLine.replace('0x974d1', '0x97fff'))], { writes: 1, procedures: 'in-place' })
  })

  test('from a whole sector to one character and a newline', async () => {
    await expectClean({ wrcmd: fullSector }, [set('x\n')], { writes: 2, procedures: 'in-place' })
  })
})

describe('C: rootscor within its last cluster', () => {
  test.each([
    ['one sector', { rootscor: rootLines(2) }, rootLines(1, 50), 2],
    ['a full volume', { rootscor: rootLines(2), free: [] }, rootLines(1, 50), 2],
    ['from one sector into the next', { sectorsPerCluster: 4 }, rootLines(9, 50), 3],
    ['five sectors at once', { sectorsPerCluster: 8, rootscor: rootLines(3) }, rootLines(25, 50), 6],
    ['a fragmented file', { rootscor: rootLines(15), rootscorClusters: [1706, 40, 1365] }, rootLines(1, 50), 2],
    ['FAT16', { bits: 16, rootscor: rootLines(2) }, rootLines(1, 50), 2],
  ] satisfies readonly (readonly [string, CutVolume, string, number])[])('%s', async (_, volume, text, writes) => {
    await expectClean(volume, [append(text)], { writes, procedures: 'append' })
  })
})

describe('both files in one run', () => {
  test.each([
    ['FAT12', {}],
    ['FAT16', { bits: 16 }],
    ['a full volume', { free: [] }],
    ['entries in two sectors of the directory', { entries: 20, hasLongName: true }],
  ] satisfies readonly (readonly [string, CutVolume])[])('a longer line and an append: %s', async (_, volume) => {
    await expectClean({ sectorsPerCluster: 4, ...volume }, [append(rootLines(2, 50)), set(longerLine)], {
      writes: 5,
      procedures: 'append in-place',
    })
  })

  test('the files are written in the order they are given', async () => {
    const { disk } = await editImage(buildCutVolume({ sectorsPerCluster: 4 }), [
      append(rootLines(2, 50)),
      set(longerLine),
    ])
    const texts = disk.events.flatMap((event) =>
      event.kind === 'write' ? [Buffer.from(event.bytes).toString('latin1')] : [],
    )
    const last = texts.findLastIndex((text) => text.startsWith('vac:'))
    const first = texts.findIndex((text) => text.startsWith('venti/wrarena'))
    expect([last >= 0, last < first]).toEqual([true, true])
  })
})
