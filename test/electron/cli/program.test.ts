// The built program as a whole: sync, status, serve and demo with their documents and exit statuses (design.md section 6).

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { sampleArenaOffsets, sampleArenas, sampleDays, sampleNewestRoot } from '../../../electron/cli/demo/sample.ts'
import { version } from '../../../electron/cli/version.ts'
import { createStore } from '../../../electron/engine/venti/server/create-store.ts'
import { startServer, type RunningServer } from '../../../electron/engine/venti/server/server.ts'
import type { SyncPlan, SyncResult } from '../../../shared/model/run.ts'
import { allowedMs } from '../../helpers/cli-process.ts'
import { expandFixture, healthyPartition, loadFixture } from '../../helpers/fixtures.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { cliPath, runCli, runJson } from './run-cli.ts'

const mib = 2 ** 20
let folder: string
let image: string
let state: string

beforeEach(async () => {
  folder = await scratchDir()
  image = join(folder, 'arenas.img')
  state = join(folder, 'state')
  await expandFixture('seq-day1', image)
})

async function startTarget(name: string, sizeBytes = 24 * mib): Promise<RunningServer> {
  const path = join(folder, `${name}.img`)
  await createStore(path, { sizeBytes, arenaBytes: 2 * mib })
  const server = await startServer({ path, listen: { host: '127.0.0.1', port: 0 } })
  onTestFinished(() => server.close())
  return server
}

async function sync(args: readonly string[]): Promise<{ result: SyncResult; status: number | null; stderr: string }> {
  const { document, status, stderr } = await runJson(['sync', image, '--state', state, ...args])
  return { result: document as SyncResult, status, stderr }
}

const counts = ({ targets }: SyncResult): readonly (readonly number[])[] =>
  targets.map(({ blocks, sent, present }) => [blocks, sent, present])

