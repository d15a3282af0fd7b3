// venti-mirror roots: every place that holds root scores gives those the manifests name, masked unless asked for (R10); and
// fossil's last root goes into a rootscor as fossilize writes it.

import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rootsOf } from '../../../electron/engine/bookkeeping/rootscor.ts'
import { changeNinefat, readNinefat, textBytes } from '../../../electron/engine/fat/ninefat.ts'
import type { RootRecord, RootsReport } from '../../../shared/model/bookkeeping.ts'
import { zeroScore } from '../../../shared/model/score.ts'
import { expandDisk, expectedFossil, expectedVolume, loadDisk, volumeIds } from '../../helpers/disk-fixtures.ts'
import { expandFixture, healthyPartition } from '../../helpers/fixtures.ts'
import { jsonHere, runHere } from '../../helpers/cli-here.ts'
import type { FakeVenti } from '../../helpers/fake-venti.ts'
import { openScratchDir, scratchDir, type ScratchDir } from '../../helpers/scratch.ts'
import { filledFake } from '../../helpers/verify-runs.ts'
import { runCli } from './run-cli.ts'

let scratch: ScratchDir
beforeAll(async () => {
  scratch = await openScratchDir()
  for (const id of ['9fat12', '9fat12-norootscor', 'disk-mbr', 'fossil']) await expandDisk(id, path(`${id}.img`))
  for (const id of ['seq-day3', 'fossil-venti']) await expandFixture(id, path(`${id}.img`))
})
afterAll(() => scratch.remove())

const path = (name: string): string => join(scratch.path, name)
const mask = (score: string): string => score.replace(/^vac:(.{4}).*(.{4})$/, 'vac:$1…$2')

async function roots(...args: string[]): Promise<{ status: number; document: RootsReport; stdout: string }> {
  const { status, document, stdout } = await jsonHere(['roots', ...args])
  return { status, document: document as RootsReport, stdout }
}

const scores = ({ roots: list }: RootsReport): string[] => list.map(({ score }) => score)

describe('where they are', () => {
  test.each(volumeIds.filter((id) => id !== '9fat16'))('%s', async (id) => {
    const image = path(`roots-${id}.img`)
    await expandDisk(id, image)
    const text = expectedVolume(id).files.find(({ name }) => name === 'ROOTSCOR')?.text
    const { status, document } = await roots(image, '--show-scores')
    expect(document.kind).toBe('9fat')
    if (text !== undefined) {
      expect(scores(document)).toEqual(rootsOf(text).map(({ score }) => `vac:${score}`))
      expect(status).toBe(0)
    } else if (id === '9fat12-norootscor') {
      expect(document).toMatchObject({ roots: [], notes: [`${image}: there is no rootscor on this 9fat`] })
      expect(status).toBe(0)
    } else {
      expect(status).toBe(document.problems.length > 0 ? 3 : 0)
      expect(document.roots.length).toBeGreaterThan(1)
    }
  })

  test('arenas: with place and time, newest first', async () => {
    const { document } = await roots(path('seq-day3.img'), '--show-scores')
    expect(document.kind).toBe('arenas')
    const expected = healthyPartition('seq-day3').roots.map(({ score }) => score)
    expect(scores(document).toSorted()).toEqual(expected.toSorted())
    expect(document.roots.map(({ place, at }) => [place, at])).toEqual([
      ['arenas2 at 0x11afb1', '2019-03-16T20:00:00.000Z'],
      ['arenas0 at 0xd8e83', '2019-03-15T20:00:00.000Z'],
      ['arenas0 at 0x97481', '2019-03-14T20:00:00.000Z'],
    ])
  })

  test('a configuration stands for its arenas', async () => {
    await writeFile(path('venti.conf'), 'index main\narenas seq-day3.img\n')
    const { document } = await roots(path('venti.conf'))
    expect(document.roots).toHaveLength(3)
  })

  test('a fossil', async () => {
    const { document } = await roots(path('fossil.img'), '--show-scores')
    expect(document).toMatchObject({ kind: 'fossil', problems: [], notes: [], appended: null })
    expect(document.roots).toEqual([
      expect.objectContaining({ score: expectedFossil().last, place: 'super block', isEmpty: false }),
    ])
  })

  test('a whole disk has all of them', async () => {
    const { status, document } = await roots(path('disk-mbr.img'), '--show-scores')
    expect([status, document.kind, document.problems]).toEqual([0, 'disk', []])
    const [day1, day2] = healthyPartition('fossil-venti').roots.map(({ score }) => score)
    const of = (where: RootRecord['where']): string[] =>
      document.roots.filter((root) => root.where === where).map(({ score }) => score)
    expect([of('rootscor'), of('fossil'), of('arenas')]).toEqual([[day1], [day2], [day2, day1]])
    const one = await roots(`${path('disk-mbr.img')}:fossil`, '--show-scores')
    expect(scores(one.document)).toEqual([day2])
  })

  test('nothing of the kind is an error', async () => {
    await writeFile(path('zeros.img'), new Uint8Array(2 ** 20))
    const { status } = await runHere(['roots', path('zeros.img')])
    expect(status).toBe(1)
  })
})

