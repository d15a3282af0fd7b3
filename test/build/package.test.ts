// What goes into a package: `npm run package -- --dir` is run with a folder that stands in for Electron, and what came out is
// opened. Exactly the bundles, the page, the sample and the licences (licences.test.ts: the right ones); nothing to build or
// test with; the fuses as wanted.

import { extractFile, listPackage } from '@electron/asar'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { execFile } from 'node:child_process'
import { builtinModules } from 'node:module'
import { readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { version } from '../../electron/cli/version.ts'
import { openScratchDir, scratchDir } from '../helpers/scratch.ts'
import { standInElectron } from '../helpers/stand-in-electron.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)
const largestBytes = 12_000_000

let folder: string
let asar: string
let names: readonly string[]
let removeScratch: () => Promise<void> = () => Promise.resolve()

async function electronVersion(): Promise<string> {
  const { devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    readonly devDependencies: Readonly<Record<string, string>>
  }
  return devDependencies['electron'] as string
}

const inAsar = (name: string): string => extractFile(asar, name).toString('utf8')

/** What a bundle takes from outside of itself. */
const importsOf = (code: string): readonly string[] =>
  [...code.matchAll(/^\s*(?:import|export)\b[^'"\n;]*?from\s*["']([^"']+)["']|^\s*import\s*["']([^"']+)["']/gm)].map(
    ([, from, bare]) => (from ?? bare) as string,
  )

describe.skipIf(process.platform !== 'linux')('a package', () => {
  beforeAll(async () => {
    const { path: scratch, remove } = await openScratchDir()
    removeScratch = remove
    const electron = await standInElectron(join(scratch, 'electron'), await electronVersion())
    const output = join(scratch, 'release')
    const args = ['--linux', '--x64', '--dir', '--electron-dist', electron, '--output', output]
    await run(process.execPath, [join(root, 'build/scripts/package.mjs'), ...args], { maxBuffer: 2 ** 24 })
    folder = join(output, 'linux-unpacked')
    asar = join(folder, 'resources', 'app.asar')
    names = listPackage(asar, { isPack: false }).map((name) => name.replace(/^\//, ''))
  })

  afterAll(() => removeScratch())

  test('holds the bundles, the page, the sample, the licences, and nothing else', async () => {
    const known = [
      'dist',
      'dist/main.js',
      'dist/engine.js',
      'dist/survey.js',
      'dist/worker.js',
      'dist/cli.js',
      'dist/preload.cjs',
      'dist/licences.txt',
      'dist/icon.png',
      'dist/tray.png',
      'dist/renderer',
      'dist/renderer/index.html',
      'dist/renderer/licences.txt',
      'dist/renderer/assets',
      'dist/sample',
      'LICENSE',
      'package.json',
    ]
    expect(known.filter((name) => !names.includes(name))).toEqual([])
    const others = names.filter((name) => !known.includes(name))
    const expected = /^dist\/(?:renderer\/assets\/[\w-]+\.(?:js|css|svg)|sample\/sample-\w+\.img\.gz)$/
    expect(others.filter((name) => !expected.test(name))).toEqual([])
    expect(others.some((name) => name.endsWith('.css'))).toBe(true)
    const { size } = await stat(asar)
    process.stderr.write(`app.asar: ${(size / 1e6).toFixed(1)} MB, ${names.length} entries\n`)
    expect(size).toBeLessThan(largestBytes)
  })

  test('holds no dependency to build or test with, and none that is not bundled', () => {
    const manifest = JSON.parse(inAsar('package.json')) as Readonly<Record<string, unknown>>
    const parts = ['main', 'type', 'license', 'devDependencies', 'scripts', 'updateFeed'].map((name) => manifest[name])
    expect(parts).toEqual(['dist/main.js', 'module', 'MIT', undefined, undefined, undefined])
    expect(names.filter((name) => name.includes('node_modules') || /\.(?:tsx?|map)$/.test(name))).toEqual([])
  })

  test('its programs need nothing but Node and Electron, and load', async () => {
    const builtin = new Set([...builtinModules, ...builtinModules.map((name) => `node:${name}`)])
    for (const name of ['main', 'engine', 'survey', 'worker', 'cli']) {
      const foreign = importsOf(inAsar(`dist/${name}.js`)).filter((one) => !builtin.has(one))
      expect([name, foreign]).toEqual([name, name === 'main' ? ['electron'] : []])
    }
    const preload = inAsar('dist/preload.cjs')
    expect([...preload.matchAll(/require\(["']([^"']+)["']\)/g)].map(([, name]) => name)).toEqual(['electron'])
    const scratch = await scratchDir()
    const cli = join(scratch, 'cli.mjs')
    await writeFile(cli, inAsar('dist/cli.js'))
    expect((await run(process.execPath, [cli, '--version'])).stdout).toBe(`${version}\n`)
    for (const name of ['main', 'engine', 'survey', 'worker']) {
      const path = join(scratch, `${name}.mjs`)
      await writeFile(path, inAsar(`dist/${name}.js`))
      await run(process.execPath, ['--check', path])
    }
  })

  test('has the licences of the build, which begin with its own', async () => {
    const own = await readFile(join(root, 'LICENSE'), 'utf8')
    expect(inAsar('LICENSE')).toBe(own)
    for (const name of ['dist/licences.txt', 'dist/renderer/licences.txt']) {
      expect(inAsar(name)).toBe(await readFile(join(root, name), 'utf8'))
      const head = `venti-mirror ${version} (MIT)`
      expect(inAsar(name).startsWith(`${head}\n${'-'.repeat(head.length)}\n${own.trim()}\n\n\n`)).toBe(true)
    }
  })

  test('has its fuses set', async () => {
    // The characters of the wire.
    const [DISABLE, ENABLE] = [0x30, 0x31]
    expect(await getCurrentFuseWire(join(folder, 'venti-mirror-desktop'))).toMatchObject({
      [FuseV1Options.RunAsNode]: DISABLE,
      [FuseV1Options.EnableCookieEncryption]: ENABLE,
      [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: DISABLE,
      [FuseV1Options.EnableNodeCliInspectArguments]: DISABLE,
      [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: ENABLE,
      [FuseV1Options.OnlyLoadAppFromAsar]: ENABLE,
      [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: DISABLE,
      [FuseV1Options.GrantFileProtocolExtraPrivileges]: DISABLE,
    })
  })

  test('brings the command line, which starts the program without a window', async () => {
    const link = join(await scratchDir(), 'venti-mirror')
    await symlink(join(folder, 'resources', 'bin', 'venti-mirror'), link)
    const { stdout } = await run(link, ['sync', 'a b', "it's", '--json', '"x"'])
    const lead = ['[--ozone-platform=headless]', '[--no-sandbox]', '[--cli]', '[--]']
    expect(stdout.split('\n').slice(0, 9)).toEqual([...lead, '[sync]', '[a b]', "[it's]", '[--json]', '["x"]'])
  })
})

test('a feed is the https address of a folder, and goes to electron-builder and to the application', async () => {
  const { builderArguments } = (await import(join(root, 'build/scripts/package.mjs'))) as {
    readonly builderArguments: (argv: readonly string[], platform: string) => { readonly args: readonly string[] }
  }
  const feed = 'https://updates.example/venti-mirror'
  expect(builderArguments(['--feed', feed], 'linux').args.filter((one) => one.startsWith('-c.'))).toEqual([
    '-c.publish.provider=generic',
    `-c.publish.url=${feed}`,
    `-c.extraMetadata.updateFeed=${feed}`,
  ])
  expect(builderArguments([], 'linux').args.filter((one) => one.startsWith('-c.'))).toEqual([])
  for (const other of [
    'http://updates.example/',
    'https://a:b@updates.example/',
    `${feed}?x`,
    `${feed}#x`,
    'https://',
  ]) {
    expect(() => builderArguments(['--feed', other], 'linux')).toThrow('--feed wants the https address of a folder')
  }
})

test('packages are made for three systems and two processors each', async () => {
  const text = await readFile(join(root, 'build/electron-builder.yml'), 'utf8')
  const targets = [...text.matchAll(/\{ target: (\w+), arch: \[([\w, ]+)\] \}/g)].map(
    ([, name, arch]) => `${name} ${arch}`,
  )
  const kinds = ['AppImage', 'deb', 'rpm', 'dmg', 'zip', 'nsis', 'zip']
  expect(targets).toEqual(kinds.map((kind) => `${kind} x64, arm64`))
  // Else every AppImage would run without a sandbox.
  expect(text).toMatch(/^appImage:\n(?: +#.*\n)* +executableArgs: \[\]$/m)
  for (const file of ['icon.icns', 'icon.ico', 'icons/512x512.png']) {
    const bytes = await readFile(join(root, 'build/package', file))
    expect([basename(file), bytes.length > 1_000]).toEqual([basename(file), true])
  }
})
