// ls, cat and extract as people call them, against a venti: words, columns, documents, bytes and exit status.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parseCommand } from '../../../electron/cli/args.ts'
import { Report } from '../../../electron/cli/report.ts'
import type { ExtractResult } from '../../../shared/model/extract.ts'
import type { TreeListing } from '../../../shared/model/listing.ts'
import { jsonHere, runHere } from '../../helpers/cli-here.ts'
import { buildCli, cliPath } from '../../helpers/cli-process.ts'
import { startFakeVenti, type BlockKey, type FakeVenti } from '../../helpers/fake-venti.ts'
import { healthyPartition, treeManifest } from '../../helpers/fixtures.ts'
import { restoredTree, withoutOwners } from '../../helpers/restored-tree.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { imageIn, syncIn } from '../../helpers/sync-runs.ts'
import { noise } from '../../helpers/store-calls.ts'
import { VacBuilder, type NodePlan } from '../../helpers/vac-builder.ts'

type Served = { readonly venti: FakeVenti; readonly at: readonly string[] }

async function serve(blocks: Iterable<readonly [string, Uint8Array]>): Promise<Served> {
  const venti = await startFakeVenti()
  onTestFinished(() => venti.close())
  for (const [key, data] of blocks) venti.blocks.set(key as BlockKey, data)
  return { venti, at: ['--at', venti.dial.text] }
}

async function serveArchive(children: readonly NodePlan[]): Promise<Served & { readonly root: string }> {
  const builder = new VacBuilder()
  const root = `vac:${builder.archive(children)}`
  return { root, ...(await serve(builder.store.blocks)) }
}

/** The target of a sync. */
async function serveFixture(id: string): Promise<Served> {
  const served = await serve([])
  const folder = await scratchDir()
  const { exit } = await syncIn(folder, await imageIn(folder, id), [served.venti])
  expect(exit).toBe(0)
  return served
}

const plain: readonly NodePlan[] = [
  { name: 'b\u001b[2J\nname', data: Buffer.from('two'), attributes: { uid: 'bob', gid: 'sys', mtime: 1_552_550_400 } },
  { name: 'a', children: [{ name: 'inner', data: noise(1, 20_000) }], attributes: { mtime: 1_552_636_800 } },
  { name: 'empty', data: new Uint8Array(0) },
]

describe('words', () => {
  test('are understood', () => {
    const inTree = { place: 'vac:1/x', at: 'tcp!h!1', timeoutMs: null, json: false, progress: false }
    expect(parseCommand('ls vac:1/x --at tcp!h!1 -l --recursive --timeout 2'.split(' '))).toEqual({
      ...inTree,
      command: 'ls',
      long: true,
      recursive: true,
      timeoutMs: 2000,
    })
    expect(parseCommand('cat vac:1/x --at tcp!h!1'.split(' '))).toEqual({ ...inTree, command: 'cat' })
    expect(parseCommand('extract vac:1/x /d --at tcp!h!1 --force --max-file 1k --json'.split(' '))).toEqual({
      ...inTree,
      command: 'extract',
      folder: '/d',
      force: true,
      maxFileBytes: 1024,
      json: true,
    })
  })

  test.each([
    [['ls'], 'ls: SCORE is missing'],
    [['ls', 'x'], 'ls: --at is missing: the venti that has it, such as tcp!HOST!PORT'],
    [['cat', 'x', 'y', '--at', 'h'], 'cat: unexpected argument "y"'],
    [['extract', 'x', '--at', 'h'], 'extract: DIR is missing'],
    [['extract', '--at', 'h'], 'extract: SCORE is missing'],
    [['extract', 'x', '', '--at', 'h'], 'extract: an argument is empty'],
    [['extract', 'x', 'y', 'z', '--at', 'h'], 'extract: unexpected argument "z"'],
    [['extract', 'x', 'y', '--at', 'h', '--max-file', 'big'], /^extract: --max-file is "big"/],
  ] as const)('%j are refused', (argv, message) => {
    expect(() => parseCommand(argv)).toThrow(message)
  })

  test('a score that is none is wrong usage, before anything is connected to', async () => {
    for (const place of ['vac:12', `${'1'.repeat(39)}g`, 'notes.txt', '']) {
      const { status, stderr } = await runHere(['ls', place, '--at', 'tcp!127.0.0.1!1'])
      expect({ status, place, says: /SCORE|argument is empty/.test(stderr) }).toEqual({ status: 2, place, says: true })
    }
  })

  test('a score in capitals, without its prefix, and in a .vac file', async () => {
    const { root, at } = await serveArchive([{ name: 'x', data: Buffer.from('here') }])
    const folder = await scratchDir()
    const file = join(folder, 'day.vac')
    await writeFile(file, `${root}\nanything`)
    for (const place of [root, root.slice(4), root.slice(4).toUpperCase(), file]) {
      const ran = await runHere(['cat', `${place}/x`, ...at])
      expect([ran.status, ran.stdout]).toEqual([0, 'here'])
    }
    await writeFile(file, root.slice(0, 43))
    expect((await runHere(['cat', `${file}/x`, ...at])).status).toBe(2)
    expect((await runHere(['cat', `${join(folder, 'no.vac')}/x`, ...at])).status).toBe(1)
  })
})

