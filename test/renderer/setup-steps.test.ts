import { describe, expect, test } from 'vitest'
import { chosenPath, joinPath, shownEntries } from '../../renderer/components/folder-entries.ts'
import { liveCursors } from '../../renderer/components/arena-map/live-cursors.ts'
import { restingCursors } from '../../renderer/components/arena-map/arena-view.ts'
import {
  copyCell,
  copyHeadline,
  copyLine,
  copyPercent,
  presentWords,
  doneHeadline,
  failedWords,
  placeAmongFilled,
  rootVerdict,
  stoppedWords,
  verifyHeadline,
} from '../../renderer/text/copy-words.ts'
import { parseSize, sizeText } from '../../renderer/text/parse-size.ts'
import {
  arenasWords,
  diskOf,
  isMirrorName,
  isSameDisk,
  lookWords,
  nameOfDial,
  planHeadline,
  planTime,
  suggestedStoreBytes,
  testFacts,
  wrcmdFacts,
  canSetWrcmd,
  wrcmdHosts,
  wrcmdVerdict,
} from '../../renderer/text/setup-words.ts'
import {
  isBookkeepingSettled,
  isCopied,
  isVerified,
  missingFor,
  stateOfStep,
  stepAfter,
  stepBefore,
  type SetupFacts,
} from '../../renderer/views/setup/steps.ts'
import {
  setupSteps,
  type CheckJobView,
  type FolderListing,
  type PlaceId,
  type SetupDraft,
  type SetupPlan,
  type SourceLook,
  type SourceTotals,
  type TargetTest,
  type WrcmdLook,
} from '../../shared/model/window.ts'
import { aCopy, aJob, aMap, aMirror, aTarget, hoursAgo } from './fake-mirror.ts'

const placeAt = (path: string) => ({ id: path as PlaceId, path })

const totals: SourceTotals = {
  arenas: 8,
  sealed: 3,
  empty: 4,
  blocks: 951,
  bytes: 7_000_000,
  usedBytes: 4_000_000,
  sizeBytes: 100_000_000,
  damage: 0,
}
const source: SourceLook = { place: placeAt('plan9.img:arenas'), kind: 'arenas', partitions: [], totals, problems: [] }

const command = {
  words: ['venti/wrarena', '-h', 'backup', '-o', '537665536', '/dev/sdE0/arenas', '0x442b1b4'],
  program: 'venti/wrarena',
  host: 'backup',
  arenaOffset: 537_665_536,
  partition: '/dev/sdE0/arenas',
  clumpOffset: 0x442b1b4,
}
const goodWrcmd: WrcmdLook = {
  place: placeAt('plan9.img:9fat'),
  line: command.words.join(' '),
  command,
  arena: 'arenas1',
  problems: [],
  proposal: null,
  remarks: [],
  roots: 3,
  canImport: true,
  problem: null,
  shell: 'venti-mirror wrcmd check plan9.img:9fat',
}
/** The number that the article has. */
const badWrcmd: WrcmdLook = {
  ...goodWrcmd,
  command: { ...command, arenaOffset: 53_766_536 },
  arena: null,
  problems: [{ severity: 'error', message: 'no arena starts at 53766536' }],
  proposal: command.words.join(' '),
  canImport: false,
}

const answered: TargetTest = {
  dial: 'tcp!backup!17034',
  ok: true,
  problem: null,
  version: '04',
  roundTripMs: 0.42,
  answersProbes: true,
  freeBytes: null,
  isSource: false,
  command: 'venti-mirror sync plan9.img:arenas --to tcp!backup!17034 --dry-run',
}

function aDraft(change: Partial<SetupDraft> = {}): SetupDraft {
  return {
    step: 'source',
    name: '',
    source: null,
    isSample: false,
    targets: [],
    ninefat: null,
    noNinefat: false,
    fossil: null,
    mirror: null,
    ...change,
  }
}
const target = { dial: 'tcp!basement!17034', name: 'basement', store: null, test: answered }
const filled = aDraft({ source, targets: [target], noNinefat: true })

const facts = (draft: SetupDraft, change: Partial<SetupFacts> = {}): SetupFacts => ({
  draft,
  job: null,
  mirror: null,
  ...change,
})
/** Which steps may be shown. */
const open = (one: SetupFacts) => setupSteps.filter((step) => missingFor(step, one) === null)

