// What happened, as the window lists and exports it: real runs, rollovers with the wrcmd of a real disk, checks and damage.

import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { appendHistory, type HistoryLine } from '../../../electron/engine/state/history.ts'
import { mirrorPath } from '../../../electron/engine/state/mirror-file.ts'
import { activityCsv, activityJsonLines } from '../../../electron/service/activity-export.ts'
import type { ActivityLine } from '../../../shared/model/window.ts'
import { diskIn } from '../../helpers/disk-syncs.ts'
import { startFakeVenti } from '../../helpers/fake-venti.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { imageIn, onlyMirror, stateDirIn, syncIn } from '../../helpers/sync-runs.ts'
import { filledFake, newestRoot } from '../../helpers/verify-runs.ts'
import { problemIn, verifyServiceIn } from '../../helpers/verify-service.ts'

const kinds = ['run', 'rollover', 'check', 'damage'] as const
const all = { mirror: null, kinds, from: 0, count: 1000 }

type Of<Kind extends ActivityLine['kind']> = Extract<ActivityLine, { kind: Kind }>
const only = <Kind extends ActivityLine['kind']>(lines: readonly ActivityLine[], kind: Kind): readonly Of<Kind>[] =>
  lines.filter((line): line is Of<Kind> => line.kind === kind)

describe('a mirror of a disk with its 9fat', () => {
  test('runs, newest first, and rollovers with wrcmd before and after', async () => {
    const folder = await scratchDir()
    const venti = await startFakeVenti()
    const other = await startFakeVenti()
    onTestFinished(async () => {
      await venti.close()
      await other.close()
    })
    const disk = await diskIn(folder, 'disk-mbr', venti)
    const { result } = await syncIn(folder, disk.arenas, [venti, other], { ninefat: disk.ninefat })
    await syncIn(folder, disk.arenas, [venti, other])
    const { handlers } = verifyServiceIn(folder)
    const { lines, total } = await handlers['activity.list'](all)
    expect(total).toBe(lines.length)
    expect(lines.map(({ at }) => at)).toEqual(
      lines
        .map(({ at }) => at)
        .toSorted()
        .toReversed(),
    )
    const runs = only(lines, 'run')
    expect(runs.map((run) => [run.result, run.rollovers, run.targets.map(({ sent }) => sent > 0)])).toEqual([
      ['ok', 0, [false, false]],
      ['ok', result.rollovers.length, [expect.any(Boolean), true]],
    ])
    const rollovers = only(lines, 'rollover')
    expect(rollovers).toHaveLength(result.rollovers.length)
    expect(rollovers.length).toBeGreaterThan(2)
    const { before, after } = result.bookkeeping!
    for (const { dial, wrcmdBefore, wrcmdAfter } of rollovers) {
      // wrcmd speaks for one target.
      const expected = dial === venti.dial.text ? [before, after] : [null, null]
      expect([wrcmdBefore, wrcmdAfter]).toEqual(expected)
    }
    expect(rollovers.some(({ dial }) => dial === venti.dial.text)).toBe(true)
    expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length)
  })

  test('of a wrcmd that could not be written the move comes with the run that did; what it never passed has none', async () => {
    const folder = await scratchDir()
    await filledFake(folder, 'seq-day1')
    const { name } = await onlyMirror(folder)
    const { handlers, context } = verifyServiceIn(folder)
    const line = (at: number, offset: string): string =>
      `venti/wrarena -h tcp!a!17034 -o ${at} /dev/sdE0/arenas ${offset}`
    const run = (at: string, bookkeeping: object): HistoryLine => {
      const target = { dial: 'tcp!a!17034', ok: true, error: null, blocks: 1, sent: 1, present: 0, bytesSent: 9 }
      const base = { kind: 'run', at, durationMs: 1, bytesRead: 1, damage: 0, cancelled: false, targets: [target] }
      return {
        ...base,
        bookkeeping: { written: true, error: null, dial: 'tcp!a!17034', ...bookkeeping },
      } as HistoryLine
    }
    const rollover = (at: string, toArenaOffset: number): HistoryLine => {
      const arenas = { fromArena: 'a', fromOffset: 5, toArena: 'b', toArenaOffset }
      return { kind: 'rollover', at, dial: 'tcp!a!17034', ...arenas }
    }
    for (const one of [
      rollover('2099-01-01T00:00:00.000Z', 2000),
      run('2099-01-01T00:00:01.000Z', { written: false, error: 'the 9fat is mounted' }),
      run('2099-01-02T00:00:00.000Z', { before: line(1000, '0x9'), after: line(2000, '0x1') }),
      rollover('2099-01-03T00:00:00.000Z', 3000),
      run('2099-01-03T00:00:01.000Z', { before: line(2000, '0x1'), after: line(2000, '0x7') }),
    ]) {
      await appendHistory(context.stateDir, name, one)
    }
    const { lines } = await handlers['activity.list']({ ...all, kinds: ['rollover'] })
    expect(only(lines, 'rollover').map((one) => [one.toArenaOffset, one.wrcmdBefore, one.wrcmdAfter])).toEqual([
      [3000, null, null],
      [2000, line(1000, '0x9'), line(2000, '0x1')],
    ])
    const runs = await handlers['activity.list']({ ...all, kinds: ['run'], count: 3 })
    expect(only(runs.lines, 'run').map(({ result, rollovers }) => [result, rollovers])).toEqual([
      ['ok', 1],
      ['ok', 0],
      ['attention', 1],
    ])
  })
})

