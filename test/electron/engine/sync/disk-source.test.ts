// A source inside a whole disk: synced as DISK:NAME, found again by the mirror's name and by another spelling of the same
// bytes, and the disk is not changed by it.

import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { expandDisk, expectedDisk } from '../../../helpers/disk-fixtures.ts'
import { startFakeVenti } from '../../../helpers/fake-venti.ts'
import { expectedBlocks } from '../../../helpers/fixtures.ts'
import { scratchDir } from '../../../helpers/scratch.ts'
import { blocksOf, stateFiles, syncIn } from '../../../helpers/sync-runs.ts'

test('disk.img:arenas, then the mirror by name, then by its byte range', async () => {
  const folder = await scratchDir()
  const disk = join(folder, 'disk.img')
  await expandDisk('disk-mbr', disk)
  const before = await readFile(disk)
  const venti = await startFakeVenti()
  onTestFinished(() => venti.close())

  const first = await syncIn(folder, `${disk}:arenas`, [venti])
  expect([first.exit, first.result.damage]).toEqual([0, []])
  expect(first.result.rollovers.length).toBeGreaterThan(0)
  expect(blocksOf(venti)).toEqual(expectedBlocks('fossil-venti'))
  const [saved, ...others] = await stateFiles(folder)
  expect(others).toEqual([])
  expect(saved!.mirror).toMatchObject({ name: 'disk.img-arenas', source: { spec: `${disk}:arenas`, arenas: 6 } })

  const { byteOffset, bytes } = expectedDisk('disk-mbr').parts.find(({ name }) => name === 'arenas')!
  for (const source of ['disk.img-arenas', `${disk}:${byteOffset}-${byteOffset + bytes}`, `${disk}:arenas`]) {
    const again = await syncIn(folder, source, [venti])
    expect([again.exit, again.target.blocks], source).toEqual([0, 0])
  }
  expect(await stateFiles(folder)).toHaveLength(1)
  expect((await readFile(disk)).equals(before)).toBe(true)
})

test('the name of a mirror whose disk is gone says where it was looked for', async () => {
  const folder = await scratchDir()
  const disk = join(folder, 'disk.img')
  await expandDisk('disk-gpt', disk)
  const venti = await startFakeVenti()
  onTestFinished(() => venti.close())
  await syncIn(folder, `${disk}:arenas`, [venti], { mirrorName: 'home' })
  await rm(disk)
  await expect(syncIn(folder, 'home', [venti])).rejects.toThrow(
    `cannot open ${disk} for reading: there is no such file`,
  )
})