describe('which step may be shown', () => {
  test('one after the other, as what each needs is there', () => {
    expect(open(facts(aDraft()))).toEqual(['source'])
    expect(open(facts(aDraft({ source: { ...source, totals: null } })))).toEqual(['source'])
    expect(open(facts(aDraft({ source })))).toEqual(['source', 'targets'])
    expect(open(facts(aDraft({ source, targets: [target] })))).toEqual(['source', 'targets', 'bookkeeping'])
    expect(open(facts(filled))).toEqual(['source', 'targets', 'bookkeeping', 'plan'])
  })

  test('what is missing is that of the first step that lacks something', () => {
    expect(missingFor('plan', facts(aDraft()))).toBe('Choose a source first.')
    expect(missingFor('plan', facts(aDraft({ source })))).toBe('Add a target first.')
    expect(missingFor('copy', facts(filled))).toBe('Start the copy under Plan first.')
  })

  test('a wrcmd that does not fit the arenas leads nowhere, and no 9fat is an answer', () => {
    expect(isBookkeepingSettled(aDraft())).toBe(false)
    expect(isBookkeepingSettled(aDraft({ noNinefat: true }))).toBe(true)
    expect(isBookkeepingSettled(aDraft({ ninefat: goodWrcmd }))).toBe(true)
    expect(isBookkeepingSettled(aDraft({ ninefat: badWrcmd, noNinefat: true }))).toBe(false)
    expect(open(facts({ ...filled, noNinefat: false, ninefat: badWrcmd }))).not.toContain('plan')
  })

  test('a mirror that was made stands, also while its source is away', () => {
    const copying = facts({ ...filled, source: { ...source, totals: null }, mirror: 'cirno', step: 'copy' })
    expect(open(copying)).toEqual(['source', 'targets', 'bookkeeping', 'plan', 'copy'])
  })

  test('verify as soon as one target has everything; done once nothing runs any more', () => {
    const draft = aDraft({ ...filled, mirror: 'cirno', step: 'copy' })
    const behind = aMirror({
      targets: [aTarget('basement', { behindBlocks: 4 }), aTarget('attic', { behindBlocks: 9 })],
    })
    expect(isCopied(facts(draft, { mirror: behind, job: aJob() }))).toBe(false)
    const one = aJob({ targets: [aCopy('basement', { phase: 'done' }), aCopy('attic')] })
    expect(open(facts(draft, { mirror: behind, job: one }))).toContain('verify')
    expect(missingFor('done', facts(draft, { mirror: behind, job: one }))).toBe('The copy has not ended yet.')
    const ended = facts(draft, { mirror: behind, job: { ...one, state: 'ended', result: 'attention' } })
    expect(open(ended)).toEqual([...setupSteps])
    // Nothing is known of a job after the program was started again; the mirror's own state is.
    expect(isCopied(facts(draft, { mirror: aMirror() }))).toBe(true)
    expect(isCopied(facts(draft, { mirror: aMirror({ targets: [aTarget('basement', { lastSync: null })] }) }))).toBe(
      false,
    )
  })

  test('verified: the newest root whole on every target', () => {
    const draft = aDraft({ ...filled, mirror: 'cirno', step: 'verify' })
    const found = (attic: boolean) =>
      aJob({
        state: 'ended',
        verified: [
          { dial: 'tcp!basement!17034', ok: true, problem: null },
          { dial: 'tcp!attic!17034', ok: attic, problem: null },
        ],
      })
    expect(isVerified(facts(draft, { mirror: aMirror(), job: found(true) }))).toBe(true)
    expect(isVerified(facts(draft, { mirror: aMirror(), job: found(false) }))).toBe(false)
    expect(isVerified(facts(draft, { mirror: aMirror(), job: { ...found(true), state: 'running' } }))).toBe(false)
  })

  test('the list on the left', () => {
    const states = setupSteps.map((step) => stateOfStep(step, facts({ ...filled, step: 'bookkeeping' })))
    expect(states).toEqual(['done', 'done', 'current', 'open', 'closed', 'closed', 'closed'])
    expect(setupSteps.map(stepAfter)).toEqual([...setupSteps.slice(1), null])
    expect(setupSteps.map(stepBefore)).toEqual([null, ...setupSteps.slice(0, -1)])
  })
})

