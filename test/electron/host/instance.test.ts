// One window on a state folder, and how a browser is brought to it.

import { readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { takeInstance } from '../../../electron/host/instance.ts'
import { hasScreen, leadingPage, openerOf } from '../../../electron/host/open-browser.ts'
import { scratchDir } from '../../helpers/scratch.ts'

let folder: string
beforeEach(async () => {
  folder = await scratchDir()
})

describe('a state folder', () => {
  test('belongs to one window, also by another name; the next is told where that is', async () => {
    const stateDir = join(folder, 'state')
    const first = await takeInstance(stateDir)
    expect((await stat(stateDir)).mode & 0o777).toBe(0o700)
    await expect(takeInstance(stateDir)).rejects.toMatchObject({
      code: 'state-locked',
      message: `a window on ${first.stateDir} is open already (process ${process.pid})`,
    })
    await first.tellAddress('http://127.0.0.1:17036/')
    const link = join(folder, 'link')
    await symlink(stateDir, link)
    await expect(takeInstance(link)).rejects.toMatchObject({
      message: `a window on ${first.stateDir} is open already at http://127.0.0.1:17036/ (process ${process.pid})`,
      data: { address: 'http://127.0.0.1:17036/', pid: process.pid },
    })
    await first.release()
    expect(await readdir(stateDir)).toEqual([])
    await (await takeInstance(link)).release()
  })

  test('the address is taken from nowhere but this computer', async () => {
    const first = await takeInstance(folder)
    for (const address of ['http://evil.example/', 'http://127.0.0.1:1/#x', 'javascript:alert(1)', 7]) {
      await writeFile(join(folder, 'window.json'), JSON.stringify({ address }))
      await expect(takeInstance(folder)).rejects.toMatchObject({ data: { address: null } })
    }
    await first.release()
  })

  test('that cannot be used is named', async () => {
    const file = join(folder, 'file')
    await writeFile(file, 'x')
    for (const path of [file, join(file, 'state')]) {
      await expect(takeInstance(path)).rejects.toMatchObject({
        code: 'state-write',
        message: expect.stringContaining('it is a file'),
        data: { safe: 'Nothing was started.', next: 'Name a folder.' },
      })
    }
    expect(await readFile(file, 'utf8')).toBe('x')
  })

  test.skipIf(process.platform !== 'linux')('is not waited for where none can be made', async () => {
    await expect(takeInstance('/proc/venti-mirror/state')).rejects.toMatchObject({ code: 'state-write' })
  })
})

describe('the browser', () => {
  const here = { platform: 'linux', environment: { DISPLAY: ':0' }, isTerminal: true, isRoot: false } as const
  test.each([
    [true, here],
    [true, { ...here, environment: { WAYLAND_DISPLAY: 'wayland-0' } }],
    [true, { ...here, platform: 'darwin', environment: {} }],
    [true, { ...here, platform: 'win32', environment: {} }],
    [false, { ...here, environment: {} }],
    [false, { ...here, environment: { DISPLAY: '' } }],
    [false, { ...here, isTerminal: false }],
    [false, { ...here, isRoot: true }],
    [false, { ...here, environment: { DISPLAY: 'localhost:10.0', SSH_CONNECTION: 'a 1 b 22' } }],
  ] as const)('shows where the user sits: %s with %j', (expected, surroundings) => {
    expect(hasScreen(surroundings)).toBe(expected)
  })

  test('is led to the link by a file: the token is in no command line', () => {
    const link = 'http://127.0.0.1:17036/#secret'
    expect(leadingPage(link)).toContain(`<meta http-equiv="refresh" content="0; url=${link}">`)
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      expect(openerOf(platform, '/s/open-window.html')).toEqual([expect.any(String), '/s/open-window.html'])
    }
  })
})