describe('sync', () => {
  test('day 1, nothing new, day 2, day 3, and a status that agrees', async () => {
    const { dial } = await startTarget('target')
    const first = await sync(['--to', dial])
    expect([counts(first.result), first.status, first.stderr]).toEqual([[[275, 275, 0]], 0, ''])
    expect(counts((await sync(['--to', dial])).result)).toEqual([[0, 0, 0]])
    await expandFixture('seq-day2', image)
    const before = await runJson(['status', '--state', state])
    expect(before).toMatchObject({
      status: 0,
      document: {
        mirrors: [
          {
            name: 'arenas',
            sourceProblem: null,
            healthy: true,
            targets: [{ dial, arena: 'arenas0', endOffset: '0x974d1', newBlocks: 86, newBytes: 289_355 }],
          },
        ],
        problems: [],
      },
    })
    expect(counts((await sync(['--to', dial])).result)).toEqual([[86, 86, 0]])
    await expandFixture('seq-day3', image)
    const text = await runCli(['sync', 'arenas', '--state', state], { cwd: folder })
    expect(text.stdout).toContain(`${dial}: up to date; 590 blocks sent, 4.2 MiB`)
    expect(text.stdout).toContain('arenas1 is full, and there to its end 0x1f8542; goes on in arenas2 (-o 4988928)')
    expect(text.status).toBe(0)
    const after = await runCli(['status', 'arenas', '--state', state])
    expect(after.stdout).toContain('3 arenas, up to 0x11b001 in arenas2 (-o 4988928)')
    expect(after.stdout).toMatch(/last sync: just now .*\n.*nothing new in the source/)
    expect(after.status).toBe(0)
  })

  test('--dry-run says what would be sent, and sends nothing', async () => {
    const server = await startTarget('target')
    const { document, status } = await runJson(['sync', image, '--state', state, '--to', server.dial, '--dry-run'])
    expect(status).toBe(0)
    expect(document).toMatchObject({
      dryRun: true,
      targets: [
        { dial: server.dial, error: null, blocks: 275, bytes: 783_204, arenas: [{ name: 'arenas0', from: 0 }] },
      ],
    } satisfies { dryRun: true; targets: unknown })
    expect((document as SyncPlan).targets).toHaveLength(1)
    expect(server.stats().blocks).toBe(0)
    expect((await runCli(['status', '--state', state])).stdout).toContain('No mirrors in')
  })

  test('a target that is not there: the other gets everything, exit status 3; alone, exit status 1', async () => {
    const { dial } = await startTarget('target')
    const gone = await startTarget('gone')
    await gone.close()
    const [both, alone] = await Promise.all([
      sync(['--to', gone.dial, '--to', dial]),
      runCli(['sync', image, '--state', join(folder, 'other'), '--to', gone.dial]),
    ])
    expect(both.status).toBe(3)
    expect(both.result.targets.find((target) => target.dial === dial)).toMatchObject({ ok: true, sent: 275 })
    expect(both.result.targets.find((target) => target.dial === gone.dial)).toMatchObject({
      ok: false,
      errorCode: 'connect-failed',
    })
    const status = await runCli(['status', '--state', state])
    expect([status.status, status.stdout.includes('BEHIND:')]).toEqual([3, true])
    expect(alone.status).toBe(1)
    expect(alone.stdout).toMatch(/BEHIND;.*\n +why: .*\n +safe: .*\n +next: /)
  }, 60_000)

  test('damage: exit status 3, the report names it, status remembers it', async () => {
    await expandFixture('bad-flip-plain', image)
    const { dial } = await startTarget('target')
    const { result, status } = await sync(['--to', dial])
    expect(status).toBe(3)
    expect(counts(result)).toEqual([[950, 950, 0]])
    const found = { arena: 'arenas1', offset: 823000, kind: 'score-mismatch' }
    expect(result.damage).toMatchObject([found])
    const recorded = await runJson(['status', '--state', state])
    expect(recorded).toMatchObject({
      status: 3,
      document: { mirrors: [{ healthy: false, damage: [{ ...found, owedTo: [dial] }] }] },
    })
  })

  test('an interrupt keeps what was confirmed, within two seconds, and the next run sends the rest', async () => {
    await expandFixture('seq-day3', image)
    const { dial } = await startTarget('target')
    let interruptedAt = 0
    const args = ['sync', image, '--state', state, '--to', dial, '--limit', '1m', '--checkpoint', '0.2', '--progress']
    const cut = await runJson(args, {
      onStderr: (_text, kill) => {
        if (interruptedAt !== 0) return
        interruptedAt = 1
        // The first line of progress comes with the connection; then a copy of five seconds has begun.
        setTimeout(() => {
          interruptedAt = performance.now()
          kill('SIGINT')
        }, 1500)
      },
    })
    const took = performance.now() - interruptedAt
    expect(took).toBeLessThan(await allowedMs(2000))
    const before = (cut.document as SyncResult).targets[0]?.sent ?? 0
    expect([cut.status, (cut.document as SyncResult).cancelled]).toEqual([1, true])
    expect(before).toBeGreaterThan(0)
    const rest = await sync(['--to', dial])
    expect(rest.status).toBe(0)
    const [target] = rest.result.targets
    expect((target?.sent ?? 0) + (target?.present ?? 0)).toBeLessThan(951)
  }, 60_000)

  test('mistakes: usage is 2, a source that is none is 1, and nothing is written', async () => {
    const cases = [
      [['sync', image], 2, 'usage'],
      [['sync', image, '--to', 'tcp!1!2!3!4'], 2, 'dial-string'],
      [['sync', join(folder, 'nowhere'), '--to', '127.0.0.1!1'], 1, 'source-open'],
      [['sync', folder, '--to', '127.0.0.1!1'], 1, 'source-open'],
    ] as const
    for (const [args, status, code] of cases) {
      expect(await runJson([...args, '--state', state])).toMatchObject({ status, document: { error: { code } } })
    }
    expect((await runCli(['status', '--state', state])).stdout).toContain('No mirrors in')
  })
})