describe('source', () => {
  test('how many arenas of which kind', () => {
    expect(arenasWords(totals)).toBe('8 arenas: 3 sealed, 1 in use, 4 empty')
    expect(arenasWords({ ...totals, arenas: 1, sealed: 0, empty: 0 })).toBe('1 arena: 1 in use')
  })

  test('what cannot be mirrored says what it is and what to choose', () => {
    expect(lookWords(source)).toBeNull()
    const kinds = ['disk', '9fat', 'fossil', 'arenas', 'config', 'other'] as const
    const titles = kinds.map((kind) => lookWords({ ...source, kind, totals: null })?.title)
    expect(new Set(titles).size).toBe(kinds.length)
    const arenas = { place: placeAt('d:a'), name: 'a', kind: 'arenas', sizeBytes: 1, found: '' } as const
    const disk = (partitions: SourceLook['partitions']) =>
      ({ ...source, kind: 'disk', totals: null, partitions }) as const
    expect(lookWords(disk([]))?.title).toBe('There are no arenas on this disk.')
    expect(lookWords(disk([arenas]))?.title).toBe('This is a whole disk.')
    expect(lookWords(disk([arenas, arenas]))?.text).toContain('configuration file')
  })

  test('partitions of one disk', () => {
    expect(diskOf('/home/a/plan9.img:9fat')).toBe('/home/a/plan9.img')
    expect(diskOf('/home/a:b/plan9.img')).toBe('/home/a:b/plan9.img')
    expect(isSameDisk('/d/x.img:9fat', '/d/x.img:arenas')).toBe(true)
    expect(isSameDisk('/d/x.img', '/d/x.img')).toBe(false)
    expect(isSameDisk('/d/y.img:9fat', '/d/x.img:arenas')).toBe(false)
  })
})

describe('targets', () => {
  test('a name from what was dialled', () => {
    expect(['tcp!192.168.0.99!17034', 'attic', 'attic:17034', 'net!attic!venti', '$venti'].map(nameOfDial)).toEqual([
      '192.168.0.99',
      'attic',
      'attic',
      'attic',
      'venti',
    ])
  })

  test('how it answered', () => {
    const values = (tested: TargetTest) => testFacts(tested).map(({ value }) => value)
    expect(values(answered)).toEqual(['version 04', '0.4 ms', 'it does not say'])
    expect(values({ ...answered, freeBytes: 2e12, roundTripMs: 41.7 })).toEqual(['version 04', '42 ms', '2.0 TB free'])
    expect(values({ ...answered, answersProbes: false })).toHaveLength(4)
  })

  test('room for a store: what the source can hold, and more than it sends', () => {
    expect(suggestedStoreBytes(totals)).toBeGreaterThanOrEqual(totals.sizeBytes)
    expect(suggestedStoreBytes({ ...totals, bytes: 5e12 })).toBeGreaterThan(5e12)
    expect(suggestedStoreBytes({ ...totals, bytes: 5e12 }) % 2 ** 30).toBe(0)
    expect(suggestedStoreBytes(null)).toBeGreaterThan(0)
  })

  test('sizes as the command line takes them', () => {
    expect(['20g', '1.5t', '64 MiB', '500', '1k'].map(parseSize)).toEqual([
      20 * 2 ** 30,
      1.5 * 2 ** 40,
      2 ** 26,
      500,
      1024,
    ])
    expect(['', 'g', '-1g', '1e9', '0', '20 x', '999999999999t'].map(parseSize)).toEqual(Array(7).fill(null))
    for (const bytes of [500, 2 ** 10, 2 ** 26, 20 * 2 ** 30, 3 * 2 ** 40, 2 ** 30 + 1]) {
      expect(parseSize(sizeText(bytes))).toBe(bytes)
    }
  })
})