test('damage, from when it was first seen, with who lacks the block', async () => {
  const folder = await scratchDir()
  const { venti } = await filledFake(folder, 'bad-flip-plain')
  const { handlers } = verifyServiceIn(folder)
  const { lines } = await handlers['activity.list']({ ...all, kinds: ['damage'] })
  expect(only(lines, 'damage')).toMatchObject([
    {
      damage: { kind: 'score-mismatch', score: '70ce3840b46b01527bae3d3ad58edd2d9a0f7548' },
      words: expect.stringContaining('does not match its score'),
      owedTo: [venti.dial.text],
    },
  ])
  const [run] = only((await handlers['activity.list']({ ...all, kinds: ['run'] })).lines, 'run')
  expect(run).toMatchObject({ result: 'attention', damage: 1 })
})

test('checks, pages, filters, and the names that targets were given', async () => {
  const folder = await scratchDir()
  const { venti } = await filledFake(folder, 'seq-day1')
  const { name } = await onlyMirror(folder)
  const dial = venti.dial.text
  const path = mirrorPath(stateDirIn(folder), name)
  const preferences = { targetNames: { [dial]: 'Cellar' } }
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), preferences }))
  const service = verifyServiceIn(folder)
  const { id, score } = await service.rootView(name, newestRoot('seq-day1').score)
  for (const depth of ['present', 'full'] as const) {
    await service.checked(await service.handlers['check.start']({ mirror: name, root: id, dial, depth, repair: false }))
  }
  const list = service.handlers['activity.list']
  const checks = await list({ ...all, mirror: name, kinds: ['check'] })
  expect(checks).toMatchObject({
    total: 2,
    lines: [
      { kind: 'check', result: 'ok', depth: 'full', root: score, dial, name: 'Cellar', missing: 0 },
      { kind: 'check', result: 'ok', depth: 'present' },
    ],
  })
  const everything = await list(all)
  const byPage = [await list({ ...all, count: 2 }), await list({ ...all, from: 2, count: 2 })]
  expect(byPage.flatMap(({ lines }) => lines)).toEqual(everything.lines.slice(0, 4))
  expect(byPage.map(({ total }) => total)).toEqual([everything.total, everything.total])
  expect(await list({ ...all, kinds: [] })).toEqual({ lines: [], total: 0 })
  expect(await problemIn(list({ ...all, mirror: 'no' }))).toMatchObject({ code: 'state-missing' })
})

describe('exported', () => {
  const secret = 'ab'.repeat(20)
  const target = { dial: 'tcp!a!17034', name: '=cmd|x', ok: false, blocks: 1, sent: 1, present: 0, bytesSent: 9 }
  const lines: readonly ActivityLine[] = [
    {
      kind: 'run',
      id: '1',
      mirror: 'm',
      at: '2026-01-02T00:00:00.000Z',
      result: 'failed',
      durationMs: 5,
      targets: [{ ...target, error: `@SUM(1), "so" it says\nvac:${secret}` }],
      damage: 0,
      rollovers: 0,
    },
  ]

  test('as values: no formula, no score, quoted where it must be', () => {
    const [header, ...rows] = activityCsv(lines).split('\r\n')
    expect(header).toMatch(/^at,mirror,kind,result,target,name,/)
    expect(rows[0]).toContain(`,tcp!a!17034,'=cmd|x,`)
    expect(rows[0]).toContain(`"'@SUM(1), ""so"" it says\nvac:abab…abab"`)
    expect(rows.slice(1)).toEqual([''])
  })

  test.each(['=1', '+1', '-1', '@x', '\tx'])('a cell that begins as %j does', (name) => {
    const run = lines[0] as Of<'run'>
    const csv = activityCsv([{ ...run, targets: [{ ...target, error: null, name }] }])
    expect(csv).toContain(`,'${name},`)
  })

  test('as JSON: a document a line, masked', () => {
    const text = activityJsonLines(lines)
    expect(text).not.toContain(secret)
    expect(JSON.parse(text.trim())).toMatchObject({ kind: 'run', targets: [{ name: '=cmd|x' }] })
  })

  test('of a whole mirror: every line, and no score in any', async () => {
    const folder = await scratchDir()
    const { venti } = await filledFake(folder, 'bad-flip-plain')
    await syncIn(folder, await imageIn(folder, 'bad-flip-plain'), [venti])
    const { name } = await onlyMirror(folder)
    const { handlers } = verifyServiceIn(folder, { now: () => new Date('2026-05-06T07:08:09Z') })
    const { total } = await handlers['activity.list'](all)
    const json = await handlers['activity.export']({ mirror: name, kinds, format: 'json' })
    expect(json.fileName).toBe(`venti-mirror-activity-${name}-2026-05-06.jsonl`)
    expect(json.text.trim().split('\n')).toHaveLength(total)
    const csv = await handlers['activity.export']({ mirror: null, kinds, format: 'csv' })
    expect(csv.fileName).toBe('venti-mirror-activity-2026-05-06.csv')
    expect(csv.text.trim().split('\r\n')).toHaveLength(total + 1)
    for (const { text } of [json, csv]) expect(text).not.toMatch(/[0-9a-f]{40}/)
  })
})
