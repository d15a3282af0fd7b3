// Where `npm start` opens the window, and why: decided before anything is fetched, because a headless machine needs nothing.

import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { scratchDir } from '../helpers/scratch.ts'

type Asked = {
  readonly args: readonly string[]
  readonly platform: NodeJS.Platform
  readonly environment: Readonly<Record<string, string>>
  readonly isRoot: boolean
}
type Scripts = {
  readonly reasonForBrowser: (asked: Asked) => string | null
  readonly electronProgram: (environment: Readonly<Record<string, string>>, folder: string) => string | null
  readonly runElectron: (program: string, args: readonly string[]) => Promise<unknown>
}

const path = fileURLToPath(new URL('../../build/scripts/electron.mjs', import.meta.url))
const scripts = async (): Promise<Scripts> => (await import(path)) as Scripts
const display = { DISPLAY: ':0' }
const usual: Asked = { args: [], platform: 'linux', environment: display, isRoot: false }

test.each<[string, Partial<Asked>, string | null]>([
  ['a desktop', {}, null],
  ['Wayland', { environment: { WAYLAND_DISPLAY: 'wayland-0' } }, null],
  ['a Mac', { platform: 'darwin', environment: {} }, null],
  ['Windows', { platform: 'win32', environment: {} }, null],
  ['a state folder', { args: ['--state', '/tmp/x'] }, null],
  ['no display', { environment: {} }, 'there is no display'],
  ['root', { isRoot: true }, 'Electron does not run as root'],
  ['by option', { args: ['--browser'] }, 'asked for with --browser'],
  ['a port', { args: ['--port=0'] }, 'asked for with --port=0'],
  [
    'by the environment',
    { environment: { ...display, VENTI_MIRROR_NO_ELECTRON: '1' } },
    'asked for with VENTI_MIRROR_NO_ELECTRON',
  ],
])('%s', async (_name, change, expected) => {
  const { reasonForBrowser } = await scripts()
  expect(reasonForBrowser({ ...usual, ...change })).toBe(expected)
})

test('Electron is found where its installer puts it, or where it is said to be', async () => {
  const { electronProgram } = await scripts()
  const folder = await scratchDir()
  expect(electronProgram({}, folder)).toBeNull()
  await mkdir(join(folder, 'dist'))
  await writeFile(join(folder, 'path.txt'), 'electron')
  expect(electronProgram({}, folder)).toBeNull()
  await writeFile(join(folder, 'dist', 'electron'), '')
  expect(electronProgram({}, folder)).toBe(join(folder, 'dist', 'electron'))
  expect(electronProgram({ ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'other') }, folder)).toBeNull()
})

test('an Electron that cannot be started is a reason for the browser, not the end', async () => {
  const { runElectron } = await scripts()
  const folder = await scratchDir()
  const program = join(folder, 'electron')
  await writeFile(program, 'of another kind of machine', { mode: 0o644 })
  expect(await runElectron(program, [])).toEqual({ status: 'EACCES', cameUp: false })
})

test('a machine without a display is told so in one line, and gets the help of the browser host', async () => {
  const start = fileURLToPath(new URL('../../build/scripts/start.mjs', import.meta.url))
  const environment = { ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '', VENTI_MIRROR_NO_ELECTRON: '1' }
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [start, '--browser', '--help'], {
    env: environment,
  })
  expect(stderr.split('\n').filter((line) => line.includes('shown in a browser'))).toHaveLength(1)
  expect(stdout).toContain('venti-mirror window')
})
