// venti-mirror wrcmd as people run it, on every 9fat of the fixtures and inside whole disks. What is outside the 9fat never
// changes, and what is inside changes by one line.

import { readFileSync, writeFileSync } from 'node:fs'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseWrcmd } from '../../../electron/engine/bookkeeping/wrcmd.ts'
import type { WrcmdChange, WrcmdReport, WrcmdRestore } from '../../../shared/model/bookkeeping.ts'
import { expandDisk, expectedDisk, expectedVolume, loadDisk, volumeIds } from '../../helpers/disk-fixtures.ts'
import { expandFixture } from '../../helpers/fixtures.ts'
import { jsonHere } from '../../helpers/cli-here.ts'
import { openScratchDir, type ScratchDir } from '../../helpers/scratch.ts'
import { runCli } from './run-cli.ts'

let scratch: ScratchDir
beforeAll(async () => {
  scratch = await openScratchDir()
  for (const id of ['9fat12', '9fat12-nowrcmd', 'disk-mbr', 'disk-gpt']) await expandDisk(id, path(`${id}.img`))
  await expandFixture('seed-geometry', path('seed.img'))
})
afterAll(() => scratch.remove())

const path = (name: string): string => join(scratch.path, name)
const state = (): string => path('state')

/** A copy that a test may change. */
async function copyOf(name: string): Promise<string> {
  const copy = path(`copy-${performance.now()}-${name}`)
  await copyFile(path(name), copy)
  return copy
}

/** Whatever the document is; a test looks at the fields of its own. */
type AnyReport = WrcmdReport & WrcmdChange & WrcmdRestore & { error: { code: string; message: string } }

async function json(...args: string[]): Promise<{ status: number; document: AnyReport; stderr: string }> {
  const { status, document, stderr } = await jsonHere(['wrcmd', ...args])
  return { status, document: document as AnyReport, stderr }
}

const oldLine = 'venti/wrarena -h tcp!192.168.0.99!17034 -o 794624 /dev/sdE0/arenas 0x96df0\n'

describe('show', () => {
  test.each(volumeIds.filter((id) => id !== '9fat16'))('%s', async (id) => {
    const image = path(`${id}.img`)
    await expandDisk(id, image)
    const { text } = expectedVolume(id).files.find(({ name }) => name === 'WRCMD') ?? {}
    const { status, document } = await json('show', image)
    if (text === undefined) {
      expect(status).toBe(1)
      expect(document).toMatchObject({ error: { code: 'no-wrcmd' } })
      return
    }
    expect(status).toBe(0)
    const { command, problems } = parseWrcmd(text)
    expect(document).toMatchObject({ path: image, text, command, problems, arena: null, proposal: null })
    expect(document.command?.arenaOffset).toBe(1611407360)
  })

  test('as text', async () => {
    const { status, stdout } = await runCli(['wrcmd', 'show', '9fat12.img'], { cwd: scratch.path })
    expect(status).toBe(0)
    expect(stdout).toBe(
      [
        '9fat12.img: wrcmd',
        '  venti/wrarena -h tcp!192.168.0.99!17034 -o 1611407360 /dev/sdE0/arenas 0x442b1b4',
        '',
        '  program    venti/wrarena',
        '  target     tcp!192.168.0.99!17034',
        '  arena      at 1611407360',
        '  partition  /dev/sdE0/arenas',
        '  offset     0x442b1b4',
        '',
        'The text is in order.',
        '',
      ].join('\n'),
    )
  })

  test('something else than a 9fat', async () => {
    const { status, document } = await json('show', path('seed.img'))
    expect(status).toBe(1)
    expect(document).toMatchObject({ error: { code: 'not-9fat' } })
  })
})

describe('check', () => {
  test.each(['disk-mbr', 'disk-gpt'])('%s agrees with its own arenas', async (id) => {
    const { status, document } = await json('check', `${path(id)}.img:9fat`)
    expect(status).toBe(0)
    expect(document).toMatchObject({
      text: oldLine,
      arena: 'arenas0',
      problems: [],
      proposal: null,
      checkedAgainst: `${path(id)}.img:arenas`,
    })
    expect(document.remarks).toEqual([
      'It sends 385.3 KiB of arenas0, from 0x96df0 to 0xf7337, to tcp!192.168.0.99!17034.',
    ])
  })

  test('a 9fat by itself is not checked against anything, and says so', async () => {
    const { status, document } = await json('check', path('9fat12.img'))
    expect([status, document.checkedAgainst]).toEqual([0, null])
    expect(document.remarks).toEqual([expect.stringContaining('name it with --source')])
  })

  test('against a source that it was not made for', async () => {
    const { status, document } = await json('check', path('9fat12.img'), '--source', path('seed.img'))
    expect(status).toBe(3)
    expect(document).toMatchObject({ arena: 'arenas3', checkedAgainst: path('seed.img') })
    expect(document.problems).toEqual([
      {
        severity: 'error',
        message: '0x442b1b4 is past the end: arenas3 is written up to 0x0, and nothing would be sent',
      },
    ])
  })

  test('a source that cannot be opened is an error', async () => {
    const { status, document } = await json('check', path('9fat12.img'), '--source', path('none'))
    expect(status).toBe(1)
    expect(document).toMatchObject({ error: { code: 'source-open' } })
  })
})

