// What deb and rpm put where, with folders and programs that stand in for Electron and fpm: `npm run package -- --linux deb rpm`
// is run to its end. That the command line is on the path, the sandbox has its AppArmor profile, the window its entry and icons,
// a feed that was given is in it, and the sums are right.

import { extractFile } from '@electron/asar'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { feedFile } from '../../electron/app/habits/update-feed.ts'
import { versionIn } from '../../electron/app/habits/versions.ts'
import { version } from '../../electron/cli/version.ts'
import { openScratchDir } from '../helpers/scratch.ts'
import { standInElectron } from '../helpers/stand-in-electron.ts'
import { standInFpm } from '../helpers/stand-in-fpm.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const names = [`venti-mirror-${version}-linux-amd64.deb`, `venti-mirror-${version}-linux-x86_64.rpm`]
const program = '/opt/Venti Mirror/venti-mirror-desktop'
const feed = 'https://updates.example/venti-mirror'

let output: string
let removeScratch: () => Promise<void> = () => Promise.resolve()

async function electronVersion(): Promise<string> {
  const text = await readFile(join(root, 'node_modules/electron/package.json'), 'utf8')
  return (JSON.parse(text) as { readonly version: string }).version
}

const unpacked = (name: string, path: string): string => join(output, `${name}.content`, path)
const contentOf = (name: string, path: string): Promise<string> => readFile(unpacked(name, path), 'utf8')

describe.skipIf(process.platform !== 'linux')('deb and rpm', () => {
  beforeAll(async () => {
    const { path: scratch, remove } = await openScratchDir()
    removeScratch = remove
    output = join(scratch, 'release')
    const electron = await standInElectron(join(scratch, 'electron'), await electronVersion())
    const env = { ...process.env, CUSTOM_FPM_PATH: await standInFpm(join(scratch, 'fpm')) }
    const kinds = ['--linux', 'deb', 'rpm', '--x64', '--feed', feed]
    const args = [join(root, 'build/scripts/package.mjs'), ...kinds, '--electron-dist', electron, '--output', output]
    await run(process.execPath, args, { env, maxBuffer: 2 ** 24 })
    for (const name of names) {
      await mkdir(unpacked(name, '.'))
      await run('tar', ['-C', unpacked(name, '.'), '-xf', join(output, name)])
    }
  })

  afterAll(() => removeScratch())

  test('have their sums beside them', async () => {
    const sums = await Promise.all(
      names.map(async (name) => {
        const hash = createHash('sha256').update(await readFile(join(output, name)))
        return `${hash.digest('hex')}  ${name}\n`
      }),
    )
    expect(await readFile(join(output, 'SHA256SUMS'), 'utf8')).toBe(sums.join(''))
  })

  test.each(names)('%s puts the command line on the path', async (name) => {
    const { stdout } = await run('find', ['data/usr/bin', '-type', 'f', '-perm', '755'], { cwd: unpacked(name, '.') })
    expect(stdout).toBe('data/usr/bin/venti-mirror\n')
    const called = /^exec '(.+)' "\$@"$/m.exec(await contentOf(name, 'data/usr/bin/venti-mirror'))?.[1] as string
    expect(await contentOf(name, `data${called}`)).toBe(
      await readFile(join(root, 'build/package/bin/venti-mirror'), 'utf8'),
    )
    // The program has a name of its own there, so that neither hides the other.
    expect(await contentOf(name, 'control/after-install')).toContain(`'/usr/bin/venti-mirror-desktop'`)
  })

  test.each(names)('%s lets the sandbox work under AppArmor', async (name) => {
    const profile = await contentOf(name, 'data/opt/Venti Mirror/resources/apparmor-profile')
    expect(profile).toContain(`profile "venti-mirror-desktop" "${program}" flags=(unconfined) {\n  userns,`)
    const script = await contentOf(name, 'control/after-install')
    expect(script).toContain(`APPARMOR_PROFILE_SOURCE='/opt/Venti Mirror/resources/apparmor-profile'`)
    expect(script).toContain(`APPARMOR_PROFILE_TARGET='/etc/apparmor.d/venti-mirror-desktop'`)
  })

  test.each(names)('%s has an entry that windows belong to, and opens no files', async (name) => {
    const entry = await contentOf(name, 'data/usr/share/applications/venti-mirror-desktop.desktop')
    const values = Object.fromEntries([...entry.matchAll(/^(\w+)=(.*)$/gm)].map(([, key, value]) => [key, value]))
    expect(values).toEqual({
      Name: 'Venti Mirror',
      Exec: `"${program}" %U`,
      Terminal: 'false',
      Type: 'Application',
      Icon: 'venti-mirror-desktop',
      StartupWMClass: 'venti-mirror-desktop',
      Comment: expect.any(String) as string,
      Categories: 'Utility;',
    })
    const icons = await run('find', ['data/usr/share/icons', '-type', 'f', '-printf', '%P\n'], {
      cwd: unpacked(name, '.'),
    })
    const expected = [16, 32, 48, 64, 128, 256, 512].map(
      (size) => `hicolor/${size}x${size}/apps/venti-mirror-desktop.png`,
    )
    expect(icons.stdout.trim().split('\n').toSorted()).toEqual(expected.toSorted())
  })

  test.each(names)('%s knows the feed', async (name) => {
    const resources = 'data/opt/Venti Mirror/resources'
    expect(await contentOf(name, `${resources}/app-update.yml`)).toContain(`provider: generic\nurl: ${feed}\n`)
    const manifest = extractFile(unpacked(name, `${resources}/app.asar`), 'package.json').toString('utf8')
    expect(JSON.parse(manifest)).toMatchObject({ updateFeed: feed, homepage: expect.any(String) as string })
  })

  test('what goes to the feed is what the application looks for there', async () => {
    expect(versionIn(await readFile(join(output, feedFile('linux', 'x64')), 'utf8'))).toBe(version)
  })

  test('an rpm claims none of the names that all applications of this Electron share', async () => {
    const given = await contentOf(names[1] as string, 'control/arguments')
    expect(given.split('\n')).toContain('--rpm-rpmbuild-define=_build_id_links none')
  })
})