describe('bookkeeping', () => {
  test('a good line is taken over, the typo of the article is not', () => {
    expect(wrcmdVerdict(goodWrcmd).tone).toBe('ok')
    expect(wrcmdVerdict(badWrcmd)).toMatchObject({
      tone: 'bad',
      text: expect.stringContaining('go on without') as string,
    })
    const warned = wrcmdVerdict({ ...goodWrcmd, problems: [{ severity: 'warning', message: 'no -h' }] })
    expect(warned.tone).toBe('warn')
  })

  test('a 9fat without a line, one that is damaged, one that cannot be read', () => {
    expect(wrcmdVerdict({ ...goodWrcmd, line: null, command: null })).toMatchObject({ tone: 'ok' })
    expect(wrcmdVerdict({ ...goodWrcmd, canImport: false }).tone).toBe('bad')
    const problem = { code: 'bad-fat', happened: 'FAT 1 and FAT 2 differ', safe: '', next: '' }
    expect(wrcmdVerdict({ ...goodWrcmd, problem })).toMatchObject({ tone: 'bad', text: 'FAT 1 and FAT 2 differ' })
  })

  test('the line taken apart', () => {
    const values = Object.fromEntries(wrcmdFacts(goodWrcmd).map(({ term, value, note }) => [term, [value, note]]))
    expect(values['Sends to']?.[0]).toBe('backup')
    expect(values['Arena']).toEqual(['arenas1', '-o 537665536'])
    expect(values['Done up to']?.[0]).toBe('0x442b1b4')
    expect(wrcmdFacts(badWrcmd).find(({ term }) => term === 'Arena')?.value).toBe('none begins there')
    expect(wrcmdFacts({ ...goodWrcmd, command: null })).toEqual([])
  })
})

test('the right line is offered where it is wrong or missing, and for whom it may be', () => {
  expect(canSetWrcmd(goodWrcmd)).toBe(false)
  expect(canSetWrcmd(badWrcmd)).toBe(true)
  expect(canSetWrcmd({ ...goodWrcmd, line: null, command: null })).toBe(true)
  // A volume that is not in order is left alone.
  expect(canSetWrcmd({ ...goodWrcmd, line: '', command: null, canImport: false })).toBe(false)
  const targets = [{ dial: 'tcp!attic!17034', name: 'attic', store: null, test: null }]
  const [named, attic] = wrcmdHosts(badWrcmd, { targets })
  expect(named).toMatchObject({ dial: null, name: expect.stringMatching(/, as the line says$/) })
  expect(attic).toEqual({ dial: 'tcp!attic!17034', name: 'attic' })
  expect(wrcmdHosts({ command: null }, { targets })).toEqual([attic])
})

describe('plan', () => {
  const planned = { dial: 'a', name: 'a', blocks: 10, bytes: 1000, fits: null, freeBytes: null, problem: null }
  const plan: SetupPlan = {
    targets: [planned, { ...planned, blocks: 951, bytes: 7e6 }],
    totals,
    measuredBytesPerSecond: 95e6,
    seconds: [120, 480],
    warnings: [],
    command: '',
  }

  test('speaks of the target that lacks most, and of time as a range', () => {
    expect(planHeadline(plan)).toBe('951 blocks to copy, 7.0 MB')
    expect(planHeadline({ ...plan, targets: [{ ...planned, blocks: 0, bytes: 0 }] })).toBe('Nothing is left to copy')
    expect(planTime(plan)).toMatch(/^2 to 8 minutes.*95\.0 MB\/s/)
    expect(planTime({ ...plan, seconds: null })).toContain('could not be measured')
  })

  test('names as the service takes them', () => {
    expect(['cirno', 'plan9-2.x', '9'].every(isMirrorName)).toBe(true)
    expect(['', '-a', '.a', 'a b', 'a/b', 'ä', 'a'.repeat(65)].some(isMirrorName)).toBe(false)
  })
})

