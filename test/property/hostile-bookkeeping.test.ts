// 10 000 texts that a 9fat could hold as wrcmd and rootscor, random and damaged: every one is read without an error other
// than in words, quickly, and no score inside it is ever said (R9, R10).

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { appendedText, decodeRootscor, rootsOf } from '../../electron/engine/bookkeeping/rootscor.ts'
import { isUsable, maxWrcmdLength, nextWrcmd, parseWrcmd } from '../../electron/engine/bookkeeping/wrcmd.ts'
import { checkWrcmd, type ArenaMap } from '../../electron/engine/bookkeeping/wrcmd-check.ts'
import { expectedVolume } from '../helpers/disk-fixtures.ts'
import { runVentiprog } from '../helpers/ventiprog-model.ts'

const { files } = expectedVolume('9fat12')
const textOf = (name: string): string => files.find((file) => file.name === name)?.text as string

/** One character per byte, as a file of the 9fat is read. */
const randomBytes = fc.uint8Array({ maxLength: 2000 }).map((bytes) => String.fromCharCode(...bytes))
const pieces = fc.array(
  fc.oneof(
    fc.constantFrom(' ', '\n', '\t', '\r', '\0', '!', '0x', '-', '-o', '-h', '-M', '-fv', 'wrarena', 'vac:', "'", '$'),
    fc.constantFrom('0x0', '794624', '/dev/sdE0/arenas', 'tcp!h!17034', '14463002106d01e2b60f3a990c8c648051154730'),
    fc.nat().map(String),
    fc.string({ maxLength: 6 }),
  ),
  { maxLength: 60 },
)

function mutated(text: string): fc.Arbitrary<string> {
  const change = fc.record({ at: fc.nat(text.length), drop: fc.nat(40), put: fc.oneof(randomBytes, fc.constant('')) })
  return fc
    .array(change, { minLength: 1, maxLength: 4 })
    .map((changes) =>
      changes.reduce((now, { at, drop, put }) => now.slice(0, at) + put.slice(0, 40) + now.slice(at + drop), text),
    )
}

const texts = (name: string): fc.Arbitrary<string> =>
  fc.oneof(
    randomBytes,
    pieces.map((words) => words.join('')),
    pieces.map((words) => words.join(' ')),
    mutated(textOf(name)),
    mutated(textOf(name)),
  )

const map: ArenaMap = {
  partition: 'arenas',
  arenas: [794624, 537665536, 1074536448, 1611407360].map((start, index) => ({
    name: `arenas${index}`,
    start,
    stop: start + 536870912,
    dataBase: start + 8192,
    used: 0x4fffff0,
    full: index < 3,
    problem: null,
  })),
}
const boundary = async (_: unknown, offset: number): Promise<{ isBoundary: boolean; before: number }> => ({
  isBoundary: offset % 4 === 0,
  before: offset - (offset % 4),
})

/** Reports quote odd characters as \\u0000, whose digits are no score's. */
const said = (what: unknown): string => JSON.stringify(what).replaceAll(/\\+u[0-9a-f]{4}/gi, ' ')

test('wrcmd: a command or problems, and a line written from it is one the script can go on from', async () => {
  await fc.assert(
    fc.asyncProperty(texts('WRCMD'), fc.maxSafeNat(), async (text, end) => {
      const parsed = parseWrcmd(text)
      if (parsed.command === null) expect(parsed.problems.length).toBeGreaterThan(0)
      expect(said(parsed.problems)).not.toMatch(/[0-9a-f]{40}/i)
      if (parsed.command === null) return
      const { arenaOffset, clumpOffset } = parsed.command
      expect(Number.isSafeInteger(clumpOffset) && clumpOffset >= 0).toBe(true)
      expect(arenaOffset === null || (Number.isSafeInteger(arenaOffset) && arenaOffset >= 0)).toBe(true)
      const { proposal, problems } = await checkWrcmd(parsed.command, map, boundary)
      expect(said(problems)).not.toMatch(/[0-9a-f]{40}/i)
      if (proposal !== null) expect(isUsable(parseWrcmd(proposal))).toBe(true)
      if (!isUsable(parsed)) return
      const line = nextWrcmd(parsed.command, { arenaOffset: arenaOffset as number, clumpOffset })
      expect(line).toMatch(/^[^ \n]+( [^ \n]+)* 0x[0-9a-f]+\n$/)
      const next = runVentiprog(line, [], () => `end offset 0x${end.toString(16)}\n`).wrcmd as string
      expect(next).toBe(nextWrcmd(parsed.command, { arenaOffset: arenaOffset as number, clumpOffset: end }))
    }),
    { numRuns: 10_000 },
  )
})

test('rootscor: every line is something, every root is a score, and appending rewrites nothing', () => {
  fc.assert(
    fc.property(texts('ROOTSCOR'), (text) => {
      const lines = decodeRootscor(text)
      expect(lines.map(({ line }) => line)).toEqual(lines.map((_, index) => index + 1))
      const roots = rootsOf(text)
      for (const { score, line, times } of roots) {
        expect(score).toMatch(/^[0-9a-f]{40}$/)
        expect(line >= 1 && line <= lines.length && times >= 1).toBe(true)
      }
      expect(roots.map(({ line }) => line)).toEqual(roots.map(({ line }) => line).toSorted((a, b) => b - a))
      const longer = text + appendedText(text, ['vac:14463002106d01e2b60f3a990c8c648051154730 /dev/new'])
      expect(longer.startsWith(text)).toBe(true)
      expect(rootsOf(longer)[0]).toMatchObject({ partition: '/dev/new', line: longer.split('\n').length - 1 })
    }),
    { numRuns: 10_000 },
  )
})

test('long ones take no time', () => {
  const started = performance.now()
  for (const unit of [
    ' ',
    '\n',
    '0x',
    '!',
    '-',
    "'",
    'a',
    'vac:',
    'vac:0',
    '\r',
    ' \t',
    'f'.repeat(40),
    '0'.repeat(39),
  ]) {
    const long = unit.repeat(2 ** 20 / unit.length)
    expect(parseWrcmd(long).command).toBeNull()
    parseWrcmd(`wrarena ${long.slice(0, maxWrcmdLength - 8)}`)
    decodeRootscor(long)
    rootsOf(`vac:${long}`)
  }
  expect(performance.now() - started).toBeLessThan(10_000)
})
