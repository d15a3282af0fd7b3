// venti-mirror partitions, and DISK:NAME in other commands, as people run them: the built program on the whole-disk fixtures.

import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DiskListing } from '../../../shared/model/partition.ts'
import { expandDisk, expectedDisk } from '../../helpers/disk-fixtures.ts'
import { putMbr, putTable } from '../../helpers/disk-builder.ts'
import type { HealthyPartition } from '../../helpers/fixtures.ts'
import { openScratchDir, type ScratchDir } from '../../helpers/scratch.ts'
import { runCli, runJson } from './run-cli.ts'

let scratch: ScratchDir
let disk: string

beforeAll(async () => {
  scratch = await openScratchDir()
  disk = join(scratch.path, 'disk.img')
  await expandDisk('disk-gpt', disk)
})
afterAll(() => scratch.remove())

const score = expectedDisk('disk-gpt').fossilLast.slice('vac:'.length)

describe('partitions DISK', () => {
  test('as a table, nothing changed, no root score (R10)', async () => {
    const before = await readFile(disk)
    const { status, stdout, stderr } = await runCli(['partitions', disk])
    expect([status, stderr]).toEqual([0, ''])
    const lines = stdout.split('\n')
    expect(lines[0]).toBe(`${disk}: GPT, 60.0 MiB in sectors of 512 bytes; 7 partitions`)
    expect(lines[2]!.trim().split(/ {2,}/)).toEqual(['name', 'kind', 'offset', 'size', 'found'])
    expect(lines.slice(3, 10).map((line) => line.trim().split(/\s+/).slice(0, 3))).toEqual([
      ['plan9', 'plan9', '1048576'],
      ...expectedDisk('disk-gpt').parts.map(({ name, byteOffset }) => [name, name, String(byteOffset)]),
    ])
    expect(stdout).toContain('last archive vac:e37c…21a8')
    expect(stdout).not.toContain(score)
    expect((await readFile(disk)).equals(before)).toBe(true)
  })

  test('as one document; root scores only when they are asked for (R10)', async () => {
    const masked = await runJson(['partitions', disk])
    expect([masked.status, masked.stderr]).toEqual([0, ''])
    expect(masked.stdout).not.toContain(score)
    const listing = masked.document as DiskListing
    expect(listing).toMatchObject({ disk, scheme: 'gpt', sectorBytes: 512, size: 62_914_560, problems: [] })
    expect(listing.partitions.map(({ path }) => path)).toEqual(
      ['plan9', '9fat', 'nvram', 'fossil', 'arenas', 'isect', 'swap'].map((name) => `${disk}:${name}`),
    )
    const full = await runJson(['partitions', disk, '--show-scores'])
    expect(full.document).toMatchObject({
      partitions: listing.partitions.map(({ name }) =>
        name === 'fossil' ? { details: { fossilLast: `vac:${score}` } } : { name },
      ),
    })
    expect((await runCli(['partitions', disk, '--show-scores'])).stdout).toContain(`vac:${score}`)
  })

  test('a table with problems: status 3, and they are listed', async () => {
    const image = Buffer.alloc(200 * 512)
    putMbr(image, 0, [{ type: 0x39, start: 10, sectors: 100 }])
    putTable(image, 10 * 512, 'part 9fat 0 50\npart arenas\u0007 50 60\npart swap 40 100\n')
    const path = join(scratch.path, 'bad.img')
    await writeFile(path, image)
    const { status, stdout } = await runCli(['partitions', path])
    expect(status).toBe(3)
    expect(stdout).toContain('Problems: 2\n')
    expect(stdout).toContain('"part swap 40 100" is left out: it overlaps 9fat, sectors 0 to 50')
    expect(stdout).not.toContain('\u0007')
    const { document } = await runJson(['partitions', path])
    expect((document as DiskListing).problems).toHaveLength(2)
  })

  test('a part of a disk, by name and by range: paths are ranges of the file', async () => {
    const { byteOffset, bytes } = expectedDisk('disk-gpt').parts.find(({ name }) => name === 'arenas')!
    const range = `${disk}:${byteOffset}-${byteOffset + bytes}`
    for (const path of [`${disk}:arenas`, range]) {
      const { document } = await runJson(['partitions', path])
      expect(document).toMatchObject({ disk: path, scheme: 'bare', partitions: [{ kind: 'arenas', path }] })
    }
    const { document } = await runJson(['partitions', `${disk}:plan9`])
    expect((document as DiskListing).partitions.find(({ name }) => name === 'arenas')).toMatchObject({ path: range })
  })

  test.each([
    ['none.img', 'there is no such file'],
    ['disk.img:nothing', 'has no partition "nothing"; it has plan9, 9fat'],
  ])('%s: status 1 with the reason', async (name, words) => {
    const { status, stdout, stderr } = await runCli(['partitions', join(scratch.path, name)])
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toContain(words)
  })
})

test('without DISK the disks of this computer are listed, none is chosen', async () => {
  const { status, stdout, stderr } = await runCli(['partitions'])
  expect(stderr).toBe('')
  expect(stdout).toMatch(/None is ever chosen for you|no raw disk|cannot be listed/)
  const json = await runJson(['partitions'])
  expect(json.status).toBe(status)
  expect(Array.isArray((json.document as { disks: unknown }).disks)).toBe(true)
})

describe('DISK:NAME in other commands', () => {
  test('arenas: as the manifest has them, with and without --check', async () => {
    const path = join(scratch.path, 'mbr.img')
    await expandDisk('disk-mbr', path)
    const expected = expectedDisk('disk-mbr') as unknown as { readonly arenas: HealthyPartition }
    const { partitionVersion, blockSize, arenaBase, arenas } = expected.arenas
    expect(arenas).toHaveLength(6)
    for (const check of [[], ['--check']]) {
      const { status, document } = await runJson(['arenas', `${path}:arenas`, ...check])
      expect(status).toBe(0)
      const partition = { version: partitionVersion, blockSize, arenaBase, size: 7_086_080, path: `${path}:arenas` }
      expect(document).toEqual({
        partition,
        partitions: [partition],
        arenas: arenas.map((arena) => ({
          partition: `${path}:arenas`,
          name: arena.name,
          offset: arena.start,
          dataBase: arena.dataBase,
          stop: arena.stop,
          size: arena.size,
          version: arena.version,
          clumps: arena.clumps,
          compressedClumps: arena.compressedClumps,
          used: arena.used,
          uncompressed: arena.uncompressed,
          state: arena.sealed ? 'sealed' : arena.clumps === 0 ? 'empty' : 'active',
          sealScore: arena.sealScore,
          endOffset: arena.endOffsetHex,
          damage: [],
        })),
        damage: [],
      })
    }
  })

  test('serve refuses it, and makes no file of that name', async () => {
    for (const file of [`${disk}:arenas`, `${disk}:1m-2m`]) {
      const { status, stderr } = await runCli(['serve', file, '--listen', 'tcp!127.0.0.1!0'])
      expect(status).toBe(1)
      expect(stderr).toContain(`${file} is a part of ${disk}`)
      expect(existsSync(file)).toBe(false)
    }
  })
})
