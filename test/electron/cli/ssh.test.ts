// The program and the real OpenSSH: targets through a tunnel, with keys, an agent and nobody to ask, as from cron. What a
// person would have typed is nowhere afterwards.

import { execFileSync, spawn } from 'node:child_process'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { buildCli, startCli, type CliProcess } from '../../helpers/cli-process.ts'
import { expandDisk } from '../../helpers/disk-fixtures.ts'
import { expandFixture, expectedBlocks } from '../../helpers/fixtures.ts'
import { startFakeVenti, type FakeVenti } from '../../helpers/fake-venti.ts'
import { makeKey, OpenSsh, openSshPrograms, type OpenSshOptions } from '../../helpers/openssh.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { SlowLine } from '../../helpers/slow-line.ts'
import { blocksOf } from '../../helpers/sync-runs.ts'

const programs = openSshPrograms()
const passphrase = 'nothing of this may be anywhere'

beforeAll(buildCli)

type Scene = {
  readonly folder: string
  readonly home: string
  readonly sshd: OpenSsh
  readonly venti: FakeVenti
  readonly source: string
  readonly dial: string
  readonly run: (args: readonly string[], environment?: Readonly<Record<string, string>>) => CliProcess
}

/** A home without any key or known machine, an sshd and a venti behind it. */
async function scene(options: OpenSshOptions = {}): Promise<Scene> {
  const folder = await scratchDir()
  const home = join(folder, 'home')
  await mkdir(join(home, '.ssh'), { recursive: true, mode: 0o700 })
  const sshd = await OpenSsh.start(programs!, join(folder, 'sshd'), options)
  onTestFinished(() => sshd.close())
  const venti = await startFakeVenti()
  onTestFinished(() => venti.close())
  const source = join(folder, 'arenas.img')
  await expandFixture('seq-day3', source)
  const run = (args: readonly string[], environment: Readonly<Record<string, string>> = {}): CliProcess =>
    startCli([...args], { HOME: home, SSH_AUTH_SOCK: '', ...environment })
  return {
    folder,
    home,
    sshd,
    venti,
    source,
    dial: `ssh://${sshd.user}@127.0.0.1:${sshd.port}!127.0.0.1!${venti.port}`,
    run,
  }
}

async function trust({ home, sshd }: Scene): Promise<void> {
  await writeFile(join(home, '.ssh/known_hosts'), await sshd.knownHostsLine())
}

const giveKey = async ({ home, sshd }: Scene): Promise<void> =>
  await copyFile(sshd.clientKey, join(home, '.ssh/id_ed25519'))