describe('set', () => {
  test.each(['disk-mbr', 'disk-gpt'])('inside %s only the line on the 9fat changes', async (id) => {
    const disk = await copyOf(`${id}.img`)
    const { status, document } = await json(
      'set',
      `${disk}:9fat`,
      '--host',
      'backup:17035',
      '--arena',
      'arenas2',
      '--at',
      '0x2ce70',
      '--state',
      state(),
    )
    const after = 'venti/wrarena -h tcp!backup!17035 -o 2891776 /dev/sdE0/arenas 0x2ce70\n'
    expect(status).toBe(0)
    expect(document).toMatchObject({ before: oldLine, after, written: true, arena: 'arenas2', problems: [] })
    expect(document.backup).toEqual(expect.any(String))

    const [before, now] = [loadDisk(id), await readFile(disk)]
    const ninefat = expectedDisk(id as 'disk-mbr').parts.find(({ name }) => name === '9fat') as { byteOffset: number }
    const { dataOffset, files, sectorsPerCluster } = expectedDisk(id as 'disk-mbr')['9fat']
    const wrcmd = files.find(({ name }) => name === 'WRCMD') as { firstCluster: number; slot: number }
    const data = ninefat.byteOffset + dataOffset + (wrcmd.firstCluster - 2) * sectorsPerCluster * 512
    expect(now.toString('latin1', data, data + after.length)).toBe(after)
    const { rootOffset } = expectedDisk(id as 'disk-mbr')['9fat']
    const slot = ninefat.byteOffset + rootOffset + wrcmd.slot * 32
    // Its data sector, and in its directory entry time, date, first cluster and length.
    for (const [from, to] of [
      [data, data + 512],
      [slot + 22, slot + 32],
    ] as const)
      before.copy(now, from, from, to)
    expect(now.equals(before)).toBe(true)

    const check = await json('check', `${disk}:9fat`)
    expect([check.status, check.document.problems]).toEqual([0, []])
    const restored = await json('restore', `${disk}:9fat`, '--state', state())
    expect(restored.document).toMatchObject({ restored: document.backup, written: true })
    expect((await readFile(disk)).equals(loadDisk(id))).toBe(true)
  })

  test("the original article's own typo is refused, and nothing is written", async () => {
    const image = await copyOf('9fat12.img')
    const { status, document, stderr } = await json(
      'set',
      image,
      '--offset',
      '53766536',
      '--at',
      '0x0',
      '--source',
      path('seed.img'),
      '--state',
      state(),
    )
    expect(status).toBe(1)
    expect(document.error).toMatchObject({ code: 'bad-wrcmd' })
    expect(stderr).toContain('no arena starts there; arenas1 starts at 537665536\n')
    expect((await readFile(image)).equals(loadDisk('9fat12'))).toBe(true)
  })

  test.each<[string[], RegExp]>([
    [['--arena', 'arenas3', '--at', '0x0'], /arenas3 holds no block yet/],
    [['--arena', 'arenas0', '--at', '0xf7337'], /arenas0 is full and all of it was sent; new blocks are in arenas1/],
    [['--at', '0x96df1'], /0x96df1 is inside a block of arenas0.*begins at 0x96df0/],
    [['--at', '0xfffff'], /past the end/],
    [['--host', 'tcp!box0x1!17034'], /has a 0x/],
    [['--partition', '/dev/my arenas'], /has a blank/],
    [['--partition', '/dev/a!b'], /has a "!"/],
  ])('%j is refused', async (words, message) => {
    const { status, document } = await json('set', `${path('disk-mbr.img')}:9fat`, '--state', state(), ...words)
    expect([status, document.error.code]).toEqual([1, 'bad-wrcmd'])
    expect(document.error.message).toMatch(message)
  })

  test.each<[string[], RegExp]>([
    [['--arena', 'arenas9', '--at', '0x0'], /none of that name.*arenas0, arenas1/],
    [['--host', 'tcp!h!port'], /neither "venti" nor a port number/],
    [['--host', 'unix!/tmp/x'], /over tcp only/],
  ])('%j is wrong usage', async (words, message) => {
    const { status, document } = await json('set', `${path('disk-mbr.img')}:9fat`, '--state', state(), ...words)
    expect(status).toBe(2)
    expect(document.error.message).toMatch(message)
  })

  test('a dry run prints the line and writes nothing', async () => {
    const disk = path('disk-mbr.img')
    const words = [
      'wrcmd',
      'set',
      'disk-mbr.img:9fat',
      '--at',
      '0x0',
      '--host',
      '/net.alt/tcp!127.1!17034',
      '--dry-run',
    ]
    const { status, stdout } = await runCli(words, { cwd: scratch.path })
    expect(status).toBe(0)
    expect(stdout).toContain(
      'wrcmd would be\n  venti/wrarena -h /net.alt/tcp!127.0.0.1!17034 -o 794624 /dev/sdE0/arenas 0x0\n',
    )
    expect((await readFile(disk)).equals(loadDisk('disk-mbr'))).toBe(true)
  })

  test('what is not named stays; the same line again writes nothing', async () => {
    const image = await copyOf('9fat12.img')
    const once = await json('set', image, '--host', '$venti', '--state', state())
    expect(once.status).toBe(2)
    const first = await json('set', image, '--host', '10.1:17034', '--state', state())
    expect(first.document).toMatchObject({
      after: 'venti/wrarena -h tcp!10.0.0.1!17034 -o 1611407360 /dev/sdE0/arenas 0x442b1b4\n',
      written: true,
      checkedAgainst: null,
    })
    expect(first.document.remarks).toContainEqual(expect.stringMatching(/^Not checked against a source/))
    const again = await json('set', image, '--host', '10.0.0.1', '--state', state())
    expect(again.document).toMatchObject({ written: false, backup: null })
  })

  test('without a wrcmd one is made, its partition from rootscor', async () => {
    const image = await copyOf('9fat12-nowrcmd.img')
    const missing = await json('set', image, '--at', '0x0', '--offset', '5')
    expect([missing.status, missing.document.error.message]).toEqual([
      2,
      expect.stringContaining('--host is missing: there is no wrcmd yet'),
    ])
    const words = ['--host', 'backup', '--arena', 'arenas0', '--at', '0x0', '--source', path('seed.img')]
    const made = await json('set', image, ...words, '--state', state())
    const line = 'venti/wrarena -h tcp!backup!17034 -o 794624 /dev/sdE0/arenas 0x0\n'
    expect(made.document).toMatchObject({ before: null, after: line, written: true })
    const { document } = await json('show', image)
    expect(document.text).toBe(line)
    const own = await json('set', image, '--partition', '/dev/sdC1/arenas', '--state', state())
    expect(own.document.after).toBe(line.replace('sdE0', 'sdC1'))
  })
})

