// Roots of a mirror: from every place, once each, masked; pasted in any form; in full only when asked for (R10).

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { findRoots } from '../../../electron/engine/ninefat/find-roots.ts'
import { readHistory } from '../../../electron/engine/state/history.ts'
import { mirrorPath } from '../../../electron/engine/state/mirror-file.ts'
import { appendVerifyRecord } from '../../../electron/engine/state/verify-log.ts'
import { openSourceView } from '../../../electron/engine/sync/source-view.ts'
import { ArenaRoots } from '../../../electron/service/arena-roots.ts'
import { pastedScore } from '../../../electron/service/roots-handlers.ts'
import { zeroScore } from '../../../shared/model/score.ts'
import type { RootId } from '../../../shared/model/window.ts'
import { diskIn } from '../../helpers/disk-syncs.ts'
import { startFakeVenti } from '../../helpers/fake-venti.ts'
import { healthyPartition } from '../../helpers/fixtures.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { imageIn, onlyMirror, stateDirIn, syncIn } from '../../helpers/sync-runs.ts'
import { filledFake, newestRoot, rootOf } from '../../helpers/verify-runs.ts'
import { problemIn, verifyServiceIn } from '../../helpers/verify-service.ts'

const mask = (score: string): string => score.replace(/^vac:(.{4}).*(.{4})$/, 'vac:$1…$2')
const hex = /[0-9a-f]{40}/

async function onDisk() {
  const folder = await scratchDir()
  const venti = await startFakeVenti()
  onTestFinished(() => venti.close())
  const disk = await diskIn(folder, 'disk-mbr', venti)
  await syncIn(folder, disk.arenas, [venti], { ninefat: disk.ninefat })
  const { name } = await onlyMirror(folder)
  return { folder, venti, disk, name }
}

async function setPreferences(folder: string, name: string, preferences: object): Promise<void> {
  const path = mirrorPath(stateDirIn(folder), name)
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), preferences }))
}

describe('listed', () => {
  const [day1, day2] = healthyPartition('fossil-venti').roots.map(({ score }) => score) as [string, string]

  test('one entry for a score, from the place that counts most, with what the arenas know of it', async () => {
    const { folder, disk, name } = await onDisk()
    const { handlers } = verifyServiceIn(folder)
    const first = await handlers['roots.list']({ mirror: name })
    expect(first.problems).toEqual([])
    expect(first.roots.map(({ score, from, at }) => [score, from, at])).toEqual([
      [mask(day2), 'arenas', expect.stringMatching(/^2019-03-1/)],
      [mask(day1), 'rootscor', expect.stringMatching(/^2019-03-1/)],
    ])
    expect(first.roots[1]?.place).toMatch(/^line \d+ of rootscor$/)
    // With the fossil known, its word counts more than that of the arenas.
    await setPreferences(folder, name, { fossil: `${disk.path}:fossil` })
    const second = await handlers['roots.list']({ mirror: name })
    expect(second.roots.map(({ score, from, name: own }) => [score, from, own])).toEqual([
      [mask(day2), 'fossil', 'fossil'],
      [mask(day1), 'rootscor', 'fossil'],
    ])
    // The same ids, so that what is on the screen stays what it is.
    expect(second.roots.map(({ id }) => id)).toEqual(first.roots.map(({ id }) => id))
    expect(JSON.stringify([first, second])).not.toMatch(hex)
  })

  test('what cannot be read is told, and the rest is there', async () => {
    const { folder, name } = await onDisk()
    await setPreferences(folder, name, { fossil: join(folder, 'gone.img') })
    const { handlers } = verifyServiceIn(folder)
    const { roots, problems } = await handlers['roots.list']({ mirror: name })
    expect(roots).toHaveLength(2)
    expect(problems).toEqual([expect.stringMatching(/^fossil: .*gone\.img/)])
  })

  test('a mirror that is not there', async () => {
    const { handlers } = verifyServiceIn(await scratchDir())
    for (const mirror of ['x', '../../etc/passwd']) {
      expect(await problemIn(handlers['roots.list']({ mirror }))).toMatchObject({ code: 'state-missing' })
    }
  })

  test('with the newest check of it on each target; one that was interrupted says nothing', async () => {
    const { folder, venti, name } = await onDisk()
    const { handlers, context } = verifyServiceIn(folder)
    const record = {
      root: mask(day2),
      dial: venti.dial.text,
      ok: true,
      blocks: 7,
      missing: 0,
      corrupt: 0,
      repaired: 0,
      drill: null,
      drillSeed: null,
      durationMs: 1,
      cancelled: false,
    } as const
    const add = async (one: Partial<Parameters<typeof appendVerifyRecord>[2]>): Promise<void> =>
      await appendVerifyRecord(context.stateDir, name, {
        ...record,
        depth: 'full',
        at: '2026-01-01T00:00:00.000Z',
        ...one,
      })
    await add({})
    await add({ at: '2026-01-02T00:00:00.000Z', depth: 'present', ok: false, missing: 3 })
    await add({ at: '2026-01-03T00:00:00.000Z', cancelled: true })
    await add({ at: '2026-01-04T00:00:00.000Z', dial: 'tcp!other!17034' })
    // Looks alike and is another.
    await add({ at: '2026-01-05T00:00:00.000Z', rootKey: '00' })
    const { roots } = await handlers['roots.list']({ mirror: name })
    expect(roots.map(({ checks }) => checks)).toEqual([
      [
        { dial: record.dial, at: '2026-01-02T00:00:00.000Z', ok: false, depth: 'present', missing: 3, corrupt: 0 },
        { dial: 'tcp!other!17034', at: '2026-01-04T00:00:00.000Z', ok: true, depth: 'full', missing: 0, corrupt: 0 },
      ],
      [],
    ])
  })
})