test('without --show-scores no score is printed in full, as text or JSON', async () => {
  for (const name of ['9fat12.img', 'seq-day3.img', 'fossil.img', 'disk-mbr.img']) {
    const full = await roots(path(name), '--show-scores')
    const { stdout, document } = await roots(path(name))
    expect(scores(document)).toEqual(scores(full.document).map(mask))
    const text = name === 'fossil.img' ? await runCli(['roots', path(name)]) : await runHere(['roots', path(name)])
    for (const output of [stdout, text.stdout, text.stderr]) expect(output).not.toMatch(/[0-9a-f]{20}/i)
    expect(text.stdout).toContain(mask(scores(full.document)[0] as string))
  }
})

test('a score in the fields of another, and in a garbled line, is masked too', async () => {
  const image = path('garbled.img')
  const score = 'e37c1246872abdc10ae805f4c234f60e096f21a8'
  const other = '14463002106d01e2b60f3a990c8c648051154730'
  await copyFile(path('9fat12-norootscor.img'), image)
  const text = `vac:${score} /dev/xvac:${other} y\n9fat? vac:${other}\n`
  const change = { kind: 'append', name: 'rootscor', content: textBytes(text) } as const
  await changeNinefat(image, () => [change], { stateDir: path('state'), now: new Date() })
  const { document, stdout } = await roots(image)
  expect(scores(document)).toEqual([other, other, score].map((one) => mask(`vac:${one}`)).slice(1))
  expect(document.roots[1]?.partition).toBe('/dev/xvac:1446…4730')
  expect(document.notes).toEqual([expect.stringMatching(/^line 2 of rootscor is neither.*1446…4730/)])
  expect(stdout).not.toMatch(/[0-9a-f]{20}/)
})

