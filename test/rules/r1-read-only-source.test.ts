// R1 Read-only source. The source is opened read-only; on a user's disks nothing but the 9fat is ever written, by one file and
// inside its bounds; the one writer of arena partitions is the embedded server, and only in the file it was started on. Files
// that are restored from a venti are new ones, made by one file that can neither open nor change what is there already.

import { chmod, readdir, readFile, readlink, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { planSync } from '../../electron/engine/sync/plan-sync.ts'
import { startServer } from '../../electron/engine/venti/server/server.ts'
import { buildCli, startCli } from '../helpers/cli-process.ts'
import { startFakeVenti, type FakeVenti } from '../helpers/fake-venti.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { dialOf, imageIn, stateDirIn, syncIn } from '../helpers/sync-runs.ts'

const engine = fileURLToPath(new URL('../../electron/engine', import.meta.url))

async function fake(): Promise<FakeVenti> {
  const venti = await startFakeVenti()
  onTestFinished(() => venti.close())
  return venti
}

describe('R1 by construction', () => {
  /** The embedded server writes its store, the state folder its own files. */
  const mayWrite = /^(venti\/server|state)\//
  const readOnlyNames = new Set([
    'access',
    'constants',
    'lstat',
    'open',
    'readFile',
    'readdir',
    'readlink',
    'realpath',
    'stat',
    'statfs',
    'type FileHandle',
    'type Stats',
    'type BigIntStats',
    'type Dirent',
  ])
  /** Folders, links, a final name, times by name, and the removal of its own unfinished files: nothing that opens a file. */
  const restoringNames = ['lutimes', 'mkdir', 'opendir', 'rename', 'symlink', 'unlink']
  /** The 9fat: one file opens it for writing, one writes to what was opened, and nobody else does either. */
  const opensNinefat = 'fat/open-region.ts'
  const opensRemoteNinefat = 'fat/open-remote-region.ts'
  const writesNinefat = 'fat/file-region.ts'
  /** What extract restores goes into a folder the user names, and only extract can reach the one file that writes there. */
  const writesRestored = 'extract/restore-folder.ts'
  /** Folders and nothing in them. */
  const makesFolders = 'make-folder.ts'
  /** Other ways to a file or to a program that writes one. */
  const forbidden = /^node:(child_process|cluster|vm|worker_threads|process|module|inspector|repl|sqlite)$/

  async function sources(): Promise<readonly { readonly name: string; readonly text: string }[]> {
    const names = (await readdir(engine, { recursive: true })).filter((name) => name.endsWith('.ts'))
    return await Promise.all(
      names.map(async (name) => ({
        name: name.replaceAll('\\', '/'),
        text: await readFile(join(engine, name), 'utf8'),
      })),
    )
  }

  function importsOf(text: string): readonly { readonly names: readonly string[]; readonly from: string }[] {
    const found = text.matchAll(/^import (type )?(?:\{([^}]*)\}|[\w*]+(?: as \w+)?) from '([^']+)'/gm)
    return [...found].map(([, type, names, from]) => ({
      names: (names ?? '*')
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '')
        .map((name) => (type === undefined ? name : `type ${name}`)),
      from: from!,
    }))
  }

  test('nothing outside the embedded server and the state imports a way to write a file', async () => {
    const files = await sources()
    expect(files.length).toBeGreaterThan(60)
    const offences: string[] = []
    for (const { name, text } of files) {
      if (mayWrite.test(name)) continue
      const more = name === writesRestored ? restoringNames : name === makesFolders ? ['mkdir'] : []
      const allowed = new Set([...readOnlyNames, ...more])
      if (/\brequire\(|\bimport\(|\bprocess\.binding\b|\bgetBuiltinModule\b/.test(text))
        offences.push(`${name}: dynamic import`)
      for (const { names, from } of importsOf(text)) {
        if (forbidden.test(from)) offences.push(`${name}: ${from}`)
        if (!/^node:fs(\/promises)?$/.test(from)) continue
        for (const one of names) if (!allowed.has(one)) offences.push(`${name}: ${one} of ${from}`)
      }
    }
    expect(offences).toEqual([])
  })

  test('folders are made by who writes into them, and nothing else is done to them', async () => {
    const files = await sources()
    const { text } = files.find(({ name }) => name === makesFolders)!
    expect(importsOf(text).find(({ from }) => from.startsWith('node:fs'))?.names).toEqual(['mkdir', 'stat'])
    const users = files.filter((file) => importsOf(file.text).some(({ from }) => from.endsWith(`/${makesFolders}`)))
    const others = users.map(({ name }) => name).filter((name) => !mayWrite.test(name))
    expect(others).toEqual([writesRestored])
  })

  test('every open outside them and the 9fat is for reading, in plain words', async () => {
    const offences: string[] = []
    for (const { name, text } of await sources()) {
      if (
        mayWrite.test(name) ||
        name === opensNinefat ||
        name === writesRestored ||
        !importsOf(text).some(({ names, from }) => from.startsWith('node:fs') && names.includes('open'))
      )
        continue
      const opens = [...text.matchAll(/(?<![.\w])open\(([^)]*)\)/g)].map(([, args]) => args!.trim())
      if (opens.length === 0) offences.push(`${name}: imports open and does not call it by its name`)
      for (const args of opens) if (!/, (constants\.O_RDONLY|'r')$/.test(args)) offences.push(`${name}: open(${args})`)
      if (/\.(write|writev|writeFile|appendFile|truncate|createWriteStream)\(/.test(text))
        offences.push(`${name}: a write`)
    }
    expect(offences).toEqual([])
  })

  test('one file opens a 9fat for writing: existing files only, once, and holding partitions is for reading', async () => {
    const text = (await sources()).find(({ name }) => name === opensNinefat)!.text
    const opens = [...text.matchAll(/(?<![.\w])open\(([^)]*)\)/g)].map(([, args]) => args!)
    expect(opens.toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      'path, constants.O_RDONLY | constants.O_EXCL',
      'path, isHeldWhole ? constants.O_RDWR | constants.O_EXCL : constants.O_RDWR',
    ])
    expect(text).not.toMatch(/O_CREAT|O_TRUNC|O_APPEND|O_WRONLY|\b(as|=) open\b|\.(write|truncate)\w*\(/)
  })

  test('one file writes to a 9fat, behind its check of the bounds', async () => {
    const files = await sources()
    const writers = files.filter(
      ({ name, text }) =>
        !mayWrite.test(name) &&
        name !== writesRestored &&
        /[hH]andle\.(write|writev|writeFile|appendFile|truncate)\(/.test(text),
    )
    expect(writers.map(({ name }) => name)).toEqual([writesNinefat])
    const { text } = writers[0]!
    expect(text.match(/andle\.(write|truncate)\w*\(/g)).toEqual(['andle.write('])
    const checks = ['offset < firstWritableByte', 'offset + bytes.length > this.sizeBytes', 'andle.write(']
    const places = checks.map((check) => text.indexOf(check))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(places[0]).toBeGreaterThan(0)
  })

  test('the way to them is the facade of the 9fat, and only files beside it know of a region', async () => {
    const ways: string[] = []
    for (const { name, text } of await sources()) {
      for (const { from } of importsOf(text)) {
        const isWay =
          /\/(open-region|open-remote-region|file-region|region|apply-edit|restore-edit|edit-volume)\.ts$/.test(from)
        if (isWay && !name.startsWith('fat/')) ways.push(`${name}: ${from}`)
        if (from.endsWith('/open-region.ts')) ways.push(`${name}: ${from}`)
      }
    }
    expect(ways).toEqual(['fat/ninefat.ts: ./open-region.ts'])
  })

  test('on other machines one file opens a 9fat for writing, and nothing else there is ever changed', async () => {
    const files = await sources()
    const withText = (pattern: RegExp): string[] =>
      files.filter(({ text }) => pattern.test(text)).map(({ name }) => name)
    const calls = 'ssh/sftp-files.ts'
    // What is opened for changing is there already, and is neither made nor cut.
    expect(withText(/\bsftp\.open\(|\bsftp\.write\(/i)).toEqual([calls])
    const { text } = files.find(({ name }) => name === calls)!
    expect(text.match(/#sftp\.open\([^)]*\), ('[^']*')/g)).toEqual([
      "#sftp.open(onServer(path), 'r'",
      "#sftp.open(onServer(path), 'r+'",
    ])
    expect(withText(/\.openForChanging\(|\bfiles\.write\(/)).toEqual([opensRemoteNinefat])
    const changes =
      /\bsftp\.(unlink|rename|mkdir|rmdir|f?setstat|symlink|fast\w+|createWriteStream|\w*File|ext_openssh_(rename|hardlink|lsetstat))\b/i
    expect(withText(changes)).toEqual([])
    expect(withText(/\bclient\.(exec|shell|subsys)\(/i)).toEqual([])
  })

  test('one file writes what is restored, into files that it has just made and no others', async () => {
    const { text } = (await sources()).find(({ name }) => name === writesRestored)!
    expect([...text.matchAll(/(?<![.\w])open\(([^)]*)\)/g)].map(([, args]) => args!).toSorted()).toEqual([
      'path, constants.O_RDONLY | noFollow',
      'path, openForWriting, 0o600',
      'path: string',
      'this.path, constants.O_RDONLY | onlyFolder | noFollow',
    ])
    expect(text.match(/^const openForWriting = .*$/m)?.[0]).toBe(
      'const openForWriting = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | noFollow',
    )
    // Written and cut only behind the handle of such a file; nothing is removed but names of unfinished files.
    expect(text.match(/\w+\.(write|truncate|appendFile)\w*\(/g)).toEqual(['handle.write(', 'handle.truncate('])
    expect(text.match(/(?<![.\w])(unlink|rename|symlink)\([^)]*\)/g)).toEqual([
      'rename(unfinished, join(this.path, name)',
      'symlink(target, path)',
      'unlink(path)',
      'unlink(join(this.path, name)',
      'unlink(this.#path)',
    ])
    expect(text).not.toMatch(/O_RDWR|O_TRUNC|O_APPEND|\b(as|=) (open|unlink|rename)\b/)
  })

  test('only extract reaches the file that writes what is restored; sync, verify and the readers reach nothing of it', async () => {
    const files = await sources()
    const ways: string[] = []
    const into: string[] = []
    for (const { name, text } of files) {
      for (const { from } of importsOf(text)) {
        if (from.endsWith('/restore-folder.ts')) ways.push(`${name}: ${from}`)
        if (from.includes('/extract/') && !name.startsWith('extract/')) into.push(`${name}: ${from}`)
      }
    }
    expect(ways).toEqual(['extract/extract.ts: ./restore-folder.ts'])
    expect(into).toEqual([])
  })

  test('sync reaches nothing of the embedded server, the one writer of arena partitions', async () => {
    const reached = new Set<string>()
    for (const { name, text } of await sources()) {
      if (!name.startsWith('sync/')) continue
      for (const { from } of importsOf(text)) if (/\/server\//.test(from)) reached.add(from)
    }
    expect([...reached]).toEqual([])
  })

  test('a BlockSource has no way to write', async () => {
    const text = await readFile(join(engine, 'source/block-source.ts'), 'utf8')
    const members = [...text.matchAll(/^ {2}(?:readonly )?(\w+)[(:]/gm)].map(([, name]) => name)
    expect(members).toEqual(['name', 'sizeBytes', 'read', 'close'])
  })
})

describe('R1 in use', () => {
  async function fingerprint(path: string): Promise<unknown> {
    const { size, mtimeMs, ctimeMs, ino, mode } = await stat(path)
    const sha256 = createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
    return { size, mtimeMs, ctimeMs, ino, mode, sha256 }
  }

  test.each([
    'seq-day3',
    'v4-day3',
    'stale-trailer',
    'bad-magic',
    'bad-torn-counted',
    'bad-zero-head',
    'bad-table',
    'bad-seal',
  ])('a copy, a second run, an audit and a dry run leave %s as it was, to its times', async (id) => {
    const folder = await scratchDir()
    const venti = await fake()
    const source = await imageIn(folder, id)
    await chmod(source, 0o444)
    const before = await fingerprint(source)
    await syncIn(folder, source, [venti])
    await syncIn(folder, source, [venti])
    await syncIn(folder, source, [venti], { audit: true })
    await planSync({ source, targets: [dialOf(venti)], stateDir: stateDirIn(folder), environment: {} })
    expect(await fingerprint(source)).toEqual(before)
    expect((await readdir(folder)).toSorted()).toEqual(['source.img', 'state'])
  })

  test('the file a server stores into is no source for it: the sync is refused and the file unchanged', async () => {
    const folder = await scratchDir()
    const source = await imageIn(folder, 'seq-day3')
    const server = await startServer({ path: source, listen: { port: 0 } })
    onTestFinished(() => server.close())
    const before = await fingerprint(source)
    const { exit, target } = await syncIn(folder, source, [server])
    expect({ exit, code: target.errorCode, sent: target.sent }).toEqual({ exit: 1, code: 'target-is-source', sent: 0 })
    const options = { source, targets: [dialOf(server)], stateDir: stateDirIn(folder), environment: {} }
    expect((await planSync(options)).targets[0]!.error).toContain('serves the source')
    expect(await fingerprint(source)).toEqual(before)
  })
})

describe.skipIf(process.platform !== 'linux')('R1 by the kernel’s word', () => {
  beforeAll(buildCli, 120_000)

  test('while the real program copies, every file it has open on the source is open for reading only', async () => {
    const folder = await scratchDir()
    const venti = await fake()
    const source = await imageIn(folder, 'seq-day3')
    const args = [
      'sync',
      source,
      '--to',
      dialOf(venti),
      '--state',
      stateDirIn(folder),
      '--limit',
      '2m',
      '--checkpoint',
      '0.05',
    ]
    const sync = startCli(args)
    const flags = new Set<number>()
    let looks = 0
    while (!sync.isOver) {
      looks++
      for (const fd of await readdir(`/proc/${sync.pid}/fd`).catch(() => [])) {
        const path = await readlink(`/proc/${sync.pid}/fd/${fd}`).catch(() => '')
        if (path !== source) continue
        const info = await readFile(`/proc/${sync.pid}/fdinfo/${fd}`, 'latin1').catch(() => '')
        const octal = /^flags:\s*([0-7]+)/m.exec(info)?.[1]
        if (octal !== undefined) flags.add(Number.parseInt(octal, 8) & 0o3)
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await sync.ended).status).toBe(0)
    expect(looks).toBeGreaterThan(5)
    // O_RDONLY is 0, O_WRONLY 1, O_RDWR 2.
    expect([...flags]).toEqual([0])
  }, 30_000)
})
