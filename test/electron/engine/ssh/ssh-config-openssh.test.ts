// The same table put before ssh -G, which prints what ssh itself reads out of a configuration; key files are taken from what
// ssh -v says it will try, since -G shows them as they were written.

import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readSshConfig } from '../../../../electron/engine/ssh/ssh-config.ts'
import { openSshPrograms, type OpenSshPrograms } from '../../../helpers/openssh.ts'
import { scratchDir } from '../../../helpers/scratch.ts'
import { expectedSettings, shownSettings } from '../../../helpers/shown-settings.ts'
import { sshConfigCases, type SshConfigCase } from '../../../helpers/ssh-config-cases.ts'

const programs = openSshPrograms()
// ssh asks the system for these and not the environment.
const { homedir: home, username } = userInfo()

function said(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 30_000 }, (_error, stdout, stderr) => resolve(stdout + stderr))
  })
}

/** By keyword; of those that come several times the last one. */
async function settingsOfSsh(
  { tool }: OpenSshPrograms,
  file: string,
  { host = 'box', user, port, expected }: SshConfigCase,
): Promise<Readonly<Record<string, string>>> {
  const where = [
    '-F',
    file,
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
  ]
  const found: Record<string, string> = { proxyjump: '', hostkeyalias: host }
  const text = await said(tool('ssh'), [...where, '-G', host])
  for (const [, key, value] of text.matchAll(/^(\w+) (.*)$/gm)) found[key!] = value!
  if (expected.identityfile !== undefined) {
    const verbose = await said(tool('ssh'), [...where, '-v', '-T', '-o', 'ProxyCommand=false', host, 'true'])
    const files = [...verbose.matchAll(/^debug1: identity file (.*) type -?\d+\r?$/gm)].map(([, name]) => name!)
    found['identityfile'] = files.filter((name) => !name.endsWith('-cert')).join('\n')
  }
  return found
}

/** As settingsOfSsh has them. */
function asText(expected: SshConfigCase['expected']): Readonly<Record<string, string>> {
  const { identityfile, userknownhostsfile, identitiesonly, ...rest } = expected
  return {
    ...Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, String(value)])),
    ...(identitiesonly === undefined ? {} : { identitiesonly: identitiesonly ? 'yes' : 'no' }),
    ...(identityfile === undefined ? {} : { identityfile: identityfile.join('\n') }),
    ...(userknownhostsfile === undefined ? {} : { userknownhostsfile: userknownhostsfile.join(' ') }),
  }
}

async function expectBoth(one: SshConfigCase, file: string): Promise<void> {
  const { host = 'box', user = null, port = null } = one
  const expected = expectedSettings(one.expected, home, username)
  const ours = await readSshConfig(file, { host, user, port }, { home, environment: {} })
  const theirs = Object.entries(await settingsOfSsh(programs!, file, one))
  const asked = asText(expected)
  const shown = Object.fromEntries(theirs.filter(([key]) => Object.hasOwn(asked, key)))
  expect({ ours: asText(shownSettings(ours, expected)), ssh: shown }).toEqual({ ours: asked, ssh: asked })
}

describe.skipIf(programs === null)('ssh reads the same', () => {
  test.each(sshConfigCases)('$name', async (one) => {
    const file = join(await scratchDir(), 'config')
    await writeFile(file, one.config.replaceAll('HOME', home))
    await expectBoth(one, file)
  })

  test('included files', async () => {
    const folder = await scratchDir()
    await mkdir(join(folder, 'more'))
    await writeFile(join(folder, 'more', '20.conf'), 'HostName second\nUser second\nPort 2\n')
    await writeFile(join(folder, 'more', '10.conf'), 'Host other\nUser other\nHost box\nHostName first\n')
    await writeFile(join(folder, 'inner'), 'Host nobody\nPort 1\nHost b*\nHostKeyAlias inner\n')
    await writeFile(join(folder, 'never'), 'User never\nHost *\nUser never\nMatch all\nUser never\n')
    const file = join(folder, 'config')
    const config = `Host other\nInclude ${folder}/never\nHost *\nInclude ${folder}/more/*.conf ${folder}/none\nHost box\nInclude ${folder}/inner\nPort 3\n`
    await writeFile(file, config)
    await expectBoth(
      { name: '', config, expected: { hostname: 'first', user: 'second', port: 2, hostkeyalias: 'inner' } },
      file,
    )
  })
})
