// A real venti behind a real OpenSSH: a mirror through the tunnel, and its own tools find everything there.

import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { buildCli, startCli } from '../helpers/cli-process.ts'
import { expandFixture, fixture, treeManifest } from '../helpers/fixtures.ts'
import { OpenSsh, openSshPrograms } from '../helpers/openssh.ts'
import { realVenti } from '../helpers/real-venti.ts'
import { scratchDir } from '../helpers/scratch.ts'

const venti = realVenti()
const programs = venti === null ? null : openSshPrograms()

beforeAll(buildCli)

describe.skipIf(venti === null || programs === null)('a real venti through OpenSSH', () => {
  test('a source over SFTP, a target through the tunnel, checked through it; unvac gives the files back', async () => {
    const folder = await scratchDir()
    const home = join(folder, 'home')
    await mkdir(join(home, '.ssh'), { recursive: true, mode: 0o700 })
    const sshd = await OpenSsh.start(programs!, join(folder, 'sshd'))
    onTestFinished(() => sshd.close())
    await writeFile(join(home, '.ssh/known_hosts'), await sshd.knownHostsLine())
    await copyFile(sshd.clientKey, join(home, '.ssh/id_ed25519'))
    const server = await venti!.start(folder)
    onTestFinished(() => server.stop())
    const source = join(folder, 'arenas.img')
    const machine = `ssh://${sshd.user}@127.0.0.1:${sshd.port}`
    const dial = `${machine}!127.0.0.1!${server.dial.split('!')[2]}`
    const environment = { HOME: home, SSH_AUTH_SOCK: '' }
    const state = ['--state', join(folder, 'state')]
    for (const day of ['seq-day1', 'seq-day2', 'seq-day3']) {
      await expandFixture(day, source)
      const sync = await startCli(['sync', `${machine}${source}`, '--to', dial, ...state], environment).ended
      expect([sync.status, sync.stderr]).toEqual([0, ''])
    }
    const root = fixture('seq-day3').expected.roots!.at(-1)!
    const verify = await startCli(['verify', root.score, '--at', dial, '--full', ...state], environment).ended
    expect([verify.status, verify.stderr]).toEqual([0, ''])
    const { entries, under } = treeManifest(root.tree!)
    const restored = join(folder, 'restored')
    await mkdir(restored)
    expect(await venti!.restoreTree(server.dial, root.score, restored, under)).toEqual(entries)
  })
})