describe('status', () => {
  test('a state file that cannot be read: exit status 1, and it stays as it was', async () => {
    const { dial } = await startTarget('target')
    await sync(['--to', dial])
    const path = join(state, 'mirrors', 'arenas.json')
    await writeFile(path, '{"schema":')
    const { status, stderr } = await runCli(['status', '--state', state])
    expect([status, stderr.includes(`${path} cannot be used`)]).toEqual([1, true])
    expect(await readFile(path, 'utf8')).toBe('{"schema":')
  })

  test('a source that is gone, and one that is another partition', async () => {
    const { dial } = await startTarget('target')
    await sync(['--to', dial])
    await writeFile(image, loadFixture('v4-day3'))
    expect((await runCli(['status', '--state', state])).stdout).toContain('is not the partition this mirror came from')
    await writeFile(image, 'x')
    expect((await runCli(['status', '--state', state])).stdout).toContain('source not readable now')
  })

  test('a name nobody knows', async () => {
    expect(await runJson(['status', 'nobody', '--state', state])).toMatchObject({
      status: 1,
      document: { error: { code: 'state-missing' } },
    })
  })
})

test('serve makes a file, takes a sync, and ends with status 0', async () => {
  const store = join(folder, 'store.img')
  const args = [cliPath, 'serve', store, '--listen', '127.0.0.1:0', '--size', '24m', '--arena-size', '2m']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
  const dial = /serving .* on (tcp!127\.0\.0\.1!\d+)/.exec(line)?.[1] ?? ''
  expect((await sync(['--to', dial])).status).toBe(0)
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(await runJson(['arenas', store, '--check'])).toMatchObject({
    status: 0,
    document: { arenas: expect.arrayContaining([expect.objectContaining({ name: 'arenas0', clumps: 275 })]) },
  })
})

test('the numbers of the demo are those of the fixtures', () => {
  const days = sampleDays.map(({ day }) => healthyPartition(`seq-day${day}`))
  expect(days.map(({ arenas }) => arenas.map(({ start }) => start))).toEqual(days.map(() => [...sampleArenaOffsets]))
  expect(days.map(({ arenaCount }) => arenaCount)).toEqual(days.map(() => sampleArenas))
  expect(sampleDays).toEqual(
    days.map(({ totalClumps, clumpListSha256, arenas, incremental }, index) => {
      const segments = incremental?.at(-1)?.segments ?? arenas
      return {
        day: index + 1,
        blocks: totalClumps,
        newBlocks: incremental?.at(-1)?.newClumps ?? totalClumps,
        newBytes: segments.reduce((sum, { uncompressed }) => sum + uncompressed, 0),
        blocksHash: clumpListSha256,
        endOffsets: arenas.filter(({ clumps }) => clumps > 0).map(({ endOffsetHex }) => endOffsetHex),
      }
    }),
  )
})

test('so are those of its newest archive', () => {
  const roots = healthyPartition('seq-day3').roots
  const { reachableBlocks, files, bytes } = roots.at(-1)!
  expect(sampleNewestRoot).toEqual({ roots: roots.length, blocks: reachableBlocks, files, bytes })
})

test('demo: every check passes, and nothing is left behind', async () => {
  const { document, status } = await runJson(['demo'], { environment: { TMPDIR: folder } })
  expect(status).toBe(0)
  const { ok, steps } = document as { ok: boolean; steps: { ok: boolean; checks: unknown[] }[] }
  expect([ok, steps.length, steps.every((step) => step.ok && step.checks.length > 0)]).toEqual([true, 9, true])
  expect((await readdir(folder)).filter((name) => name !== 'arenas.img')).toEqual([])
  expect(await runCli(['demo', '--keep', folder])).toMatchObject({ status: 2 })
}, 60_000)

test('help, --help, --version', async () => {
  const help = await runCli(['help'])
  expect([help.status, help.stdout.split('\n')[0]]).toEqual([0, 'Venti Mirror keeps a second Plan 9 venti up to date.'])
  expect((await runCli(['sync', '--help'])).stdout).toMatch(/^Usage: venti-mirror sync SOURCE\|NAME/)
  const manifest = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8')) as object
  expect(manifest).toMatchObject({ version })
  expect((await runCli(['--version'])).stdout).toBe(`${version}\n`)
})