describe('--append-to', () => {
  const state = (): string => path('state')

  async function textAfter(image: string): Promise<string | null> {
    return (await readNinefat(image)).rootscor.text
  }

  test('one line, with partition and $venti as in the newest score line', async () => {
    const image = path('append.img')
    await copyFile(path('9fat12.img'), image)
    const before = (await textAfter(image)) as string
    const { status, document, stdout } = await roots(path('fossil.img'), '--append-to', image, '--state', state())
    expect(status).toBe(0)
    const line = `${expectedFossil().last} /dev/sdE0/fossil tcp!192.168.0.99!17034`
    expect(await textAfter(image)).toBe(`${before}${line}\n`)
    expect(document.appended).toMatchObject({ path: image, line: line.replace(/^\S+/, mask) })
    expect(stdout).not.toContain(expectedFossil().last)
    // As the script does, it is recorded each time.
    await roots(path('fossil.img'), '--append-to', image, '--state', state(), '--venti', 'other venti')
    expect(await textAfter(image)).toBe(`${before}${line}\n${expectedFossil().last} /dev/sdE0/fossil other venti\n`)
    const listed = await roots(image, '--show-scores')
    expect(listed.document.roots[0]).toMatchObject({ score: expectedFossil().last, venti: 'other venti' })
    expect(listed.document.roots[1]).toMatchObject({ score: expectedFossil().last, times: 2 })
  })

  test('a rootscor is made, with what is named', async () => {
    const image = path('made.img')
    await copyFile(path('9fat12-norootscor.img'), image)
    const words = [path('fossil.img'), '--append-to', image, '--state', state()]
    expect((await runHere(['roots', ...words])).status).toBe(2)
    expect((await readFile(image)).equals(loadDisk('9fat12-norootscor'))).toBe(true)
    const { status } = await roots(...words, '--partition', '/dev/sdC0/fossil')
    expect(status).toBe(0)
    expect(await textAfter(image)).toBe(`${expectedFossil().last} /dev/sdC0/fossil\n`)
  })

  test('a fossil that was never archived has no root to record', async () => {
    const fossil = path('empty-fossil.img')
    const image = loadDisk('fossil')
    image.write(zeroScore, expectedFossil().lastScoreOffset, 'hex')
    await writeFile(fossil, image)
    const words = ['roots', fossil, '--append-to', path('9fat12.img'), '--state', state()]
    const { status, document } = await jsonHere(words)
    expect(status).toBe(1)
    expect(document).toMatchObject({
      error: { code: 'no-root', message: expect.stringContaining('never archived') as string },
    })
    expect((await readFile(path('9fat12.img'))).equals(loadDisk('9fat12'))).toBe(true)
    const listed = await roots(fossil)
    expect(listed.document.roots[0]).toMatchObject({ isEmpty: true })
  })

  test('an archive in progress is said', async () => {
    const fossil = path('archiving.img')
    const image = loadDisk('fossil')
    image.writeUInt32BE(7, expectedFossil().superOffset + 30)
    await writeFile(fossil, image)
    const { document } = await roots(fossil)
    expect(document.notes).toContainEqual(expect.stringContaining('an archive is in progress'))
  })

  test('only a fossil has a last root', async () => {
    const words = ['roots', path('seq-day3.img'), '--append-to', path('9fat12.img'), '--state', state()]
    expect((await runHere(words)).status).toBe(2)
    expect((await readFile(path('9fat12.img'))).equals(loadDisk('9fat12'))).toBe(true)
  })
})

describe('--at', () => {
  async function mirrorOf(id: string): Promise<FakeVenti> {
    const { venti } = await filledFake(await scratchDir(), id)
    return venti
  }

  test('says which archives are whole there; a name and a type for each', async () => {
    const behind = await mirrorOf('fossil-venti-day1')
    const dial = `tcp!127.0.0.1!${behind.port}`
    const { status, document } = await roots(path('fossil-venti.img'), '--at', dial)
    expect(status).toBe(3)
    expect(document.roots.map(({ name, type, onTarget }) => ({ name, type, onTarget }))).toEqual([
      {
        name: 'fossil',
        type: 'vac',
        onTarget: { complete: false, missing: 1, corrupt: 0, isKnownBelow: false, problem: null },
      },
      {
        name: 'fossil',
        type: 'vac',
        onTarget: { complete: true, missing: 0, corrupt: 0, isKnownBelow: true, problem: null },
      },
    ])
    const { stdout } = await runHere(['roots', path('fossil-venti.img'), '--at', dial])
    expect(stdout).toMatch(/NOT WHOLE: 1 missing, and perhaps more below, vac "fossil", 2019/)
    expect(stdout).toMatch(/arenas\d at 0x[0-9a-f]+, whole, vac "fossil"/)
    expect(stdout).not.toMatch(/[0-9a-f]{20}/)
  })

  test('all whole, also those of a disk that name one root twice', async () => {
    const full = await mirrorOf('fossil-venti')
    const dial = `tcp!127.0.0.1!${full.port}`
    const { status, document } = await roots(path('disk-mbr.img'), '--at', dial)
    expect(status).toBe(0)
    expect(document.roots).toHaveLength(4)
    for (const { onTarget } of document.roots) expect(onTarget?.complete).toBe(true)
  })

  test('a venti that is not there is an error, not an incomplete archive', async () => {
    const gone = await mirrorOf('seq-day1')
    await gone.close()
    const { status, stderr } = await runHere(['roots', path('seq-day3.img'), '--at', `tcp!127.0.0.1!${gone.port}`])
    expect(status).toBe(1)
    expect(stderr).toMatch(/nothing listens|cannot/)
  })

  test('not asked: no venti is spoken of', async () => {
    const { document } = await roots(path('seq-day3.img'))
    expect(document.roots).toHaveLength(3)
    for (const root of document.roots) expect(root).toMatchObject({ onTarget: null, type: 'vac' })
  })
})
