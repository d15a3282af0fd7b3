// R10 Root scores are secrets. Whoever has a root score can read everything under it: masked in logs, notifications and
// reports by default, state files are mode 0600. Here: everything a sync says and leaves behind.

import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { maskScore, type Score } from '../../shared/model/score.ts'
import { syncLines } from '../../electron/cli/sync-summary.ts'
import { buildCli, runCli } from '../helpers/cli-process.ts'
import { expectedFossil } from '../helpers/disk-fixtures.ts'
import { diskIn, setWrcmd, textOn } from '../helpers/disk-syncs.ts'
import { startFakeVenti, type FakeBehaviour, type FakeVenti } from '../helpers/fake-venti.ts'
import { fixtureIds, healthyPartition, loadFixture } from '../helpers/fixtures.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { clumpLog, dialOf, imageIn, stateDirIn, syncIn } from '../helpers/sync-runs.ts'

async function fake(behaviour: Partial<FakeBehaviour> = {}): Promise<FakeVenti> {
  const venti = await startFakeVenti(behaviour)
  onTestFinished(() => venti.close())
  return venti
}

const rootType = 1
const roots = clumpLog('seq-day3').filter(({ type }) => type === rootType)
const rootScores = roots.map(({ score }) => score)

/** seq-day3 with every root block damaged: three ways to have its score in a report. */
function withDamagedRoots(): Buffer {
  const image = loadFixture('seq-day3')
  for (const [index, { arena, offset }] of roots.entries()) {
    const at = healthyPartition('seq-day3').arenas.find(({ name }) => name === arena)!.dataBase + offset
    // The data, the magic, the sizes.
    const place = [at + 40, at, at + 6][index % 3]!
    image.writeUInt8(image[place]! ^ 0xff, place)
  }
  return image
}

function expectNoRoots(text: string): void {
  for (const score of rootScores) expect(text).not.toContain(score)
}

test('the fixtures have roots to hide', () => {
  const listed = healthyPartition('seq-day3').roots.map(({ score }) => score.replace('vac:', ''))
  expect(rootScores.toSorted()).toEqual(listed.toSorted())
})

describe('R10: what a sync says', () => {
  test('of damaged root blocks is their place and a masked score', async () => {
    const folder = await scratchDir()
    const source = join(folder, 'source.img')
    await writeFile(source, withDamagedRoots())
    const notes: string[] = []
    const snapshots: string[] = []
    const { result } = await syncIn(folder, source, [await fake()], {
      onNote: (line) => notes.push(line),
      onProgress: (snapshot) => snapshots.push(JSON.stringify(snapshot)),
    })
    expect(result.damage.map(({ arena, offset, score }) => ({ arena, offset, score }))).toEqual(
      roots.map(({ arena, offset, score }) => ({ arena, offset, score: maskScore(score) })),
    )
    expectNoRoots([JSON.stringify(result), ...notes, ...snapshots].join('\n'))
  })

  test.each<[string, Partial<FakeBehaviour>]>([
    ['refuses the root', { refuseAfterNewBlocks: 0 }],
    ['is read-only', { readOnly: true }],
    ['answers with a wrong score', { probes: 'empty', fault: { atRequest: 2, kind: 'wrong-score' } }],
    ['answers with a wrong type', { fault: { atRequest: 2, kind: 'wrong-type' } }],
    ['answers too long', { fault: { atRequest: 2, kind: 'long-frame' } }],
  ])('of a target that %s does not name the root', async (_what, behaviour) => {
    const folder = await scratchDir()
    const source = await imageIn(folder, 'seq-day3')
    const venti = await fake()
    await syncIn(folder, source, [venti])
    // Only roots are left to send, and the first request that matters is about one.
    for (const score of rootScores) venti.blocks.delete(`${score}/${rootType}`)
    venti.store.behaviour = { ...venti.behaviour, ...behaviour }
    const notes: string[] = []
    const { result } = await syncIn(folder, source, [venti], {
      audit: true,
      onNote: (line) => notes.push(line),
    })
    expectNoRoots([JSON.stringify(result), ...notes].join('\n'))
  })
})