describe.skipIf(programs === null)('targets through OpenSSH', () => {
  test('an unknown machine is refused with its fingerprint, kept with --accept-new, and known from then on', async () => {
    const at = await scene()
    await giveKey(at)
    const state = join(at.folder, 'state')
    const sync = (...more: string[]): CliProcess =>
      at.run(['sync', at.source, '--to', at.dial, '--state', state, '--json', ...more])
    const refused = await sync().ended
    const shown = execFileSync(programs!.tool('ssh-keygen'), ['-lf', `${at.sshd.hostKey()}.pub`], { encoding: 'utf8' })
    const fingerprint = shown.split(' ')[1] as string
    expect([refused.status, refused.stdout + refused.stderr]).toEqual([1, expect.stringContaining(fingerprint)])
    expect(at.sshd.log).not.toMatch(/user|publickey/i)

    const done = await sync('--accept-new').ended
    expect([done.status, done.stderr]).toEqual([0, ''])
    expect(blocksOf(at.venti)).toEqual(expectedBlocks('seq-day3'))
    const trusted = await readFile(join(state, 'ssh_known_hosts'), 'utf8')
    expect(trusted).toContain((await at.sshd.knownHostsLine()).trim())

    const again = await sync().ended
    expect([again.status, at.venti.counters.writes]).toEqual([0, 951])
  })

  test('three targets behind one machine share one connection', async () => {
    const at = await scene()
    await trust(at)
    await giveKey(at)
    const others = await Promise.all([startFakeVenti(), startFakeVenti()])
    onTestFinished(async () => void (await Promise.all(others.map(async (venti) => await venti.close()))))
    const dials = [at.venti, ...others].map(({ port }) => at.dial.replace(/\d+$/, String(port)))
    const args = dials.flatMap((dial) => ['--to', dial])
    const { status } = await at.run(['sync', at.source, ...args, '--state', join(at.folder, 'state')]).ended
    expect(status).toBe(0)
    for (const venti of [at.venti, ...others]) expect(blocksOf(venti)).toEqual(expectedBlocks('seq-day3'))
    expect(at.sshd.log.match(/Accepted publickey/g)).toHaveLength(1)
  })

  test('the machine goes away in the middle of a copy: the copy comes back by itself, and nothing is missing', async () => {
    const at = await scene()
    await trust(at)
    await giveKey(at)
    at.venti.behaviour.hold = true
    const sync = at.run(['sync', at.source, '--to', at.dial, '--state', join(at.folder, 'state'), '--json'])
    const someMore = (): number => {
      at.venti.store.release(10)
      return at.venti.counters.writes
    }
    await expect.poll(someMore, { timeout: 20_000 }).toBeGreaterThan(300)
    await at.sshd.kill()
    at.venti.behaviour.hold = false
    expect(at.venti.blocks.size).toBeLessThan(900)
    await at.sshd.restart()
    const { status } = await sync.ended
    expect(status).toBe(0)
    expect(blocksOf(at.venti)).toEqual(expectedBlocks('seq-day3'))
  })

  test('a locked key: refused in words where nobody can be asked; with the agent it works', async () => {
    const at = await scene()
    await trust(at)
    const key = join(at.home, '.ssh/id_ed25519')
    makeKey(programs!, key, { passphrase })
    await writeFile(join(at.sshd.folder, 'authorized_keys'), await readFile(`${key}.pub`))
    const args = ['sync', at.source, '--to', at.dial, '--state', join(at.folder, 'state'), '--json']
    const refused = await at.run(args).ended
    expect(refused.status).toBe(1)
    expect(refused.stdout + refused.stderr).toContain(`key ${key} is locked`)

    const socket = join(at.folder, 'agent')
    const agent = spawn(programs!.tool('ssh-agent'), ['-D', '-a', socket], { stdio: 'ignore' })
    onTestFinished(() => void agent.kill('SIGKILL'))
    const askpass = join(at.folder, 'askpass')
    await writeFile(askpass, `#!/bin/sh\necho '${passphrase}'\n`, { mode: 0o700 })
    const environment = {
      ...process.env,
      SSH_AUTH_SOCK: socket,
      SSH_ASKPASS: askpass,
      SSH_ASKPASS_REQUIRE: 'force',
      DISPLAY: ':9',
    }
    await expect
      .poll(() => {
        try {
          execFileSync(programs!.tool('ssh-add'), [key], { env: environment, stdio: 'ignore' })
          return true
        } catch {
          return false
        }
      })
      .toBe(true)
    const done = await at.run(args, { SSH_AUTH_SOCK: socket }).ended
    expect([done.status, blocksOf(at.venti)]).toEqual([0, expectedBlocks('seq-day3')])
  })

  test('a key the machine does not take, and a machine that forbids forwarding: each in its own words', async () => {
    const at = await scene({ config: ['AllowTcpForwarding no'] })
    await trust(at)
    const args = ['sync', at.source, '--to', at.dial, '--state', join(at.folder, 'state'), '--json']
    makeKey(programs!, join(at.home, '.ssh/id_rsa'), { type: 'rsa' })
    const refused = await at.run(args).ended
    expect(refused.stdout + refused.stderr).toContain(`does not let ${at.sshd.user} log in: tried the key`)
    await giveKey(at)
    const forbidden = await at.run(args).ended
    expect(forbidden.stdout + forbidden.stderr).toContain('its SSH server forbids forwarding')
    expect([refused.status, forbidden.status]).toEqual([1, 1])
  })
})

