// What an edit of a 9fat leaves in the state folder, and putting it back. That a restore keeps R6 at every cut is shown in
// test/rules/r6-*.test.ts.

import { readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { FileChange } from '../../../../electron/engine/fat/edit.ts'
import {
  changeNinefat,
  listNinefatBackups,
  restoreNinefat,
  textBytes,
} from '../../../../electron/engine/fat/ninefat.ts'
import { ninefatKey } from '../../../../electron/engine/fat/ninefat-lock.ts'
import { resolvePlace } from '../../../../electron/engine/source/place.ts'
import { backupFolderPath } from '../../../../electron/engine/state/backup-folder.ts'
import { rejection } from '../../../helpers/client-calls.ts'
import { buildCutVolume, longerLine, rootLines, wrcmdLine } from '../../../helpers/cut-volumes.ts'
import { inspectFat } from '../../../helpers/plain-fat.ts'
import { scratchDir } from '../../../helpers/scratch.ts'

const now = new Date(2024, 4, 17, 12, 30, 8)
const replace = (text: string): FileChange => ({ kind: 'replace', name: 'wrcmd', content: textBytes(text) })
const append = (text: string): FileChange => ({ kind: 'append', name: 'rootscor', content: textBytes(text) })

type Setting = { readonly path: string; readonly stateDir: string }

async function setting(image: Uint8Array): Promise<Setting> {
  const folder = await scratchDir()
  const path = join(folder, '9fat.img')
  await writeFile(path, image)
  return { path, stateDir: join(folder, 'state') }
}

const flipFirst = (_: string, key: string, first: string): string => `${key}${first === 'A' ? 'B' : 'A'}`

function swapSteps(text: string): string {
  const backup = JSON.parse(text) as { steps: unknown[] }
  return JSON.stringify({ ...backup, steps: backup.steps.toReversed() })
}

describe('what is kept', () => {
  test('is for its owner alone, and the newest twenty of it', async () => {
    const { path, stateDir } = await setting(buildCutVolume({}))
    for (let i = 0; i < 23; i++) {
      // A clock that goes backwards must not make the newest the oldest.
      const at = new Date(now.getTime() - i * 60_000)
      await changeNinefat(path, () => [replace(`${wrcmdLine.trimEnd()}${i}\n`)], { stateDir, now: at })
    }
    const { backups, problems } = await listNinefatBackups(path, stateDir)
    expect(problems).toEqual([])
    expect(backups.map(({ id }) => Number(id.slice(0, 6)))).toEqual(Array.from({ length: 20 }, (_, i) => 23 - i))
    expect(backups[0]).toEqual({
      id: expect.stringMatching(/^000023-20240517T\d{6}Z$/) as string,
      at: new Date(now.getTime() - 22 * 60_000).toISOString(),
      kind: 'edit',
      restored: null,
      files: [{ name: 'wrcmd', procedure: 'in-place' }],
      sectors: expect.any(Number) as number,
    })
    const folder = backupFolderPath(stateDir, await ninefatKey(await resolvePlace(path)))
    const names = await readdir(folder)
    expect(names).toHaveLength(20)
    if (process.platform === 'win32') return
    for (const name of names) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    expect((await stat(join(stateDir, '9fat'))).mode & 0o777).toBe(0o700)
    expect((await readdir(join(stateDir, '9fat'))).toSorted()).toEqual([folder.split('/').at(-1)])
  })

  test('goes back step by step, newest first', async () => {
    const image = buildCutVolume({ rootscor: rootLines(6) })
    const { path, stateDir } = await setting(image)
    const images = [image]
    for (let i = 0; i < 4; i++) {
      const changes = [append(rootLines(2, 50 + 2 * i)), replace(`${wrcmdLine.trimEnd()}${i}\n`)]
      await changeNinefat(path, () => changes, { stateDir, now })
      images.push(await readFile(path))
    }
    const { backups } = await listNinefatBackups(path, stateDir)
    const older = await rejection(restoreNinefat(path, { stateDir, now, backup: backups[2]!.id }))
    expect([older.code, older.message]).toEqual(['changed-9fat', expect.stringContaining('cannot be undone by itself')])
    expect(Buffer.compare(await readFile(path), images[4]!)).toBe(0)
    for (const [i, { id }] of backups.entries()) {
      const result = await restoreNinefat(path, { stateDir, now, backup: id })
      expect(result).toMatchObject({ written: true, restored: id })
      expect(Buffer.compare(await readFile(path), images[3 - i]!)).toBe(0)
      const [newest] = (await listNinefatBackups(path, stateDir)).backups
      expect(newest).toMatchObject({ id: result.backup, kind: 'restore', restored: id })
    }
    // And forward again, by undoing the restores.
    const restores = (await listNinefatBackups(path, stateDir)).backups.filter(({ kind }) => kind === 'restore')
    for (const [i, { id }] of restores.entries()) {
      await restoreNinefat(path, { stateDir, now, backup: id })
      expect(Buffer.compare(await readFile(path), images[i + 1]!)).toBe(0)
    }
  })

  test('without an id the newest edit; a second time there is nothing to do', async () => {
    const image = buildCutVolume({})
    const { path, stateDir } = await setting(image)
    const none = await rejection(restoreNinefat(path, { stateDir, now }))
    expect(none.code).toBe('no-backup')
    const { backup } = await changeNinefat(path, () => [replace(longerLine)], { stateDir, now })
    expect(await restoreNinefat(path, { stateDir, now })).toMatchObject({ written: true, restored: backup })
    expect(Buffer.compare(await readFile(path), image)).toBe(0)
    expect(await restoreNinefat(path, { stateDir, now })).toEqual({
      written: false,
      restored: backup,
      backup: null,
      warnings: [],
    })
  })

  test('is refused when somebody changed the sectors since, and put back all the same when forced', async () => {
    const image = buildCutVolume({})
    const { path, stateDir } = await setting(image)
    await changeNinefat(path, () => [replace(longerLine)], { stateDir, now })
    const changed = await readFile(path)
    const { sectorOf, files } = inspectFat(changed)
    const at = sectorOf(files.get('WRCMD')!.chain[0]!) * 512
    changed[at] = 0x56
    await writeFile(path, changed)
    const error = await rejection(restoreNinefat(path, { stateDir, now }))
    expect([error.code, error.message]).toEqual([
      'changed-9fat',
      expect.stringContaining(`sector 0x${(at / 512).toString(16)} (data of wrcmd`),
    ])
    expect(Buffer.compare(await readFile(path), changed)).toBe(0)
    await restoreNinefat(path, { stateDir, now, force: true })
    expect(Buffer.compare(await readFile(path), image)).toBe(0)
  })

  test('is not put on another volume, not even when forced', async () => {
    const { path, stateDir } = await setting(buildCutVolume({}))
    await changeNinefat(path, () => [replace(longerLine)], { stateDir, now })
    const other = await readFile(path)
    other.writeUInt32LE(12345, 39)
    await writeFile(path, other)
    const error = await rejection(restoreNinefat(path, { stateDir, now, force: true }))
    expect([error.code, error.message]).toEqual(['changed-9fat', expect.stringContaining('is not the volume')])
    expect(Buffer.compare(await readFile(path), other)).toBe(0)
  })

  test.each([
    ['cut off', (text: string) => text.slice(0, -40), 'it is not JSON'],
    ['of another schema', (text: string) => text.replace('"schema": 1', '"schema": 2'), 'its schema is 2, expected 1'],
    [
      'with a sector beyond the volume',
      (text: string) => text.replace(/"sector": \d+/, '"sector": 99999999'),
      'step 1',
    ],
    ['with a sector that was edited', (text: string) => text.replace(/"before": "..../, '"before": "'), 'step 1'],
    [
      'with one bit that rotted',
      (text: string) => text.replace(/("before": ")(.)/, flipFirst),
      'the hash they were saved with',
    ],
    ['with two steps in another order', swapSteps, 'the hash they were saved with'],
    ['without steps', (text: string) => text.replace('"steps"', '"stops"'), 'step 1 is malformed'],
  ])('a backup %s is named and not used', async (_, spoil, words) => {
    const { path, stateDir } = await setting(buildCutVolume({}))
    const { backup } = await changeNinefat(path, () => [replace(longerLine)], { stateDir, now })
    const file = join(backupFolderPath(stateDir, await ninefatKey(await resolvePlace(path))), `${backup}.json`)
    await writeFile(file, spoil(await readFile(file, 'utf8')))
    const { backups, problems } = await listNinefatBackups(path, stateDir)
    expect([backups, problems]).toEqual([[], [expect.stringContaining(words)]])
    for (const options of [{}, { backup: backup! }]) {
      const error = await rejection(restoreNinefat(path, { stateDir, now, ...options }))
      expect([error.code, error.message]).toEqual(['no-backup', expect.stringContaining(words)])
    }
    // The next edit is not kept from being made by it.
    await changeNinefat(path, () => [replace(wrcmdLine)], { stateDir, now })
  })

  test.each(['../../etc/passwd', '000001', '', '000009-20240517T103008Z'])('no backup is called %j', async (id) => {
    const { path, stateDir } = await setting(buildCutVolume({}))
    expect((await rejection(restoreNinefat(path, { stateDir, now, backup: id }))).code).toBe('no-backup')
  })
})
