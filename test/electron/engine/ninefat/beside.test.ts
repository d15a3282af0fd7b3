// The arenas that stand beside a 9fat on the same disk: never guessed between several.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { arenasBeside } from '../../../../electron/engine/ninefat/beside.ts'
import { judgeWrcmd } from '../../../../electron/engine/ninefat/judge-wrcmd.ts'
import { expandDisk, loadDisk } from '../../../helpers/disk-fixtures.ts'
import { loadFixture } from '../../../helpers/fixtures.ts'
import { openScratchDir, type ScratchDir } from '../../../helpers/scratch.ts'

let scratch: ScratchDir
beforeAll(async () => {
  scratch = await openScratchDir()
  await expandDisk('disk-mbr', path('one.img'))
  await writeFile(path('two.img'), diskOf(['arenas', 'arenas2']))
  await writeFile(path('none.img'), diskOf([]))
})
afterAll(() => scratch.remove())

const path = (name: string): string => join(scratch.path, name)

/** A disk that begins with a Plan 9 table: a 9fat, then arenas partitions with the same content. */
function diskOf(names: readonly string[]): Buffer {
  const parts = [{ name: '9fat', bytes: loadDisk('9fat12') }]
  for (const name of names) parts.push({ name, bytes: loadFixture('seq-day1') })
  const images: Buffer[] = [Buffer.alloc(4096)]
  let sector = 8
  let table = ''
  for (const { name, bytes } of parts) {
    const sectors = Math.ceil(bytes.length / 512)
    table += `part ${name} ${sector} ${sector + sectors}\n`
    images.push(bytes, Buffer.alloc(sectors * 512 - bytes.length))
    sector += sectors
  }
  images[0]?.write(table, 512)
  return Buffer.concat(images)
}

test('the only one, whatever it is called', async () => {
  expect(await arenasBeside(`${path('one.img')}:9fat`, '/dev/sdX0/other')).toEqual({
    path: `${path('one.img')}:arenas`,
    why: null,
  })
})

test('of several, the one that the wrcmd calls so', async () => {
  const ninefat = `${path('two.img')}:9fat`
  for (const name of ['arenas', 'arenas2']) {
    expect((await arenasBeside(ninefat, `/dev/sdE0/${name}`)).path).toBe(`${path('two.img')}:${name}`)
  }
  for (const partition of ['/dev/sdE0/arenas3', null]) {
    expect(await arenasBeside(ninefat, partition)).toEqual({
      path: null,
      why: expect.stringContaining('several arenas partitions (arenas, arenas2)') as string,
    })
  }
})

test('none, and why', async () => {
  expect((await arenasBeside(`${path('none.img')}:9fat`, null)).why).toContain('no arenas partition')
  expect((await arenasBeside(path('one.img'), null)).why).toContain('not written DISK:9fat')
})

test('a source found beside the 9fat that does not open leaves the text checked', async () => {
  const image = loadDisk('disk-mbr')
  // The arena table, not the header that the partition is recognised by.
  image.fill(0xff, (63 + 86017) * 512 + 262144 + 512, (63 + 86017) * 512 + 262144 + 65536)
  await writeFile(path('broken.img'), image)
  const line = 'venti/wrarena -h tcp!192.168.0.99!17034 -o 794624 /dev/sdE0/arenas 0x96df0\n'
  const judged = await judgeWrcmd(line, { ninefat: `${path('broken.img')}:9fat`, source: null })
  expect(judged).toMatchObject({ problems: [], checkedAgainst: null, arena: null })
  expect(judged.remarks).toEqual([expect.stringMatching(/^Not checked against/)])
})