describe('ls', () => {
  test('names sorted, control characters escaped', async () => {
    const { root, at } = await serveArchive(plain)
    const { status, stdout, stderr } = await runHere(['ls', root, ...at])
    expect([status, stdout, stderr]).toEqual([0, 'a\nb\\x1b[2J\\x0aname\nempty\n', ''])
  })

  test('long, in columns', async () => {
    const { root, at } = await serveArchive(plain)
    const { stdout } = await runHere(['ls', '-l', '--recursive', root, ...at])
    expect(stdout.split('\n')).toEqual([
      'd-rwxr-xr-x glenda   sys                0 2019-03-15 08:00 a',
      '--rw-r--r-- glenda   sys            20000 1970-01-01 00:16 a/inner',
      '--rw-r--r-- bob      sys                3 2019-03-14 08:00 b\\x1b[2J\\x0aname',
      '--rw-r--r-- glenda   sys                0 1970-01-01 00:16 empty',
      '',
    ])
  })

  test('a file by itself', async () => {
    const { root, at } = await serveArchive(plain)
    expect((await runHere(['ls', `${root}/a/inner`, ...at])).stdout).toBe('inner\n')
  })

  test('as a document, names as they are, the root masked', async () => {
    const { root, at } = await serveArchive(plain)
    const { status, document, stdout } = await jsonHere(['ls', root, ...at])
    const { entries, ...rest } = document as TreeListing
    expect([status, rest]).toEqual([
      0,
      { root: `${root.slice(0, 8)}…${root.slice(-4)}`, path: '/', problems: [], isCut: false },
    ])
    expect(entries[1]).toEqual({
      path: 'b\u001b[2J\nname',
      kind: 'file',
      letters: '--rw-r--r--',
      mode: '644',
      uid: 'bob',
      gid: 'sys',
      mid: 'glenda',
      size: 3,
      mtime: 1_552_550_400,
    })
    expect(stdout).not.toContain(root.slice(4))
  })

  test('what cannot be read is said, the rest is listed, exit 3', async () => {
    const { root, at, venti } = await serveArchive(plain)
    const inner = new VacBuilder().directory([{ name: 'inner', data: noise(1, 20_000) }])
    expect(venti.blocks.delete(`${inner.meta.score!}/13` as BlockKey)).toBe(true)
    const { status, stdout, stderr } = await runHere(['ls', '--recursive', root, ...at])
    expect([status, stdout]).toEqual([3, 'a\nb\\x1b[2J\\x0aname\nempty\n'])
    expect(stderr).toContain('/a: names in 8192 bytes')
    const { document } = await jsonHere(['ls', '--recursive', root, ...at])
    expect((document as TreeListing).problems.map(({ path }) => path)).toEqual(['/a'])
  })

  test('no such path, no such root', async () => {
    const { root, at } = await serveArchive(plain)
    expect((await runHere(['ls', `${root}/nope`, ...at])).stderr).toContain('no "nope" in it')
    expect((await runHere(['ls', '1'.repeat(40), ...at])).status).toBe(1)
  })

  const roots = healthyPartition('fossil-venti').roots
  test.each(roots)('of a fossil: $label', async (root) => {
    const { at } = await serveFixture('fossil-venti')
    const { document, status } = await jsonHere(['ls', `${root.score}/active`, '--recursive', ...at])
    const { entries, problems } = document as TreeListing
    expect([status, problems]).toEqual([0, []])
    const found = entries.map(({ path, kind, size, mode, uid, gid, mtime }) => {
      const common = { mode, uid, gid, mtime }
      return [path, kind === 'directory' ? { kind: 'dir', ...common } : { kind, size, ...common }]
    })
    const expected = Object.entries(treeManifest(root.tree!).entries).map(([path, { sha256: _sha256, ...rest }]) => [
      path,
      rest,
    ])
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected))
    const { stdout } = await runHere(['ls', root.score, ...at])
    expect(stdout).toBe('active\narchive\nsnapshot\n')
  })

  test('of a fossil: every path of the whole', async () => {
    const { at } = await serveFixture('fossil-venti')
    const root = roots.at(-1)!
    const { stdout } = await runHere(['ls', '--recursive', root.score, ...at])
    expect(stdout.trimEnd().split('\n').length).toBe(497)
  })
})

