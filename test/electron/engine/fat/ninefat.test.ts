// The 9fat through its facade, on real volumes as files: what is read, what an edit changes and nothing else, who is kept
// out. What is kept of an edit and put back: restore.test.ts.

import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { FileChange } from '../../../../electron/engine/fat/edit.ts'
import {
  bytesText,
  changeNinefat,
  listNinefatBackups,
  readNinefat,
  restoreNinefat,
  shownText,
  textBytes,
  typedText,
} from '../../../../electron/engine/fat/ninefat.ts'
import { lockNinefat, ninefatKey } from '../../../../electron/engine/fat/ninefat-lock.ts'
import { resolvePlace } from '../../../../electron/engine/source/place.ts'
import { backupFolderPath } from '../../../../electron/engine/state/backup-folder.ts'
import { rejection } from '../../../helpers/client-calls.ts'
import { buildCutVolume, longerLine, rootLines, wrcmdLine } from '../../../helpers/cut-volumes.ts'
import { expandDisk, expectedDisk, expectedVolume, loadDisk, volumeIds } from '../../../helpers/disk-fixtures.ts'
import { fsckLines, missing, mtypeFile } from '../../../helpers/fat-programs.ts'
import { inspectFat, isSameFile } from '../../../helpers/plain-fat.ts'
import { scratchDir } from '../../../helpers/scratch.ts'

const now = new Date(2024, 4, 17, 12, 30, 8)
const replace = (text: string, name = 'wrcmd'): FileChange => ({ kind: 'replace', name, content: textBytes(text) })
const append = (text: string): FileChange => ({ kind: 'append', name: 'rootscor', content: textBytes(text) })

type Setting = { readonly path: string; readonly stateDir: string }

async function setting(image: Uint8Array): Promise<Setting> {
  const folder = await scratchDir()
  const path = join(folder, '9fat.img')
  await writeFile(path, image)
  return { path, stateDir: join(folder, 'state') }
}

/** Damaged ones that may only be read. */
const unwritable = new Set(['9fat12-fatdiff', '9fat12-loop', '9fat12-crosslink', '9fat12-sizemismatch'])
const textOf = (id: string, name: string): string | null => {
  const file = expectedVolume(id).files.find((one) => one.name === name)
  return file === undefined ? null : bytesText(textBytes(file.text ?? ''))
}

describe('every volume is read', () => {
  test.each(volumeIds)('%s', async (id) => {
    const { path } = await setting(loadDisk(id))
    await chmod(path, 0o444)
    const { wrcmd, rootscor, problems, place } = await readNinefat(path)
    expect(place).toEqual({ name: path, file: path, offset: 0, sizeBytes: null })
    expect(wrcmd.text).toBe(textOf(id, 'WRCMD'))
    const root = expectedVolume(id).files.find(({ name }) => name === 'ROOTSCOR')
    if (root === undefined) expect(rootscor.text).toBe(null)
    else if (root.text !== undefined) expect(rootscor.text).toBe(root.text)
    expect(problems.length > 0).toBe(unwritable.has(id))
    expect(problems.join()).not.toContain('vac:')
  })
})

