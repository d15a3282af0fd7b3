// A mirror, its arenas and its run with numbers that are easy to see through. Every test changes only what it is about.

import type { ArenaMap, MirrorView, SyncJobView, TargetCopy, TargetView } from '../../shared/model/window.ts'

export const now = Date.parse('2026-11-20T14:00:00Z')
export const hoursAgo = (hours: number): string => new Date(now - hours * 3_600_000).toISOString()

export function aTarget(name: string, change: Partial<TargetView> = {}): TargetView {
  return {
    dial: `tcp!${name}!17034`,
    name,
    store: null,
    state: 'reachable',
    roundTripMs: 0.4,
    problem: null,
    behindBlocks: 0,
    behindBytes: 0,
    lastSync: hoursAgo(26),
    lastVerified: null,
    isLate: false,
    ...change,
  }
}

export function aMirror(change: Partial<MirrorView> = {}): MirrorView {
  return {
    name: 'cirno',
    sequence: 1,
    source: { path: '/dev/sdE0/arenas', problem: null, totals: null },
    targets: [aTarget('basement'), aTarget('attic')],
    newestRoot: null,
    toSend: { blocks: 0, bytes: 0, arenas: [] },
    estimateSeconds: null,
    lastRun: null,
    lastRollover: null,
    forecast: { bytesPerDay: null, activeArena: null, activeFullDays: null, partitionFullDays: null },
    damage: 0,
    ninefat: null,
    wrcmd: null,
    fossil: null,
    limitBytesPerSecond: null,
    verifyAfterSync: false,
    sample: null,
    lateAfterHours: 36,
    isLate: false,
    job: null,
    command: 'venti-mirror sync cirno',
    ...change,
  }
}

/** Five arenas of 1000 bytes: two sealed, one that waits for its seal, one active, one empty. attic lacks part of the third. */
export function aMap(change: Partial<ArenaMap> = {}): ArenaMap {
  return {
    mirror: 'cirno',
    partitions: ['/dev/sdE0/arenas'],
    partition: [0, 0, 0, 0, 0],
    names: ['arenas0', 'arenas1', 'arenas2', 'arenas3', 'arenas4'],
    offsets: [0, 1000, 2000, 3000, 4000],
    sizes: [1000, 1000, 1000, 1000, 1000],
    used: [900, 900, 900, 500, 0],
    clumps: [4, 4, 4, 2, 0],
    states: ['sealed', 'sealed', 'full, seal pending', 'active', 'empty'],
    damage: [0, 1, 0, 0, 0],
    targets: [
      { dial: 'tcp!basement!17034', name: 'basement', cursors: [900, 900, 900, 400, 0] },
      { dial: 'tcp!attic!17034', name: 'attic', cursors: [900, 900, 450, 0, 0] },
    ],
    ...change,
  }
}

export function aCopy(name: string, change: Partial<TargetCopy> = {}): TargetCopy {
  return {
    dial: `tcp!${name}!17034`,
    name,
    phase: 'copying',
    blocksDone: 0,
    blocksTotal: 100,
    bytesDone: 0,
    bytesTotal: 1000,
    present: 0,
    bytesPerSecond: 0,
    secondsLeft: null,
    arena: null,
    confirmed: null,
    error: null,
    ...change,
  }
}

export function aJob(change: Partial<SyncJobView> = {}): SyncJobView {
  return {
    id: 'job-1' as SyncJobView['id'],
    sequence: 1,
    mirror: 'cirno',
    state: 'running',
    startedAt: hoursAgo(0),
    endedAt: null,
    command: 'venti-mirror sync cirno',
    notes: [],
    problem: null,
    kind: 'sync',
    stage: 'sync',
    targets: [aCopy('basement'), aCopy('attic')],
    bytesRead: 0,
    damage: 0,
    rollovers: [],
    verified: [],
    result: null,
    ...change,
  }
}