describe('cat', () => {
  test('gives the bytes, holes too', async () => {
    const data = Buffer.concat([noise(3, 30_000), Buffer.alloc(300_000), noise(4, 5)])
    const { root, at } = await serveArchive([{ name: 'x', data }])
    const { status, stdoutBytes, stderr } = await runHere(['cat', `${root}/x`, ...at])
    expect([status, stdoutBytes.equals(data), stderr]).toEqual([0, true, ''])
  })

  test('a directory, nothing, and a lost block are errors', async () => {
    const data = Buffer.from(noise(3, 30_000))
    const { root, at, venti } = await serveArchive([
      { name: 'x', data },
      { name: 'd', children: [] },
    ])
    expect((await runHere(['cat', `${root}/d`, ...at])).stderr).toContain('/d is a directory')
    expect((await runHere(['cat', `${root}/y`, ...at])).status).toBe(1)
    const [key] = [...venti.blocks].find(([, block]) => data.subarray(16_384, 24_576).equals(block))!
    venti.blocks.delete(key)
    const { status, stdoutBytes, stderr } = await runHere(['cat', `${root}/x`, ...at])
    expect([status, stdoutBytes.equals(data.subarray(0, 16_384))]).toEqual([1, true])
    expect(stderr).toContain('is not there')
  })

  test('waits for a slow reader and ends when there is none any more', async () => {
    class Slow extends Writable {
      taken = 0
      next: (() => void) | null = null
      override _write(chunk: Buffer, _encoding: string, done: () => void): void {
        this.taken += chunk.length
        this.next = done
      }
    }
    const stdout = new Slow({ highWaterMark: 10 })
    const report = new Report({ json: false, progress: false, stdout, stderr: new Slow() })
    const still = new AbortController().signal
    let isTaken = false
    const written = report.bytes(Buffer.alloc(100), still).then(() => {
      isTaken = true
    })
    await turn()
    expect(isTaken).toBe(false)
    stdout.next!()
    await written
    const second = report.bytes(Buffer.alloc(100), still)
    stdout.destroy(new Error('EPIPE'))
    await second
    await report.bytes(Buffer.alloc(100), still)
    expect(stdout.taken).toBe(200)
  })

  test('one Ctrl-C ends it although its reader stands still', async () => {
    await buildCli()
    const { root, at } = await serveArchive([{ name: 'x', data: noise(5, 4_000_000) }])
    const child = spawn(process.execPath, [cliPath, 'cat', `${root}/x`, ...at], { stdio: ['ignore', 'pipe', 'pipe'] })
    const ended = once(child, 'close')
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    // Read once and then no more: the pipe fills up behind it.
    await once(child.stdout, 'readable')
    child.stdout.read(1)
    child.kill('SIGINT')
    const exited = once(child, 'exit')
    const [status] = (await exited) as [number]
    expect(status).toBe(1)
    child.stdout.resume()
    await ended
    expect(stderr).toContain('cancelled')
  })
})

