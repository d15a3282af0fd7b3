// Folders with those above them, also where a file system will not have them.

import { existsSync } from 'node:fs'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolder } from '../../../electron/engine/make-folder.ts'
import { scratchDir } from '../../helpers/scratch.ts'

test('made with those above it, once, with the mode asked for', async () => {
  const path = join(await scratchDir(), 'a', 'b', 'c')
  expect(await makeFolder(path, 0o700)).toBe(true)
  expect((await stat(path)).mode & 0o777).toBe(0o700)
  expect((await stat(join(path, '..'))).mode & 0o777).toBe(0o700)
  expect(await makeFolder(path)).toBe(false)
  expect((await stat(path)).mode & 0o777).toBe(0o700)
})

test('many at once, again and again: nobody is told that there is no folder', async () => {
  const folder = await scratchDir()
  for (let round = 0; round < 100; round++) {
    const path = join(folder, `${round}`, 'x', 'y')
    const made = await Promise.all(Array.from({ length: 12 }, async (_, i) => await makeFolder(join(path, `${i % 2}`))))
    expect(made.filter(Boolean)).toHaveLength(2)
  }
})

test('a file in the way', async () => {
  const path = join(await scratchDir(), 'file')
  await writeFile(path, '')
  await expect(makeFolder(path)).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(makeFolder(join(path, 'below', 'it'))).rejects.toMatchObject({ code: 'ENOTDIR' })
})

test.skipIf(!existsSync('/proc/self'))('a file system that takes no folders is an error, not for ever', async () => {
  await expect(makeFolder('/proc/venti-mirror-test')).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(makeFolder('/proc/venti-mirror-test/below')).rejects.toMatchObject({ code: 'ENOENT' })
})