describe('copy', () => {
  const at = (index: number, blocksDone: number) => ({
    name: `arenas${index}`,
    index,
    blocksDone,
    blocksTotal: 4,
    present: 0,
  })
  const fresh = aMap({
    targets: [
      { dial: 'tcp!basement!17034', name: 'basement', cursors: [0, 0, 0, 0, 0] },
      { dial: 'tcp!attic!17034', name: 'attic', cursors: [0, 0, 0, 0, 0] },
    ],
  })
  const copying = aJob({
    targets: [
      aCopy('basement', { arena: at(1, 2), bytesDone: 400, blocksDone: 6, bytesPerSecond: 100, secondsLeft: [6, 9] }),
    ],
  })

  test('the heading counts arenas that hold something', () => {
    expect(placeAmongFilled(fresh, 1)).toEqual([2, 4])
    expect(copyHeadline(copying, fresh)).toBe('Copying arena 2 of 4 to basement')
    expect(copyHeadline(copying, null)).toBe('Copying to basement')
    expect(copyHeadline({ ...copying, state: 'paused' }, fresh)).toBe('The copy is paused')
    const done = { ...copying, targets: [aCopy('basement', { phase: 'done' })] }
    expect(copyHeadline({ ...done, stage: 'verify' }, fresh)).toBe('Everything is on basement')
    expect(copyHeadline({ ...copying, state: 'ended', result: 'failed' }, fresh)).toBe('The copy did not come through')
  })

  test('a target that failed is not in the heading, and the others go on', () => {
    const job = { ...copying, targets: [...copying.targets, aCopy('attic', { phase: 'failed', error: 'refused' })] }
    expect(copyHeadline(job, fresh)).toBe('Copying arena 2 of 4 to basement')
    expect(failedWords(job)?.title).toBe('attic was left behind; basement goes on.')
    expect(failedWords({ ...job, state: 'ended' })?.title).toBe('attic was left behind; basement is not affected.')
    expect(failedWords(copying)).toBeNull()
    // A pause ends every target's part as well.
    expect(failedWords({ ...job, state: 'paused' })).toBeNull()
    expect(failedWords({ ...job, state: 'ended', result: 'cancelled' })).toBeNull()
  })

  test('bytes of bytes, rate, a range of time', () => {
    expect(copyLine(copying)).toBe('400 bytes of 1.0 kB · 100 bytes/s · 6 to 9 s left')
    expect(copyLine(aJob({ targets: [aCopy('basement', { blocksTotal: 0 })] }))).toContain('Looking')
    expect(copyLine(aJob({ targets: [aCopy('basement', { phase: 'waiting' })] }))).toContain('cannot be reached now')
  })

  test('never 100 % before it is confirmed', () => {
    const whole = { bytesDone: 1000, bytesTotal: 1000 }
    expect(copyPercent(aJob({ targets: [aCopy('basement', { ...whole, phase: 'syncing' })] }))).toBe(99)
    expect(copyPercent(aJob({ targets: [aCopy('basement', { ...whole, phase: 'done' })] }))).toBe(100)
    expect(copyPercent(aJob({ targets: [aCopy('basement', { blocksTotal: 0 })] }))).toBeNull()
  })

  test('arena by arena', () => {
    const live = liveCursors(fresh, copying)
    const cells = [0, 1, 2, 4].map((index) => copyCell(fresh, live, 0, index, copying.targets[0] ?? null))
    expect(cells.map(({ state }) => state)).toEqual(['waiting', 'copying', 'waiting', 'empty'])
    expect(cells[1]).toMatchObject({ percent: 50, words: '50 % of 4 blocks' })
    const confirmed = aMap()
    expect(copyCell(confirmed, restingCursors(confirmed), 0, 0, null)).toEqual({
      state: 'there',
      percent: 100,
      words: '4 blocks',
    })
    const all = aCopy('basement', { phase: 'done' })
    expect(copyCell(fresh, liveCursors(fresh, aJob({ targets: [all] })), 0, 3, all).state).toBe('there')
  })

  test('where it stopped, target by target', () => {
    const map = aMap()
    expect(stoppedWords(map, restingCursors(map))).toBe(
      'basement has everything before arenas3, and 80 % of that. attic has everything before arenas2, and 50 % of that.',
    )
    expect(stoppedWords(fresh, restingCursors(fresh))).toContain('basement has confirmed nothing yet.')
  })
})

test('blocks that were there already are told of the arena on its way', () => {
  const arena = { name: 'arenas1', index: 1, blocksDone: 1204, blocksTotal: 2000, present: 1200 }
  const copy = aCopy('basement', { arena, present: 1500 })
  expect(presentWords(copy, 1)).toBe('1\u202f200')
  expect(presentWords(copy, 0)).toBe('')
  expect(presentWords(null, 0)).toBe('')
})

