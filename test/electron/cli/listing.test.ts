// The texts of reports, pure: the arena map, a sync's summary and plan, progress lines.

import { describe, expect, test } from 'vitest'
import { arenaRows, damageLines, fillBar, type ListedArena } from '../../../electron/cli/arena-listing.ts'
import { progressLines } from '../../../electron/cli/progress-lines.ts'
import { planLines, planStatus, syncLines } from '../../../electron/cli/sync-summary.ts'
import type { DamageReport, SyncPlan, SyncResult, TargetPlan, TargetResult } from '../../../shared/model/run.ts'

const arena: ListedArena = {
  partition: 'p',
  name: 'arenas0',
  offset: 794624,
  dataBase: 802816,
  stop: 2891776,
  size: 2080768,
  version: 5,
  clumps: 1503,
  compressedClumps: 0,
  used: 2057191,
  uncompressed: 2235823,
  state: 'sealed',
  sealScore: '1b6ea942f6c88f279e534e430fa05b400223636b',
  endOffset: '0x1f63e7',
  damage: [],
}

test('fillBar is full only when all is used', () => {
  expect([fillBar(0, 100), fillBar(50, 100), fillBar(99.9, 100), fillBar(100, 100), fillBar(1, 0)]).toEqual([
    '............   0 %',
    '######......  50 %',
    '###########.  99 %',
    '############ 100 %',
    '............   0 %',
  ])
})

test('arenaRows lines columns up', () => {
  const unreadable: ListedArena = { ...arena, name: 'b', offset: 12, version: null, sealScore: null, used: 0 }
  expect(arenaRows([arena, unreadable])).toEqual([
    '  arena    offset  state       blocks     used       of                      end offset  seal',
    '  arenas0  794624  sealed       1,503  2.0 MiB  2.0 MiB  ###########.  98 %    0x1f63e7  1b6ea942…',
    '  b            12  unreadable   1,503      0 B  2.0 MiB  ............   0 %    0x1f63e7',
  ])
})

const damage: DamageReport = {
  kind: 'seal-mismatch',
  arena: 'arenas0',
  offset: 5,
  clumpOffset: null,
  partitionOffset: 5,
  nextOffset: null,
  index: null,
  score: null,
  type: null,
  detail: 'a, b',
}

test('damageLines says what is lost', () => {
  expect(damageLines([])).toEqual([])
  expect(damageLines([damage])[0]).toBe('Damage: 1 finding, no block is lost by it')
  expect(damageLines([damage, { ...damage, kind: 'lost-region' }])[0]).toBe(
    'Damage: 2 findings, 1 place where blocks are lost',
  )
})

const target: TargetResult = {
  dial: 'tcp!a!17034',
  ok: true,
  error: null,
  errorCode: null,
  arenas: [{ name: 'arenas0', from: 0, to: 16, blocks: 3, sent: 2, present: 1, bytesSent: 2048 }],
  blocks: 3,
  sent: 2,
  present: 1,
  bytesSent: 2048,
}
const result: SyncResult = {
  mirror: 'm',
  source: '/dev/arenas',
  targets: [target],
  damage: [],
  unfinished: [],
  rollovers: [],
  bookkeeping: null,
  sourceServer: null,
  warnings: [],
  cancelled: false,
  bytesRead: 4096,
  durationMs: 1000,
}