describe.skipIf(programs === null)('sources over OpenSSH', () => {
  const remote = ({ sshd }: Scene, path: string): string => `ssh://${sshd.user}@127.0.0.1:${sshd.port}${path}`
  /** Of a result, what must not depend on where the source is. */
  const placeless = (text: string, at: Scene): unknown =>
    JSON.parse(
      text.replaceAll(remote(at, at.source), 'SOURCE').replaceAll(at.source, 'SOURCE'),
      (key: string, value: unknown) => (/^(durationMs|bytesRead|mirror)$/.test(key) ? undefined : value),
    )

  async function ready(options: OpenSshOptions = {}): Promise<Scene> {
    const at = await scene(options)
    await trust(at)
    await giveKey(at)
    return at
  }

  test('arenas says the same of a damaged partition, quickly and with --check', async () => {
    const at = await ready()
    await expandFixture('bad-zero-head', at.source)
    for (const more of [[], ['--check']]) {
      const here = await at.run(['arenas', at.source, '--json', ...more]).ended
      const there = await at.run(['arenas', remote(at, at.source), '--json', ...more]).ended
      expect([there.status, there.stderr]).toEqual([
        here.status,
        here.stderr.replaceAll(at.source, remote(at, at.source)),
      ])
      expect(placeless(there.stdout, at)).toEqual(placeless(here.stdout, at))
    }
  })

  test('sync sends the same, day after day, also to a venti behind the same machine', async () => {
    const at = await ready()
    const state = join(at.folder, 'state')
    const other = await startFakeVenti()
    onTestFinished(() => other.close())
    for (const day of ['seq-day1', 'seq-day3']) {
      await expandFixture(day, at.source)
      const there = await at.run(['sync', remote(at, at.source), '--to', at.dial, '--state', state, '--json']).ended
      const here = await at.run([
        'sync',
        at.source,
        '--to',
        other.dial.text,
        '--state',
        join(at.folder, 'here'),
        '--json',
      ]).ended
      const alike = (text: string): unknown =>
        placeless(text.replaceAll(at.dial, 'DIAL').replaceAll(other.dial.text, 'DIAL'), at)
      expect([there.status, there.stderr]).toEqual([0, ''])
      expect(alike(there.stdout)).toEqual(alike(here.stdout))
      expect(blocksOf(at.venti)).toEqual(expectedBlocks(day))
    }
    expect([...at.venti.blocks.keys()].toSorted()).toEqual([...other.blocks.keys()].toSorted())
  })

  test('the machine goes away in the middle of a scan: the result is the same', async () => {
    const at = await ready()
    const here = await at.run(['arenas', at.source, '--json', '--check']).ended
    // So slow that it is in the middle for a second or two.
    const line = await SlowLine.to(at.sshd.port, { bytesPerSecond: 6_000_000, roundTripMs: 2 })
    onTestFinished(() => line.close())
    const [, key] = (await at.sshd.knownHostsLine()).split(/ (.*)/)
    await writeFile(join(at.home, '.ssh/known_hosts'), `[127.0.0.1]:${line.port} ${key}\n`)
    const spec = `ssh://${at.sshd.user}@127.0.0.1:${line.port}${at.source}`
    const there = at.run(['arenas', spec, '--json', '--check'])
    await expect.poll(() => line.bytesReceived, { interval: 5, timeout: 20_000 }).toBeGreaterThan(2_000_000)
    await at.sshd.kill()
    await at.sshd.restart()
    const { status, stdout } = await there.ended
    expect(at.sshd.log.match(/Accepted publickey/g)).toHaveLength(2)
    expect([status, placeless(stdout.replaceAll(spec, 'SOURCE'), at)]).toEqual([
      here.status,
      placeless(here.stdout, at),
    ])
  })

  test('a configuration over there stands for the partitions it names over there', async () => {
    const at = await ready()
    const config = join(at.folder, 'venti.conf')
    await writeFile(config, `index main\narenas ${at.source}\n`)
    const { status, stdout } = await at.run(['arenas', remote(at, config), '--json']).ended
    expect([status, stdout.includes(remote(at, at.source))]).toEqual([0, true])
  })

  test('no SFTP there, no such file, a folder: each in its own words', async () => {
    const at = await ready({ sftp: '/nothing/here' })
    const none = await at.run(['arenas', remote(at, at.source)]).ended
    expect([none.status, none.stderr]).toEqual([1, expect.stringContaining('offers no SFTP')])
    const other = await ready()
    const absent = await other.run(['arenas', remote(other, '/nothing/here')]).ended
    expect([absent.status, absent.stderr]).toEqual([
      1,
      expect.stringContaining('there is no such file on that machine'),
    ])
    const folder = await other.run(['arenas', remote(other, other.folder)]).ended
    expect([folder.status, folder.stderr]).toEqual([1, expect.stringContaining('it is a folder')])
  })

  test('a disk over there: its partitions, and its 9fat read, changed and put back', async () => {
    const at = await ready()
    const state = ['--state', join(at.folder, 'state')]
    const disk = join(at.folder, 'disk.img')
    await expandDisk('disk-mbr', disk)
    const before = await readFile(disk)
    const there = remote(at, disk)
    const listed = await at.run(['partitions', there, '--json']).ended
    const here = await at.run(['partitions', disk, '--json']).ended
    expect([listed.status, listed.stdout.replaceAll(there, disk)]).toEqual([0, here.stdout])

    const shown = async (path: string): Promise<string> =>
      (await at.run(['wrcmd', 'show', path, '--json']).ended).stdout
    const set = ['wrcmd', 'set', `${there}:9fat`, '--host', '10.0.0.7', ...state]
    expect((await at.run(set).ended).status).toBe(0)
    expect(await shown(`${disk}:9fat`)).toContain('tcp!10.0.0.7!17034')
    expect((await shown(`${there}:9fat`)).replaceAll(there, disk)).toBe(await shown(`${disk}:9fat`))
    expect((await at.run(['wrcmd', 'restore', `${there}:9fat`, ...state]).ended).status).toBe(0)
    expect(Buffer.compare(await readFile(disk), before)).toBe(0)
  })
})