describe('R10: what a sync leaves behind', () => {
  test('is for its owner alone, and names a root only where the state needs it', async () => {
    const folder = await scratchDir()
    const source = join(folder, 'source.img')
    await writeFile(source, withDamagedRoots())
    const venti = await fake()
    await syncIn(folder, source, [venti])
    await imageIn(folder, 'seq-day3')
    await syncIn(folder, source, [venti])
    const modes: Record<string, string> = {}
    for (const name of ['.', ...(await readdir(stateDirIn(folder), { recursive: true }))]) {
      modes[name] = ((await stat(join(stateDirIn(folder), name))).mode & 0o777).toString(8)
    }
    expect(modes).toEqual({
      '.': '700',
      history: '700',
      'history/source.jsonl': '600',
      mirrors: '700',
      'mirrors/source.json': '600',
    })
    expectNoRoots(await readFile(join(stateDirIn(folder), 'history/source.jsonl'), 'utf8'))
  })

  test('stays so with a generous umask', async () => {
    const folder = await scratchDir()
    const old = process.umask(0)
    try {
      await syncIn(folder, await imageIn(folder, 'seq-day1'), [await fake()])
    } finally {
      process.umask(old)
    }
    expect((await stat(join(stateDirIn(folder), 'mirrors/source.json'))).mode & 0o777).toBe(0o600)
  })
})

describe('R10: the command line', () => {
  beforeAll(buildCli, 120_000)

  test.each([[[]], [['--json']], [['--progress']]])(
    'sync %j prints no root score',
    async (flags) => {
      const folder = await scratchDir()
      const source = join(folder, 'source.img')
      await writeFile(source, withDamagedRoots())
      const ends = [await fake(), await fake({ refuseAfterNewBlocks: 3 })].flatMap((venti) => ['--to', dialOf(venti)])
      const { status, stdout, stderr } = await runCli([
        'sync',
        source,
        ...ends,
        '--state',
        stateDirIn(folder),
        ...flags,
      ])
      expect(status).toBe(3)
      expect(stdout).toContain(maskScore(rootScores[0] as Score))
      expectNoRoots(stdout + stderr)
      const again = await runCli([
        'status',
        '--state',
        stateDirIn(folder),
        ...(flags.includes('--json') ? ['--json'] : []),
      ])
      expectNoRoots(again.stdout + again.stderr)
    },
    30_000,
  )

  test('arenas --check of every damaged fixture prints no root score', async () => {
    const folder = await scratchDir()
    for (const id of fixtureIds(({ expected }) => 'damage' in expected)) {
      const { stdout, stderr } = await runCli(['arenas', await imageIn(folder, id), '--check', '--json'])
      expectNoRoots(stdout + stderr)
    }
  }, 60_000)
})

describe('R10: wrcmd, rootscor and the root of a fossil', () => {
  test('a sync that reads and writes them says none of their scores, in no form', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    const disk = await diskIn(folder, 'disk-mbr', venti)
    const secrets = [...(await textOn(disk, 'rootscor'))!.matchAll(/vac:([0-9a-f]{40})/g)].map(([, score]) => score!)
    secrets.push(expectedFossil().last.slice(4))
    expect(secrets).toHaveLength(2)
    const notes: string[] = []
    const options = { ninefat: disk.ninefat, fossil: disk.fossil, onNote: (line: string) => void notes.push(line) }
    const { result } = await syncIn(folder, disk.arenas, [venti], options)
    expect(result.bookkeeping).toMatchObject({ written: true, rootRecorded: true })
    const args = [disk.arenas, '--to', dialOf(venti), '--9fat', disk.ninefat, '--fossil', disk.fossil]
    const said = [JSON.stringify(result), ...notes, syncLines(result).join('\n')]
    for (const more of [[], ['--json'], ['--dry-run'], ['--dry-run', '--json']]) {
      const { status, stdout, stderr } = await runCli([
        'sync',
        ...args,
        '--progress',
        '--state',
        stateDirIn(folder),
        ...more,
      ])
      expect(status).toBe(0)
      said.push(stdout, stderr)
    }
    for (const secret of secrets) expect(said.join('\n')).not.toContain(secret)
    // They are where they belong.
    for (const secret of secrets) expect(await textOn(disk, 'rootscor')).toContain(secret)
  })

  test('a score that stands in a wrcmd is masked in the message that refuses it', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    const disk = await diskIn(folder, 'disk-mbr', venti)
    const secret = 'ab'.repeat(20)
    for (const line of [
      `vac:${secret}`,
      `wrarena -o 1 /dev/${secret} 0x0`,
      `wrarena -h ${secret} -o 794624 /d/arenas 0x0`,
    ]) {
      await setWrcmd(folder, disk.ninefat, `${line}\n`)
      const outcome = await syncIn(folder, disk.arenas, [venti], { ninefat: disk.ninefat }).then(
        ({ result }) => JSON.stringify(result),
        (error: unknown) => String(error),
      )
      expect(outcome).toMatch(/wrcmd/)
      expect(outcome).not.toContain(secret)
    }
  })
})
