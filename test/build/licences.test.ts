// The licences that go along with the bundles: both are built once more, and what the bundler says is in them is held against
// the texts. Of every package there is one in full, and of none that is not in a bundle.

import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { build, createBuilder, type Plugin } from 'vite'
import { buildCli } from '../helpers/cli-process.ts'
import { scratchDir } from '../helpers/scratch.ts'

beforeAll(buildCli)

const root = fileURLToPath(new URL('../..', import.meta.url))

/** "name version (licence)" and its text, by its head. */
function chaptersOf(text: string): ReadonlyMap<string, string> {
  const heads = [...text.matchAll(/^(\S+ \d+\.\d+\.\d+\S* \(.+\))\n(-+)\n/gm)].filter(
    ([, head = '', line = '']) => head.length === line.length,
  )
  return new Map(
    heads.map(({ 0: all, 1: head = '', index }, at) => [
      head,
      text.slice(index + all.length, heads[at + 1]?.index).trim(),
    ]),
  )
}

/** Where the packages lie of which code is in a bundle: not every module that was read leaves any. */
function collect(folders: Set<string>): Plugin {
  return {
    name: 'collect',
    sharedDuringBuild: true,
    generateBundle: (_options, bundle) => {
      for (const file of Object.values(bundle)) {
        if (file.type !== 'chunk') continue
        for (const [id, { code }] of Object.entries(file.modules)) {
          const at = id.lastIndexOf('/node_modules/')
          const name = /^(?:@[^/]+\/)?[^/]+/.exec(id.slice(at + '/node_modules/'.length))?.[0]
          if (at >= 0 && name !== undefined && code !== null) folders.add(join(id.slice(0, at), 'node_modules', name))
        }
      }
    },
  }
}

/** The head that the package has to have in the texts, and its licence as its maker wrote it. */
async function chapterOf(folder: string): Promise<readonly [string, string]> {
  const text = await readFile(join(folder, 'package.json'), 'utf8')
  const { name, version, license, licenses } = JSON.parse(text) as Readonly<
    Record<'name' | 'version' | 'license', string>
  > & { readonly licenses?: readonly [{ readonly type: string }] }
  const file = (await readdir(folder)).find((one) => /^licen[cs]e/i.test(one))
  return [
    `${name} ${version} (${license ?? licenses?.[0].type})`,
    file === undefined ? 'none' : (await readFile(join(folder, file), 'utf8')).trim(),
  ]
}

/** Those of this build, and in dist/ the same. */
async function expectLicences(outDir: string, inDist: string, folders: ReadonlySet<string>): Promise<void> {
  const text = await readFile(join(outDir, 'licences.txt'), 'utf8')
  expect(await readFile(join(root, 'dist', inDist), 'utf8')).toBe(text)
  const chapters = chaptersOf(text)
  const expected = new Map(await Promise.all([root, ...folders].map(chapterOf)))
  expect([...chapters.keys()].toSorted()).toEqual([...expected.keys()].toSorted())
  const lacking = [...expected].filter(([head, own]) => chapters.get(head)?.includes(own) !== true)
  expect(lacking.map(([head]) => head)).toEqual([])
}

test('the programs bring the licences of what is in them', async () => {
  const [outDir, folders] = [await scratchDir(), new Set<string>()]
  const configFile = join(root, 'build/vite.cli.config.ts')
  const builder = await createBuilder({ configFile, plugins: [collect(folders)], build: { outDir }, logLevel: 'warn' })
  await builder.buildApp()
  expect([...folders].map((folder) => folder.slice(root.length))).toContain('node_modules/zod')
  await expectLicences(outDir, 'licences.txt', folders)
})

test('the page brings the licences of what is in it', async () => {
  const [outDir, folders] = [await scratchDir(), new Set<string>()]
  const configFile = join(root, 'build/vite.renderer.config.ts')
  await build({ configFile, plugins: [collect(folders)], build: { outDir }, logLevel: 'warn' })
  expect([...folders].map((folder) => folder.slice(root.length))).toContain('node_modules/react')
  await expectLicences(outDir, 'renderer/licences.txt', folders)
})