describe('verify and done', () => {
  const basement = aTarget('basement')
  const verified = (ok: boolean, problem: string | null = null) =>
    aJob({ state: 'ended', verified: [{ dial: basement.dial, ok, problem }] })
  const check = (change: Partial<CheckJobView>): CheckJobView => ({
    ...(aJob() as unknown as CheckJobView),
    kind: 'check',
    dial: basement.dial,
    startedAt: hoursAgo(-1),
    state: 'ended',
    result: null,
    ...change,
  })
  const result = (missing: number) =>
    ({
      ok: missing === 0,
      cancelled: false,
      blocks: 12,
      missing: Array.from({ length: missing }, () => ({})),
      corrupt: [],
    }) as unknown as NonNullable<CheckJobView['result']>

  test('what the copy found, and what a later check found', () => {
    expect(rootVerdict(basement, verified(true), null).state).toBe('whole')
    expect(rootVerdict(basement, verified(false, 'two blocks are missing'), null)).toEqual({
      state: 'faulty',
      words: 'Two blocks are missing.',
    })
    expect(rootVerdict(basement, verified(false), check({ result: result(0) })).state).toBe('whole')
    expect(rootVerdict(basement, verified(true), check({ result: result(2) })).state).toBe('faulty')
    expect(rootVerdict(basement, verified(true), check({ state: 'running' })).state).toBe('running')
  })

  test('zero checks are no pass', () => {
    expect(rootVerdict(basement, null, null).state).toBe('unknown')
    expect(rootVerdict(aTarget('basement', { behindBlocks: 3 }), null, null).words).toContain('has not got everything')
    const checked = aTarget('basement', { lastVerified: { at: hoursAgo(3), depth: 'present', blocks: 40 } })
    expect(rootVerdict(checked, null, null)).toEqual({ state: 'whole', words: 'All 40 blocks of it are on basement.' })
  })

  test('the heading answers for all targets', () => {
    const title = (...states: ('unknown' | 'running' | 'whole' | 'faulty')[]) =>
      verifyHeadline(
        aMirror(),
        states.map((state) => ({ state, words: '' })),
      ).title
    expect(title('whole', 'whole')).toBe('Every block is there, on basement and attic')
    expect(title('whole', 'unknown')).toBe('Can the backup be read?')
    expect(title('whole', 'faulty')).toBe('The newest root is not whole everywhere')
    expect(title('running', 'whole')).toContain('Checking')
  })

  test('the last sentence claims no more than is known', () => {
    const lastVerified = { at: hoursAgo(1), depth: 'present', blocks: 40 } as const
    expect(doneHeadline(aMirror({ targets: [aTarget('basement', { lastVerified })] }))).toBe(
      'cirno is mirrored to basement, and every block is there',
    )
    expect(doneHeadline(aMirror())).toBe('cirno is mirrored to basement and attic')
    expect(doneHeadline(aMirror({ targets: [basement, aTarget('attic', { behindBlocks: 2 })] }))).toBe(
      'cirno is set up',
    )
  })
})

describe('choosing a file or a folder', () => {
  const listing: FolderListing = {
    path: '/mnt/disks',
    parent: '/mnt',
    entries: [
      { name: 'images', isFolder: true, sizeBytes: null },
      { name: 'plan9.img', isFolder: false, sizeBytes: 9_000_000 },
      { name: '.cache', isFolder: true, sizeBytes: null },
    ],
    isCut: false,
  }
  const names = (filter: Parameters<typeof shownEntries>[1]) => shownEntries(listing, filter).map(({ name }) => name)

  test('hidden names, parts of names, folders only', () => {
    expect(names({ mode: 'file', part: '', isHiddenShown: false })).toEqual(['images', 'plan9.img'])
    expect(names({ mode: 'file', part: 'PLAN', isHiddenShown: false })).toEqual(['plan9.img'])
    expect(names({ mode: 'folder', part: '', isHiddenShown: true })).toEqual(['images', '.cache'])
  })

  test('what the button means', () => {
    const asked = { mode: 'file', typed: null, listing, selected: null } as const
    expect(chosenPath(asked)).toBeNull()
    expect(chosenPath({ ...asked, selected: 'images' })).toBeNull()
    expect(chosenPath({ ...asked, selected: 'plan9.img' })).toBe('/mnt/disks/plan9.img')
    expect(chosenPath({ ...asked, selected: 'plan9.img', typed: ' /dev/sdb ' })).toBe('/dev/sdb')
    expect(chosenPath({ ...asked, mode: 'folder' })).toBe('/mnt/disks')
    expect(chosenPath({ ...asked, mode: 'folder', selected: 'images' })).toBe('/mnt/disks/images')
    expect(chosenPath({ ...asked, mode: 'folder', typed: '' })).toBeNull()
  })

  test('paths of either kind of system', () => {
    expect(joinPath('/', 'dev')).toBe('/dev')
    expect(joinPath('/mnt', 'a')).toBe('/mnt/a')
    expect(joinPath('C:\\Users', 'glenda')).toBe('C:\\Users\\glenda')
  })
})
