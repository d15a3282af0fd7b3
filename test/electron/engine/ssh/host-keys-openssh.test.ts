// The same table put before the real ssh and ssh-keygen: what ssh does with a machine's key, and which lines speak of it. The
// server is no daemon: ssh runs one for each connection and talks to it through a pipe (sshd -i), so no port is taken.

import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeKnownHosts, entriesUnder, judgeKey, knownHostName } from '../../../../electron/engine/ssh/known-hosts.ts'
import { keyTypeOf } from '../../../../electron/engine/ssh/key-blob.ts'
import { hostKeyCases, knownHostsText, type HostKeyCase } from '../../../helpers/host-key-cases.ts'
import { makeKey, openSshPrograms } from '../../../helpers/openssh.ts'
import { openScratchDir, type ScratchDir } from '../../../helpers/scratch.ts'

const programs = openSshPrograms()
const host = 'box.example'
let scratch: ScratchDir
let keyText = ''
let hostKeyFile = ''

type Ended = { readonly status: number; readonly stdout: string; readonly stderr: string }

function run(program: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 30_000 }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code ?? -1), stdout, stderr }),
    )
  })
}

/** Its own word for what it made of the key; it may not log in, so "known" ends in a refusal of the user. */
function sshVerdict(said: string): string {
  const words: readonly (readonly [RegExp, string])[] = [
    [/No \w+ host key is known for/, 'unknown'],
    [/host key for .* was revoked/, 'revoked'],
    [/IDENTIFICATION HAS CHANGED/, 'changed'],
    [/Permission denied/, 'known'],
  ]
  return words.find(([pattern]) => pattern.test(said))?.[1] ?? said
}

async function askSsh(file: string, port: number): Promise<string> {
  const configuration = join(scratch.path, 'sshd_config')
  const options = [
    'StrictHostKeyChecking=yes',
    'BatchMode=yes',
    'GlobalKnownHostsFile=none',
    `UserKnownHostsFile=${file}`,
    `ProxyCommand=${programs!.sshd} -i -f ${configuration}`,
  ].flatMap((option) => ['-o', option])
  const { stderr } = await run(programs!.tool('ssh'), ['-F', 'none', '-p', String(port), ...options, host, 'true'])
  return sshVerdict(stderr)
}

/** The others come to the same by way of ssh-keygen -F; each of these costs a fifth of a second. */
const told = new Set([
  'the key has changed',
  'only a key of another type',
  'hashed',
  'the plain name vouches for other ports',
  'the plain name says nothing else of other ports',
  'revoked everywhere',
  'revoked under the plain name',
  'an authority vouches for no plain key',
])
const isEvery = process.env['EVERY_HOST_KEY_CASE'] === '1'
const putToSsh = hostKeyCases.filter(({ name }) => isEvery || told.has(name))

describe.skipIf(programs === null)('OpenSSH says the same', () => {
  beforeAll(async () => {
    scratch = await openScratchDir()
    hostKeyFile = join(scratch.path, 'host')
    makeKey(programs!, hostKeyFile)
    keyText = (await readFile(`${hostKeyFile}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ')
    const lines = [`HostKey ${hostKeyFile}`, 'UsePAM no', 'StrictModes no', 'AuthorizedKeysFile none', 'PidFile none']
    await writeFile(join(scratch.path, 'sshd_config'), `${lines.join('\n')}\n`)
    // As root it separates privileges in a folder that only the system's start scripts make.
    if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
  })
  afterAll(() => scratch?.remove())

  async function fileOf(one: HostKeyCase, name: string): Promise<{ readonly path: string; readonly text: string }> {
    const path = join(scratch.path, name)
    const text = knownHostsText(one, keyText)
    await writeFile(path, text)
    return { path, text }
  }

  test.concurrent.each(putToSsh)('ssh: $name', async (one) => {
    const port = one.port ?? 22
    const { path, text } = await fileOf(one, `ssh-${hostKeyCases.indexOf(one)}`)
    const key = Buffer.from(keyText.split(' ')[1]!, 'base64')
    const { kind } = judgeKey(decodeKnownHosts(text, path).entries, host, port, key, keyTypeOf(key)!)
    expect({ ours: kind, ssh: await askSsh(path, port) }).toEqual({ ours: one.verdict, ssh: one.ssh ?? one.verdict })
  })

  test('ssh-keygen -F finds the same lines', async () => {
    const found = hostKeyCases.map(async (one, index) => {
      const name = knownHostName(host, one.port ?? 22)
      const { path, text } = await fileOf(one, `find-${index}`)
      const { stdout } = await run(programs!.tool('ssh-keygen'), ['-F', name, '-f', path])
      const { entries, badLines } = decodeKnownHosts(text, path)
      // It looks at the names alone, also where the key is half a key.
      const isBad = (line: number): boolean => badLines.some((bad) => bad.line === line)
      const lines = [...stdout.matchAll(/^# Host .* found: line (\d+)/gm)].map(([, line]) => Number(line))
      const theirs = lines.filter((line) => !isBad(line))
      const ours = entriesUnder(entries, name).map(({ line }) => line)
      return { name: one.name, theirs, ours }
    })
    for (const { name, theirs, ours } of await Promise.all(found))
      expect({ name, lines: ours }).toEqual({ name, lines: theirs })
  })

  test('names hashed by ssh-keygen -H are the names they were', async () => {
    const path = join(scratch.path, 'hashed')
    const names = ['box.example', '[box.example]:2222', '192.0.2.7', '[fe80::1]:22022', 'last']
    await writeFile(path, names.map((name) => `${name} ${keyText}\n`).join(''))
    expect((await run(programs!.tool('ssh-keygen'), ['-H', '-f', path])).status).toBe(0)
    const { entries, badLines } = decodeKnownHosts(await readFile(path, 'utf8'), path)
    expect(badLines).toEqual([])
    expect(entries.every(({ isHashed }) => isHashed)).toBe(true)
    expect(names.map((name) => entriesUnder(entries, name).map(({ line }) => line))).toEqual([[1], [2], [3], [4], [5]])
  })
})
