// A person at a terminal: the key is compared, the password typed, the sync runs; and what was typed is nowhere afterwards:
// not on the screen, not in the state folder, not in the arguments or the title of the process, not in an error.

import { spawn, spawnSync } from 'node:child_process'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { fingerprintOf } from '../../../electron/engine/ssh/key-blob.ts'
import { buildCli, cliPath } from '../../helpers/cli-process.ts'
import { startFakeVenti } from '../../helpers/fake-venti.ts'
import { expandFixture, expectedBlocks } from '../../helpers/fixtures.ts'
import { LoginServer } from '../../helpers/login-server.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { blocksOf } from '../../helpers/sync-runs.ts'
import { sshKeyPair } from '../../helpers/ssh-keys.ts'

/** util-linux, which gives a program a terminal of its own. */
const hasScript =
  process.platform === 'linux' &&
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux')
const password = 'correct horse battery staple'
const hostKey = sshKeyPair()
const fingerprint = fingerprintOf(Buffer.from(hostKey.public.split(' ')[1] as string, 'base64'))

beforeAll(buildCli)

async function filesUnder(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

/** Arguments, environment and title of every process that has `marker` among its arguments. */
async function whatOthersSee(marker: string): Promise<string> {
  let seen = ''
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (!commandLine.includes(marker)) continue
    seen += commandLine
    for (const file of ['comm', 'environ', 'status'])
      seen += await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
  }
  return seen
}

describe.skipIf(!hasScript)('at a terminal', () => {
  test('key and password are asked for, nothing typed is seen or kept, and a wrong one is asked for again', async () => {
    const folder = await scratchDir()
    const home = join(folder, 'home')
    await mkdir(home)
    const venti = await startFakeVenti()
    const machine = await LoginServer.start([hostKey.private], { password: ['glenda', password], forwards: true })
    onTestFinished(async () => {
      await machine.close()
      await venti.close()
    })
    const source = join(folder, 'arenas.img')
    await expandFixture('seq-day1', source)
    const state = join(folder, 'state')
    const dial = `ssh://glenda@127.0.0.1:${machine.port}!127.0.0.1!${venti.port}`
    const command = [process.execPath, cliPath, 'sync', source, '--to', `'${dial}'`, '--state', state].join(' ')
    const child = spawn('script', ['-qefc', command, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, HOME: home, SSH_AUTH_SOCK: '', TERM: 'xterm' },
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    let screen = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (screen += text))
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    const says = async (text: string, times = 1): Promise<void> =>
      await expect.poll(() => screen.split(text).length - 1, { timeout: 20_000 }).toBe(times)

    await says(`127.0.0.1:${machine.port} is not known yet. Its ED25519 key is ${fingerprint}`)
    expect(machine.users).toBe(0)
    child.stdin.write('yes\r')
    await says(`Password for glenda@127.0.0.1:${machine.port}: `)
    child.stdin.write(`${password} wrong\r`)
    await says(`That was not right. Password for glenda@127.0.0.1:${machine.port}: `)
    const seen = await whatOthersSee(state)
    child.stdin.write(`${password}\r`)
    expect(await ended).toBe(0)
    expect(blocksOf(venti)).toEqual(expectedBlocks('seq-day1'))
    const kept = await Promise.all((await filesUnder(folder)).map(async (path) => await readFile(path, 'latin1')))
    expect(kept.length).toBeGreaterThan(2)
    expect(seen).toContain(state)
    for (const text of [screen, seen, ...kept]) expect(text).not.toContain('horse battery')
  })
})