describe('one wrcmd set and one rootscor append on every writable volume', () => {
  const roomy = volumeIds.filter((id) => !unwritable.has(id) && !['9fat12-full', '9fat12-onefree'].includes(id))

  test.each(roomy)('%s: nothing new to complain of, the exact texts, nothing else changed', async (id) => {
    const image = loadDisk(id)
    const { path, stateDir } = await setting(image)
    const before = await readNinefat(path)
    const added = rootLines(1, 77)
    const result = await changeNinefat(path, () => [append(added), replace(longerLine)], { stateDir, now })
    expect(result).toMatchObject({ written: true, recovered: [] })
    expect(result.warnings.join()).toMatch(id.endsWith('dirty') ? /dirty/ : /^$/)
    const after = await readFile(path)
    const texts = { WRCMD: longerLine, ROOTSCOR: (before.rootscor.text ?? '') + added }
    const [old, fresh] = [inspectFat(image), inspectFat(after)]
    expect(fresh.problems).toEqual([])
    expect(fresh.reserved).toBe(old.reserved)
    const changed = [...old.files].filter(([name, file]) => !isSameFile(file, fresh.files.get(name)))
    expect(changed.map(([name]) => name).filter((name) => !(name in texts))).toEqual([])
    for (const [name, text] of Object.entries(texts)) expect(fresh.files.get(name)?.content).toBe(text)
    expect([fresh.lost, fresh.differing]).toEqual([[], []])
    const again = await readNinefat(path)
    expect([again.wrcmd.text, again.rootscor.text]).toEqual([texts.WRCMD, texts.ROOTSCOR])
    if (!missing('fsck.fat')) {
      const complaints = (lines: readonly string[]): string[] => lines.filter((line) => !line.startsWith('IMAGE: '))
      expect(complaints(fsckLines(after))).toEqual(complaints(fsckLines(image)))
    }
    if (!missing('mtype')) {
      for (const [name, text] of Object.entries(texts)) expect(mtypeFile(after, name).toString('latin1')).toBe(text)
    }
  })

  test.each(['9fat12-full', '9fat12-onefree'])(
    '%s: a root for which there is no second copy is refused with nothing changed; wrcmd is set in place',
    async (id) => {
      const image = loadDisk(id)
      const { path, stateDir } = await setting(image)
      const changes = [append(rootLines(1, 77)), replace(longerLine)]
      const error = await rejection(changeNinefat(path, () => changes, { stateDir, now }))
      expect(error.code).toBe('full-9fat')
      expect(Buffer.compare(await readFile(path), image)).toBe(0)
      expect((await listNinefatBackups(path, stateDir)).backups).toEqual([])
      const slack = expectedVolume(id).rootscorSlack!
      expect(slack).toBe(20)
      const note = `${'x'.repeat(slack - 1)}\n`
      await changeNinefat(path, () => [append(note), replace(longerLine)], { stateDir, now })
      const { wrcmd, rootscor } = await readNinefat(path)
      expect([wrcmd.text, rootscor.text?.endsWith(note)]).toEqual([longerLine, true])
      if (!missing('fsck.fat')) expect(fsckLines(await readFile(path))).toHaveLength(1)
    },
  )

  test('9fat12-onefree: a wrcmd of two sectors takes the very last cluster', async () => {
    const { path, stateDir } = await setting(loadDisk('9fat12-onefree'))
    await changeNinefat(path, () => [replace(`${'x'.repeat(600)}\n`)], { stateDir, now })
    const image = await readFile(path)
    expect(inspectFat(image).files.get('WRCMD')!.chain).toEqual([2554])
    // mtools calls a link to the last cluster too big, fsck.fat does not.
    if (!missing('fsck.fat')) expect(fsckLines(image)).toHaveLength(1)
  })

  test('9fat12-rootfull: wrcmd takes the last entry, and then there is none left', async () => {
    const { path, stateDir } = await setting(loadDisk('9fat12-rootfull'))
    await changeNinefat(path, () => [replace(longerLine)], { stateDir, now })
    const image = await readFile(path)
    const making = changeNinefat(path, () => [replace('x\n', 'wrcmdbak')], { stateDir, now })
    expect((await rejection(making)).code).toBe('full-9fat')
    expect(Buffer.compare(await readFile(path), image)).toBe(0)
  })

  test.each([...unwritable])('%s is refused, and not touched', async (id) => {
    const image = loadDisk(id)
    const { path, stateDir } = await setting(image)
    const error = await rejection(changeNinefat(path, () => [replace(longerLine)], { stateDir, now }))
    expect(error.code).toBe('damaged-9fat')
    expect(Buffer.compare(await readFile(path), image)).toBe(0)
  })
})

test.each(['disk-mbr', 'disk-gpt'] as const)(
  '%s: the image differs from the original only inside the 9fat',
  async (id) => {
    const folder = await scratchDir()
    const image = join(folder, 'disk.img')
    await expandDisk(id, image)
    const stateDir = join(folder, 'state')
    const before = await readFile(image)
    const { byteOffset, bytes } = expectedDisk(id).parts.find(({ name }) => name === '9fat')!
    await changeNinefat(`${image}:9fat`, () => [append(rootLines(1, 77)), replace(longerLine)], { stateDir, now })
    const after = await readFile(image)
    expect(Buffer.compare(after.subarray(0, byteOffset + 1024), before.subarray(0, byteOffset + 1024))).toBe(0)
    expect(Buffer.compare(after.subarray(byteOffset + bytes), before.subarray(byteOffset + bytes))).toBe(0)
    expect(Buffer.compare(after, before)).not.toBe(0)
    expect((await readNinefat(`${image}:9fat`)).wrcmd.text).toBe(longerLine)
    await restoreNinefat(`${image}:9fat`, { stateDir, now })
    expect(Buffer.compare(await readFile(image), before)).toBe(0)
  },
)