/** Where the text of wrcmd stands in an image of 9fat12. */
function wrcmdAt(): number {
  const { dataOffset, sectorsPerCluster, files } = expectedVolume('9fat12')
  const { firstCluster } = files.find(({ name }) => name === 'WRCMD') as { firstCluster: number }
  return dataOffset + (firstCluster - 2) * sectorsPerCluster * 512
}

test('a wrcmd that the script changes in the same moment is left alone', async () => {
  const image = await copyOf('9fat12.img')
  const changed = readFileSync(image)
  changed.write('0x442b1b5', wrcmdAt() + 71, 'latin1')
  const now = (): Date => {
    writeFileSync(image, changed)
    return new Date()
  }
  const { status, document } = await jsonHere(['wrcmd', 'set', image, '--host', 'a', '--state', state()], now)
  expect(status).toBe(1)
  expect(document).toMatchObject({ error: { code: 'changed-9fat' } })
  expect((await readFile(image)).equals(changed)).toBe(true)
})

test('a root score that somebody left in wrcmd is masked (R10)', async () => {
  const image = await copyOf('9fat12.img')
  const bytes = await readFile(image)
  const score = '14463002106d01e2b60f3a990c8c648051154730'
  bytes.write(`vac:${score} /dev/sdE0/fossil`.padEnd(80), wrcmdAt(), 'latin1')
  await writeFile(image, bytes)
  for (const action of ['show', 'check']) {
    const { status, document } = await json(action, image)
    expect(status).toBe(3)
    expect(document.text).toMatch(/^vac:1446…4730 /)
    expect(JSON.stringify(document)).not.toContain(score.slice(4, 36))
  }
})

test('restore lists what can be put back, and refuses what is not there', async () => {
  const image = await copyOf('9fat12.img')
  const none = await json('restore', image, '--state', state())
  expect(none.document).toMatchObject({ error: { code: 'no-backup' } })
  const first = await json('set', image, '--host', 'a', '--state', state())
  await json('set', image, '--host', 'b', '--state', state())
  const listed = await json('restore', image, '--list', '--state', state())
  expect(listed.document.restored).toBeNull()
  expect(listed.document.backups.map(({ kind, files }) => [kind, files])).toEqual([
    ['edit', ['wrcmd']],
    ['edit', ['wrcmd']],
  ])
  expect(listed.document.backups.at(-1)?.id).toBe(first.document.backup)
  expect(await json('restore', image, '--backup', 'nothing', '--state', state())).toMatchObject({ status: 1 })
  const back = await json('restore', image, '--state', state())
  expect(back.document).toMatchObject({ written: true })
  expect((await json('show', image)).document.command?.host).toBe('tcp!a!17034')
})