describe('in the arenas', () => {
  test('as the manifest has them; sealed arenas are not read twice', async () => {
    const folder = await scratchDir()
    const image = await imageIn(folder, 'seq-day3-sealed')
    const source = { spec: image, path: image, blockSize: 8192, arenas: 3 }
    const arenas = new ArenaRoots()
    const found = await arenas.find({ name: 'm', source })
    const view = await openSourceView(image)
    onTestFinished(async () => await view.close())
    const all = await findRoots(view)
    expect(found).toEqual({ roots: all.roots, problems: [] })
    expect(found.roots).toHaveLength(3)
    // Blocks of zeros in place of the log of a sealed arena: nobody looks.
    const sealed = healthyPartition('seq-day3-sealed').arenas.find((one) => one.sealed)
    const bytes = await readFile(image)
    bytes.fill(0, sealed?.dataBase, (sealed?.dataBase as number) + 8192 * 16)
    await writeFile(image, bytes)
    expect(await arenas.find({ name: 'm', source })).toEqual(found)
    expect((await arenas.find({ name: 'other', source })).roots.length).toBeLessThanOrEqual(3)
  })

  test('without time left the newest come first and the rest the next time', async () => {
    const folder = await scratchDir()
    const image = await imageIn(folder, 'seq-day3-sealed')
    const source = { spec: image, path: image, blockSize: 8192, arenas: 3 }
    const found = await new ArenaRoots(-1).find({ name: 'm', source })
    expect(found).toEqual({ roots: [], problems: [expect.stringMatching(/^\d arenas could not be searched/)] })
  })
})

describe('pasted', () => {
  const score = `vac:${'ab12'.repeat(10)}`
  const digits = score.slice(4)

  test.each([
    ['with vac:', score],
    ['digits alone', digits],
    ['capitals', digits.toUpperCase()],
    ['the text of a .vac file', `${score}\n`],
    ['blanks around it', `  ${score} \r\n`],
    ['a path behind it', `${score}/active`],
    ['a line of rootscor', `${score} /dev/sdE0/fossil tcp!10.0.0.1!17034`],
    ['a command', `fossil/flfmt -v ${digits} /dev/sdE0/fossil`],
    ['twice the same', `${score}\n${digits}`],
  ])('%s', (_, text) => expect(pastedScore(text)).toBe(digits))

  test.each([
    ['nothing', ' \n', /nothing was pasted/],
    ['a digit short', `vac:${digits.slice(1)}`, /39 hex digits/],
    ['a digit more', `${digits}0`, /41 hex digits/],
    ['other letters', 'vac:hello', /no score in this text/],
    ['several', `${digits} ${'cd'.repeat(20)}`, /2 scores/],
    ['a book', 'x'.repeat(5000), /too long/],
  ])('%s: what is wrong, and never the text itself', (_, text, words) => {
    expect(() => pastedScore(text)).toThrow(words)
    try {
      pastedScore(text)
    } catch (error) {
      expect(String(error)).not.toMatch(/[0-9a-f]{30}/)
    }
  })

  test('the score of nothing', () => expect(() => pastedScore(`vac:${zeroScore}`)).toThrow(/score of nothing/))

  test('kept for the session, on top of the list, and in no file', async () => {
    const { folder, name } = await onDisk()
    const service = verifyServiceIn(folder)
    const pasted = await service.handlers['roots.paste']({ mirror: name, text: score })
    expect(pasted).toMatchObject({ score: 'vac:ab12…ab12', from: 'pasted', checks: [] })
    const { roots } = await service.handlers['roots.list']({ mirror: name })
    expect(roots.map(({ from }) => from)).toEqual(['pasted', 'arenas', 'rootscor'])
    expect(roots[0]).toEqual(pasted)
    expect(await readFile(mirrorPath(stateDirIn(folder), name), 'utf8')).not.toContain(digits)
    expect(JSON.stringify(await readHistory(stateDirIn(folder), name))).not.toContain(digits)
    // One that is known anyway stays what it was.
    await service.handlers['roots.paste']({ mirror: name, text: healthyPartition('fossil-venti').roots[0]!.score })
    expect((await service.handlers['roots.list']({ mirror: name })).roots).toHaveLength(3)
    const other = verifyServiceIn(folder)
    expect((await other.handlers['roots.list']({ mirror: name })).roots).toHaveLength(2)
  })
})

describe('revealed', () => {
  test('in full by its id', async () => {
    const folder = await scratchDir()
    await filledFake(folder, 'seq-day1')
    const service = verifyServiceIn(folder)
    const { score } = newestRoot('seq-day1')
    const { id } = await service.rootView((await onlyMirror(folder)).name, score)
    expect(id).not.toContain(rootOf(score))
    expect(await service.handlers['roots.reveal']({ root: id })).toEqual({ score })
  })

  test('an id that nobody was given', async () => {
    const { handlers } = verifyServiceIn(await scratchDir())
    const problem = await problemIn(handlers['roots.reveal']({ root: 'x' as RootId }))
    expect(problem).toMatchObject({ code: 'usage', next: expect.stringContaining('List the roots again') })
  })
})