describe('what the caller computes', () => {
  test('comes from what is there now, bytes and all', async () => {
    const odd = bytesText(Uint8Array.from({ length: 256 }, (_, i) => i))
    const { path, stateDir } = await setting(buildCutVolume({ wrcmd: wrcmdLine, rootscor: odd }))
    let seen: unknown
    await changeNinefat(
      path,
      async (current) => {
        seen = current
        return await Promise.resolve([append(current.rootscor.text!)])
      },
      { stateDir, now },
    )
    expect(seen).toMatchObject({ wrcmd: { text: wrcmdLine }, rootscor: { text: odd }, problems: [], warnings: [] })
    // A line that was left open is ended first.
    expect((await readNinefat(path)).rootscor.text).toBe(`${odd}\n${odd}`)
  })

  test.each([
    ['nothing', []],
    ['the text that is there', [replace(wrcmdLine)]],
  ])('%s: nothing is written and nothing kept', async (_, changes) => {
    const { path, stateDir } = await setting(buildCutVolume({}))
    const before = await stat(path)
    const result = await changeNinefat(path, () => changes, { stateDir, now })
    expect(result).toEqual({ written: false, backup: null, warnings: [], recovered: [] })
    expect((await stat(path)).mtimeMs).toBe(before.mtimeMs)
    expect((await listNinefatBackups(path, stateDir)).backups).toEqual([])
  })

  test('a mistake of the caller passes through, and the lock is free again', async () => {
    const { path, stateDir } = await setting(buildCutVolume({}))
    const mistake = new Error('mine')
    const failing = changeNinefat(path, () => Promise.reject(mistake), { stateDir, now })
    await expect(failing).rejects.toBe(mistake)
    await changeNinefat(path, () => [replace(longerLine)], { stateDir, now })
  })
})

test('a wrcmd of 100 000 bytes is no wrcmd', async () => {
  const { path } = await setting(buildCutVolume({ wrcmd: 'x'.repeat(100_000) }))
  expect(await rejection(readNinefat(path))).toMatchObject({ code: 'bad-wrcmd' })
})

test('a file that is not marked writable is read, and not changed', async () => {
  const { path, stateDir } = await setting(buildCutVolume({}))
  await chmod(path, 0o444)
  const error = await rejection(changeNinefat(path, () => [replace(longerLine)], { stateDir, now }))
  expect(error.code).toBe('read-only-9fat')
  expect((await readNinefat(path)).wrcmd.text).toBe(wrcmdLine)
})

describe('one at a time', () => {
  test('two edits at once both happen, one after the other', async () => {
    const { path, stateDir } = await setting(buildCutVolume({ sectorsPerCluster: 4, rootscor: '' }))
    const lines = Array.from({ length: 6 }, (_, i) => rootLines(1, 100 + i))
    await Promise.all(lines.map((line) => changeNinefat(path, () => [append(line)], { stateDir, now })))
    const text = (await readNinefat(path)).rootscor.text!
    expect(text.split('\n').toSorted()).toEqual(['', ...lines.map((line) => line.trimEnd()).toSorted()])
  })

  test('a lock that stays is said, whatever name the volume was given', async () => {
    const { path, stateDir } = await setting(buildCutVolume({}))
    const size = (await stat(path)).size
    const key = await ninefatKey(await resolvePlace(path))
    expect(key).toMatch(/^9fat\.img-[0-9a-f]{12}$/)
    expect(await ninefatKey(await resolvePlace(`${path}:0-${size}`))).toBe(key)
    expect(await ninefatKey({ ...(await resolvePlace(path)), offset: 512 })).not.toBe(key)
    const lock = await lockNinefat(backupFolderPath(stateDir, key), path)
    const waiting = changeNinefat(`${path}:0-${size}`, () => [replace(longerLine)], { stateDir, now })
    const error = await rejection(waiting)
    expect([error.code, error.message]).toEqual([
      'state-locked',
      expect.stringContaining(`is being changed by process ${process.pid}`),
    ])
    await lock.release()
    expect((await readNinefat(path)).wrcmd.text).toBe(wrcmdLine)
  })

  test('waiting ends when it is cancelled', async () => {
    const { path, stateDir } = await setting(buildCutVolume({}))
    const lock = await lockNinefat(backupFolderPath(stateDir, await ninefatKey(await resolvePlace(path))), path)
    const stop = new AbortController()
    const waiting = changeNinefat(path, () => [replace(longerLine)], { stateDir, now, signal: stop.signal })
    stop.abort()
    expect((await rejection(waiting)).code).toBe('cancelled')
    await lock.release()
  })
})

describe('texts', () => {
  test('every byte is one character and comes back', () => {
    const bytes = Uint8Array.from({ length: 20_000 }, (_, i) => (i * 7) % 256)
    expect(Buffer.compare(textBytes(bytesText(bytes)), bytes)).toBe(0)
    expect(bytesText(Uint8Array.of(0x80, 0x9f, 0xff))).toBe('\u0080\u009f\u00ff')
    expect(() => textBytes('a☺')).toThrow('U+263a at 1')
  })

  test('what a person types is UTF-8 there, and shown as it was typed', () => {
    expect([...textBytes(typedText('é☺'))]).toEqual([0xc3, 0xa9, 0xe2, 0x98, 0xba])
    expect(shownText(typedText('\ufeffé☺'))).toBe('\ufeffé☺')
    expect(shownText('caf\u00e9')).toBe('caf\u00e9')
  })
})
