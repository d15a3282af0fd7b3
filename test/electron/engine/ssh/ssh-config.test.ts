// ~/.ssh/config by the table that ssh -G is held to in ssh-config-openssh.test.ts, and what is said where we cannot do as ssh.

import { symlink, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseSshAuthority, sshAddressText, type SshAddress } from '../../../../electron/engine/ssh/address.ts'
import { readConfigFiles } from '../../../../electron/engine/ssh/ssh-config-file.ts'
import { readSshConfig, type SshSettings } from '../../../../electron/engine/ssh/ssh-config.ts'
import { routeTo } from '../../../../electron/engine/ssh/ssh-route.ts'
import { scratchDir } from '../../../helpers/scratch.ts'
import { sshConfigCases } from '../../../helpers/ssh-config-cases.ts'
import { expectedSettings, shownSettings } from '../../../helpers/shown-settings.ts'

const environment = { SSH_AUTH_SOCK: '/run/agent', KEYS: '/srv/keys' }
const at = (text: string): SshAddress => parseSshAuthority(text, text)

async function homeWith(files: Readonly<Record<string, string>>): Promise<string> {
  const home = await scratchDir()
  await mkdir(join(home, '.ssh', 'config.d'), { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(home, '.ssh', name), text)
  return home
}

async function settings(config: string, address = 'box'): Promise<SshSettings> {
  const home = await homeWith({ config })
  return await readSshConfig(join(home, '.ssh', 'config'), at(address), { home, user: 'glenda', environment })
}

async function problem(config: string, address?: string): Promise<string> {
  const error = await settings(config, address).then(
    () => null,
    (thrown: Error & { code?: string }) => thrown,
  )
  expect(error).toMatchObject({ code: 'ssh-login', data: { next: expect.any(String) } })
  return (error as Error).message.replace(/^.*\.ssh.config, /, '')
}

describe('settings of a host', () => {
  test.each(sshConfigCases)('$name', async ({ config, host = 'box', user = null, port = null, expected }) => {
    const home = '/home/glenda'
    const folder = await homeWith({ config: config.replaceAll('HOME', home) })
    const local = { home, user: 'glenda', environment: {} }
    const found = await readSshConfig(join(folder, '.ssh', 'config'), { host, user, port }, local)
    expect(shownSettings(found, expected)).toEqual(expectedSettings(expected, home, 'glenda'))
  })

  test('without any file they are the usual ones', async () => {
    const home = await scratchDir()
    const files = ['config', '/no/such/file'].map((name) => join(home, '.ssh', name))
    const address = at('Box.Example')
    expect(await readSshConfig(files, address, { home, user: 'glenda' })).toEqual({
      address,
      hostName: 'box.example',
      port: 22,
      user: 'glenda',
      hostKeyName: { host: 'box.example', port: 22 },
      identityFiles: ['id_rsa', 'id_ecdsa', 'id_ed25519'].map((name) => join(home, '.ssh', name)),
      areIdentitiesNamed: false,
      identitiesOnly: false,
      identityAgent: null,
      proxyJump: [],
      userKnownHostsFiles: null,
      systemKnownHostsFiles: null,
      connectTimeoutMs: null,
      notes: [],
    })
  })

  test('an alias of the host key is looked up without the port, else the name with it', async () => {
    const config = 'Host a\nHostKeyAlias Box-Key\nHost *\nHostName box.example\nPort 2222\n'
    expect((await settings(config, 'a')).hostKeyName).toEqual({ host: 'box-key', port: 22 })
    expect((await settings(config, 'b')).hostKeyName).toEqual({ host: 'box.example', port: 2222 })
  })

  test.each([
    ['none', 'none'],
    ['SSH_AUTH_SOCK', '/run/agent'],
    ['$SSH_AUTH_SOCK', '/run/agent'],
    ['$NO_SUCH', 'none'],
    ['"/run/%u/${KEYS}/%h"', '/run/glenda//srv/keys/box'],
  ])('IdentityAgent %s is %s', async (value, agent) => {
    expect((await settings(`IdentityAgent ${value}\n`)).identityAgent).toBe(agent)
  })

  test('lists of known keys may be none or the system’s own', async () => {
    const { userKnownHostsFiles, systemKnownHostsFiles } = await settings(
      'UserKnownHostsFile none\nGlobalKnownHostsFile /srv/known /srv/more\n',
    )
    expect({ userKnownHostsFiles, systemKnownHostsFiles }).toEqual({
      userKnownHostsFiles: [],
      systemKnownHostsFiles: ['/srv/known', '/srv/more'],
    })
  })

  test('the system’s file counts after the user’s', async () => {
    const home = await homeWith({ config: 'Host box\nUser one\n', system: 'User two\nPort 2222\n' })
    const files = ['config', 'system'].map((name) => join(home, '.ssh', name))
    expect(await readSshConfig(files, at('box'), { home })).toMatchObject({ user: 'one', port: 2222 })
  })
})

describe('included files', () => {
  test('count where the line stands, patterns in order of their names, and end their own Host lines', async () => {
    const home = await homeWith({
      config: 'Include config.d/*.conf no-such no-such-*\nHost box\nInclude ~/.ssh/inner\nPort 3\nHost *\nUser last\n',
      'config.d/20.conf': 'HostName second\nUser second\n',
      'config.d/10.conf': 'Host other\nUser other\nHost box\nHostName first\n',
      'config.d/.hidden.conf': 'HostName hidden\n',
      inner: 'Host nobody\nPort 1\nHost b*\nHostKeyAlias inner\n',
    })
    const config = join(home, '.ssh', 'config')
    expect(await readSshConfig(config, at('box'), { home })).toMatchObject({
      hostName: 'first',
      user: 'second',
      port: 3,
      hostKeyName: { host: 'inner', port: 22 },
    })
  })

  test('nothing in them holds under a Host line that does not', async () => {
    const home = await homeWith({
      config: 'Host other\nInclude inner\n',
      inner: 'User a\nHost *\nUser b\nMatch all\nUser c\n',
    })
    expect(await readSshConfig(join(home, '.ssh', 'config'), at('box'), { home, user: 'me' })).toMatchObject({
      user: 'me',
    })
  })

  test('that include each other are an error', async () => {
    expect(await problem('Include config\n')).toBe('line 1: files include each other more than 16 deep')
  })

  test('that cannot be read are an error', async () => {
    const home = await homeWith({ config: 'Include config.d\n' })
    const read = readSshConfig(join(home, '.ssh', 'config'), at('box'), { home })
    await expect(read).rejects.toMatchObject({ code: 'ssh-login', message: expect.stringContaining('EISDIR') })
  })

  // A link to itself: neither there nor away, also for root.
  test.skipIf(process.platform === 'win32')('nor is the first one passed over', async () => {
    const home = await homeWith({})
    const path = join(home, '.ssh', 'config')
    await symlink(path, path)
    await expect(readSshConfig(path, at('box'), { home })).rejects.toMatchObject({ code: 'ssh-login' })
  })
})

describe('what cannot be done as ssh does it', () => {
  test.each([
    ['ProxyCommand nc %h %p', 'line 1: box is reached through a ProxyCommand, and commands are not run here'],
    [
      'ProxyCommand nc %h %p\nProxyJump hop',
      'line 1: box is reached through a ProxyCommand, and commands are not run here',
    ],
    ['ProxyJump none\nProxyCommand nc', 'line 2: box is reached through a ProxyCommand, and commands are not run here'],
    ['RevokedHostKeys /srv/krl', 'line 1: RevokedHostKeys is set for box, and such a list is not read here'],
    ['ProxyJump a/b', 'line 1: "a/b" is not a machine to go through: "ssh://a/b": "a/b" is not a host name'],
    ['ProxyJump a,', 'line 1: "" is not a machine to go through: "ssh://": the host is missing'],
    ['Port ssh', 'line 1: "ssh" is not a port'],
    ['Port 65536', 'line 1: "65536" is not a port'],
    ['Port', 'line 1: nothing stands after port'],
    ['User ""', 'line 1: nothing stands after user'],
    ['User "one', 'line 1: a quote is not closed'],
    ['HostName %z', 'line 1: "%z" cannot be used here'],
    ['HostName -oProxyCommand=x', 'line 1: "-oProxyCommand=x" is not a host name'],
    ['IdentityFile ~ken/key', 'line 1: ~ken/key: the home of another user is not looked up'],
    ['IdentityFile ${NO_SUCH}/key', 'line 1: the environment has no NO_SUCH'],
    ['IdentitiesOnly maybe', 'line 1: "maybe" is neither yes nor no'],
    ['ConnectTimeout soon', 'line 1: "soon" is not a time'],
    ['ConnectTimeout 1m1m1m1m1m1m1m1m1x', 'line 1: "1m1m1m1m1m1m1m1m1x" is not a time'],
    ['Host', 'line 1: nothing stands after host'],
  ])('%j', async (config, message) => {
    expect(await problem(`${config}\n`)).toBe(message)
  })

  test('is no matter to other hosts', async () => {
    const found = await settings('Host other\nProxyCommand nc\nPort x\nRevokedHostKeys /srv/krl\nHost *\nUser one\n')
    expect(found.user).toBe('one')
  })

  test('is noted where it leads nowhere else', async () => {
    const { notes, user } = await settings(
      'Match host box exec "true"\nUser one\nMatch all\nCanonicalizeHostname yes\n',
    )
    expect(user).toBe('glenda')
    expect(notes.map((note) => note.replace(/^.*config, /, ''))).toEqual([
      'line 1: "Match host box exec "true"" and what stands under it is passed over; only "Match all" is understood',
      'line 4: canonicalizehostname is passed over',
    ])
  })
})

describe('the way to a machine', () => {
  async function way(config: string, address: string): Promise<readonly string[]> {
    const home = await homeWith({ config })
    const files = await readConfigFiles([join(home, '.ssh', 'config')], home)
    const route = routeTo(files, at(address), { home, user: 'glenda' })
    return route.map(({ hostName, port, user }) => sshAddressText({ host: hostName, port, user }))
  }

  test('is itself, or the machines of ProxyJump in their order, each with its own settings', async () => {
    const config =
      'Host box\nUser root\nProxyJump ken@one,two:2222\nHost two\nHostName two.example\nUser rob\nProxyCommand nc\n'
    expect(await way(config, 'one')).toEqual(['ssh://glenda@one:22'])
    expect(await way(config, 'box')).toEqual(['ssh://ken@one:22', 'ssh://rob@two.example:2222', 'ssh://root@box:22'])
  })

  test('goes on where the nearest machine has a way of its own', async () => {
    expect(
      await way('Host box\nProxyJump one,two\nHost one\nProxyJump zero\nHost two\nProxyJump nine\n', 'box'),
    ).toEqual(['zero', 'one', 'two', 'box'].map((name) => `ssh://glenda@${name}:22`))
  })

  test('does not go round in a circle', async () => {
    await expect(way('Host *\nProxyJump hop\n', 'box')).rejects.toMatchObject({
      code: 'ssh-login',
      message: 'the way to ssh://box leads through more than 16 machines: ProxyJump goes round in a circle',
    })
  })
})