describe('syncLines', () => {
  test('sent and already there', () => {
    expect(syncLines(result)).toEqual([
      'Mirror m of /dev/arenas',
      '  tcp!a!17034: up to date; 2 blocks sent, 1 already there, 2.0 KiB in 1 s, 2.0 KiB/s',
      '      arenas0: from 0x0 to 0x10, 2 blocks sent (2.0 KiB), 1 already there',
      'Read 4.0 KiB of the source in 1 s, 4.0 KiB/s',
    ])
  })

  test('nothing new is not claimed to be whole when blocks were left out', () => {
    const idle = { ...target, arenas: [], blocks: 0, sent: 0, present: 0, bytesSent: 0 }
    expect(syncLines({ ...result, targets: [idle] })[1]).toBe('  tcp!a!17034: nothing new, every block is there')
    const lines = syncLines({ ...result, targets: [idle], damage: [{ ...damage, kind: 'lost-region' }] })
    expect(lines[1]).toBe('  tcp!a!17034: nothing new, all is there but the damaged blocks')
    expect(lines.join('\n')).toContain('Damaged blocks were left out.')
  })

  test('a target that is behind: why, what is safe, what next', () => {
    const error = 'tcp!a!17034: no space left in arenas'
    const behind: TargetResult = { ...target, ok: false, error, errorCode: 'target-full' }
    const lines = syncLines({ ...result, targets: [behind] })
    expect(lines[1]).toContain('BEHIND; 2 blocks sent')
    expect(lines.slice(3, 6).map((line) => line.slice(0, 22))).toEqual([
      '      why:  no space l',
      '      safe: Everything',
      '      next: Give that ',
    ])
  })

  test('thousands of arenas are not all listed', () => {
    const arenas = Array.from({ length: 4000 }, (_, at) => ({ ...target.arenas[0]!, name: `arenas${at}` }))
    const lines = syncLines({ ...result, targets: [{ ...target, arenas }] })
    expect(lines).toHaveLength(16)
    expect(lines.join('\n')).toContain('(3,988 more arenas)')
  })
})

const plan: TargetPlan = {
  dial: 'tcp!a!17034',
  error: null,
  arenas: [{ name: 'arenas0', from: 0, to: 16, blocks: 3, bytes: 2048 }],
  blocks: 3,
  bytes: 2048,
  freeBytes: null,
  fits: null,
}
const foretold: SyncPlan = {
  dryRun: true,
  mirror: 'm',
  source: '/dev/arenas',
  targets: [plan],
  damage: [],
  bookkeeping: null,
  sourceServer: null,
  warnings: [],
  bytesRead: 1,
  durationMs: 1,
}

test.each<[Partial<TargetPlan>, string, number]>([
  [{}, 'tcp!a!17034: 3 blocks (2.0 KiB) in 1 arena; room there unknown', 0],
  [{ freeBytes: 4096, fits: true }, 'tcp!a!17034: 3 blocks (2.0 KiB) in 1 arena; fits: 4.0 KiB free', 0],
  [{ freeBytes: 1024, fits: false }, 'tcp!a!17034: 3 blocks (2.0 KiB) in 1 arena; DOES NOT FIT: 1.0 KiB free', 3],
  [{ arenas: [], blocks: 0, bytes: 0 }, 'tcp!a!17034: nothing new', 0],
  [{ error: 'gone' }, 'tcp!a!17034: cannot be reached or used', 1],
])('a plan with %j', (change, line, status) => {
  const changed = { ...foretold, targets: [{ ...plan, ...change }] }
  expect(planLines(changed)[1]).toBe(`  ${line}`)
  expect(planStatus(changed)).toBe(status)
})

test('progress: bytes of bytes, percent, rate, time left, arena', () => {
  const snapshot = {
    dial: 'tcp!a!17034',
    phase: 'copying',
    arena: 'arenas7',
    blocksDone: 1,
    blocksTotal: 4,
    bytesDone: 2 ** 20,
    bytesTotal: 4 * 2 ** 20,
    bytesPerSecond: 2 ** 20,
    secondsLeft: 3,
    present: 0,
    arenaCopy: null,
    confirmed: null,
    error: null,
  } as const
  const lines = (change: object): readonly string[] =>
    progressLines({ sequence: 1, targets: [{ ...snapshot, ...change }], damage: 0, bytesRead: 0 })
  expect(lines({})).toEqual(['tcp!a!17034: 1.0 MiB of 4.0 MiB, 25 %, 1.0 MiB/s, 3 s left, arenas7'])
  expect(lines({ phase: 'waiting', error: 'gone' })).toEqual([
    'tcp!a!17034: 1.0 MiB of 4.0 MiB, 25 %, waiting to try again (gone)',
  ])
  expect(lines({ phase: 'connecting' })).toEqual(['tcp!a!17034: connecting'])
})
