// R3 and R6 with --9fat: the real program killed at any instant of a sync. wrcmd is the old or the new line, nothing outside
// the 9fat ever changes (R1), and the next run finishes: every block, wrcmd at the end, rootscor of whole lines only.

import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { buildCli, startCli } from '../helpers/cli-process.ts'
import { day1Offset, diskIn, scriptLine, textOn, type TestDisk } from '../helpers/disk-syncs.ts'
import { expectedBlocks, healthyPartition } from '../helpers/fixtures.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { blocksOf, dialOf, stateDirIn } from '../helpers/sync-runs.ts'
import { startWatchedVenti } from '../helpers/watched-store.ts'

beforeAll(buildCli)

const [arena0, , arena2] = healthyPartition('fossil-venti').arenas

function sameOutside({ from, to }: TestDisk, a: Buffer, b: Buffer): boolean {
  return (
    a.length === b.length && a.subarray(0, from).equals(b.subarray(0, from)) && a.subarray(to).equals(b.subarray(to))
  )
}

describe('R3', () => {
  test('killed with SIGKILL during a sync with --9fat, then run again', async () => {
    const states = new Set<string>()
    for (let round = 0; round < 8; round++) {
      const folder = await scratchDir()
      const { venti, store } = await startWatchedVenti()
      onTestFinished(() => venti.close())
      const disk = await diskIn(folder, 'disk-mbr', venti)
      const image = await readFile(disk.path)
      const [old, done] = [scriptLine(venti, arena0!.start, day1Offset), scriptLine(venti, arena2!.start, arena2!.used)]
      const args = ['sync', disk.arenas, '--to', dialOf(venti), '--9fat', disk.ninefat, '--fossil', disk.fossil]
      const command = [...args, '--state', stateDirIn(folder), '--checkpoint', '0.05']
      const child = startCli(command)
      // Half of them in mid-copy, half around the last sync and the bookkeeping behind it.
      const [atRequest, delayMs] = round % 2 === 0 ? [20 + round * 50, 0] : [0, round * 3]
      store.onRequest = (kind, { requests }) => {
        if (atRequest > 0 ? requests >= atRequest : kind === 'sync' && venti.blocks.size === 545) {
          store.onRequest = () => undefined
          setTimeout(() => child.signal('SIGKILL'), delayMs)
        }
      }
      await child.ended
      store.onRequest = () => undefined
      const now = await readFile(disk.path)
      expect(sameOutside(disk, now, image)).toBe(true)
      const line = (await textOn(disk, 'wrcmd'))!.replace(/\n+$/, '')
      expect([old, done]).toContain(line)
      states.add(line === old ? 'old' : 'new')

      const again = await startCli([...command, '--json']).ended
      expect({ status: again.status, stderr: again.stderr }).toEqual({ status: 0, stderr: '' })
      expect(blocksOf(venti)).toEqual(expectedBlocks('fossil-venti'))
      expect(await textOn(disk, 'wrcmd')).toBe(`${done}\n`)
      expect(sameOutside(disk, await readFile(disk.path), image)).toBe(true)
      const lines = (await textOn(disk, 'rootscor'))!.split('\n')
      expect(lines.pop()).toBe('')
      for (const one of lines)
        expect(one).toMatch(
          /^(vac:[0-9a-f]{40} \/dev\/sdE0\/fossil tcp!\S+|venti\/wrarena -h \S+ -o \d+ \S+ 0x[0-9a-f]+)$/,
        )
      expect(lines.slice(-1)).toEqual([done])
      // Recorded once, however often the run began.
      expect(lines.filter((one) => one.startsWith('vac:'))).toHaveLength(2)
      await venti.close()
    }
    expect(states.has('old')).toBe(true)
  }, 120_000)
})