describe('extract', () => {
  test('restores a fixture, says so, and a second time finds it all there', async () => {
    const { at } = await serveFixture('seq-day3')
    const root = healthyPartition('seq-day3').roots.at(-1)!
    const into = join(await scratchDir(), 'into')
    const first = await runHere(['extract', root.score, into, ...at])
    expect([first.status, first.stderr]).toEqual([0, ''])
    expect(first.stdout).toContain('145 files restored in 22 folders')
    expect(first.stdout).toContain('Owners are not restored')
    expect(first.stdout).not.toContain(root.score.slice(4))
    expect(await restoredTree(into)).toEqual(withoutOwners(treeManifest(root.tree!).entries))
    const { status, document } = await jsonHere(['extract', root.score, into, ...at])
    expect([status, document]).toMatchObject([0, { files: 0, skipped: 145, failed: [] }])
  })

  test('one file, and a directory of the archive', async () => {
    const { root, at } = await serveArchive(plain)
    const into = await scratchDir()
    expect((await runHere(['extract', `${root}/a/inner`, into, ...at])).status).toBe(0)
    expect((await runHere(['extract', `${root}/a`, join(into, 'a'), ...at])).status).toBe(0)
    const inner = await readFile(join(into, 'inner'))
    expect([inner.equals(noise(1, 20_000)), await readdir(join(into, 'a'))]).toEqual([true, ['inner']])
  })

  test('a connection that breaks in the middle is made again', async () => {
    const { at, venti } = await serveFixture('seq-day3')
    const root = healthyPartition('seq-day3').roots.at(-1)!
    const into = join(await scratchDir(), 'into')
    const before = venti.counters.connections
    venti.behaviour.resetAfterRequests = 100
    const { status, document } = await jsonHere(['extract', root.score, into, ...at])
    expect([status, document]).toMatchObject([0, { files: 145, failed: [] }])
    expect(venti.counters.connections - before).toBeGreaterThan(2)
    expect(await restoredTree(into)).toEqual(withoutOwners(treeManifest(root.tree!).entries))
  })

  test('a venti that stays away is an error; what was restored stays, and the next run goes on', async () => {
    const { at, venti } = await serveFixture('seq-day3')
    const root = healthyPartition('seq-day3').roots.at(-1)!
    const into = join(await scratchDir(), 'into')
    venti.behaviour.delayMs = 2
    const running = runHere(['extract', root.score, into, ...at])
    await expect.poll(async () => (await readdir(into, { recursive: true }).catch(() => [])).length).toBeGreaterThan(3)
    await venti.close()
    const { status, stdout, stderr } = await running
    expect([status === 0, `${stdout}${stderr}`.length > 0]).toEqual([false, true])
    expect(stderr).not.toContain('bug')
    const kept = (await restoredTree(into).then(Object.keys)).length
    expect(kept).toBeGreaterThan(0)
    await venti.restart()
    const again = await jsonHere(['extract', root.score, into, ...at])
    expect(again.status).toBe(0)
    expect(await restoredTree(into)).toEqual(withoutOwners(treeManifest(root.tree!).entries))
  })

  test('one lost block: that file is reported with the reason, all others are there, exit 3', async () => {
    const { at, venti } = await serveFixture('seq-day3')
    const root = healthyPartition('seq-day3').roots.at(-1)!
    const lost = '70ce3840b46b01527bae3d3ad58edd2d9a0f7548'
    expect(venti.blocks.delete(`${lost}/13`)).toBe(true)
    const into = join(await scratchDir(), 'into')
    const { status, document } = await jsonHere(['extract', root.score, into, ...at])
    const { failed, files } = document as ExtractResult
    expect([status, files, failed.map(({ path }) => path)]).toEqual([3, 144, ['/big/bulk3.bin']])
    expect(failed[0]!.reason).toContain(`block ${lost}`)
    const { 'big/bulk3.bin': _lost, ...rest } = treeManifest(root.tree!).entries
    expect(await restoredTree(into)).toEqual(withoutOwners(rest))
    const { stdout } = await runHere(['extract', root.score, into, ...at])
    expect(stdout).toContain('1 could not be restored:\n    /big/bulk3.bin: ')
  })
})
