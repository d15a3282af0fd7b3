// The words of wrcmd and roots: what each action takes, and what is wrong with the others.

import { expect, test } from 'vitest'
import { parseCommand, type Command } from '../../../electron/cli/args.ts'
import { helpText } from '../../../electron/cli/help.ts'
import { AppError } from '../../../shared/errors.ts'

const quiet = { json: false, progress: false }
const set = {
  command: 'wrcmd',
  action: 'set',
  ninefat: 'd.img:9fat',
  source: null,
  stateDir: null,
  host: null,
  arena: null,
  arenaOffset: null,
  clumpOffset: null,
  partition: null,
  dryRun: false,
  ...quiet,
} as const
const restore = {
  command: 'wrcmd',
  action: 'restore',
  ninefat: 'f',
  stateDir: null,
  list: false,
  backup: null,
  force: false,
  ...quiet,
} as const
const roots = {
  command: 'roots',
  source: 'x',
  showScores: false,
  at: null,
  timeoutMs: null,
  appendTo: null,
  partition: null,
  venti: null,
  stateDir: null,
  ...quiet,
} as const

test.each<[string, Command]>([
  ['wrcmd show f', { command: 'wrcmd', action: 'show', ninefat: 'f', ...quiet }],
  ['wrcmd check f --json', { command: 'wrcmd', action: 'check', ninefat: 'f', source: null, ...quiet, json: true }],
  ['wrcmd check --source s f', { command: 'wrcmd', action: 'check', ninefat: 'f', source: 's', ...quiet }],
  ['wrcmd set d.img:9fat --at 0x0', { ...set, clumpOffset: 0 }],
  ['wrcmd set d.img:9fat --host tcp!h!1', { ...set, host: 'tcp!h!1' }],
  ['wrcmd set d.img:9fat --partition /dev/x --dry-run', { ...set, partition: '/dev/x', dryRun: true }],
  [
    'wrcmd set d.img:9fat --host h --arena arenas1 --at 0x14F55E1F --source s --state t --json',
    { ...set, host: 'h', arena: 'arenas1', clumpOffset: 0x14f55e1f, source: 's', stateDir: 't', json: true },
  ],
  ['wrcmd set d.img:9fat --offset 537665536 --at 0x5', { ...set, arenaOffset: 537665536, clumpOffset: 5 }],
  ['wrcmd set d.img:9fat --offset 0x200c2000 --at 0X5', { ...set, arenaOffset: 537665536, clumpOffset: 5 }],
  ['wrcmd restore f', restore],
  ['wrcmd restore f --list', { ...restore, list: true }],
  ['wrcmd restore f --backup 1-a --force --state t', { ...restore, backup: '1-a', force: true, stateDir: 't' }],
  ['roots x', roots],
  ['roots x --at tcp!h!1 --timeout 3', { ...roots, at: 'tcp!h!1', timeoutMs: 3000 }],
  ['roots x --show-scores --json', { ...roots, showScores: true, json: true }],
  [
    'roots x --append-to f --partition /dev/p --venti tcp!v!1 --state t',
    { ...roots, appendTo: 'f', partition: '/dev/p', venti: 'tcp!v!1', stateDir: 't' },
  ],
])('%s', (line, expected) => {
  expect(parseCommand(line.split(' '))).toEqual(expected)
})

const at = 'wrcmd: --at is'
test.each<[string, string]>([
  ['wrcmd', 'wrcmd: show, check, set or restore is missing'],
  ['wrcmd f', 'wrcmd: "f" is not show, check, set or restore'],
  ['wrcmd show', 'wrcmd: 9FAT is missing'],
  ['wrcmd show f g', 'wrcmd: unexpected argument "g"'],
  ['wrcmd show f --source s', 'wrcmd: --source means nothing to wrcmd show'],
  ['wrcmd check f --host h', 'wrcmd: --host means nothing to wrcmd check'],
  ['wrcmd check f --state t', 'wrcmd: --state means nothing to wrcmd check'],
  ['wrcmd set f --list', 'wrcmd: --list means nothing to wrcmd set'],
  ['wrcmd restore f --at 0x0', 'wrcmd: --at means nothing to wrcmd restore'],
  ['wrcmd set f', 'wrcmd: nothing to set: give --host, --arena or --offset with --at, --at alone, or --partition'],
  ['wrcmd set f --arena a', 'wrcmd: --at is missing: the offset inside that arena, 0x0 for its beginning'],
  ['wrcmd set f --offset 5', 'wrcmd: --at is missing: the offset inside that arena, 0x0 for its beginning'],
  ['wrcmd set f --arena a --offset 5 --at 0x0', 'wrcmd: --arena and --offset both say where; give one of them'],
  ['wrcmd set f --at 5', `${at} "5", expected an offset in hex such as 0x14f55e1f, or 0x0`],
  ['wrcmd set f --at 0xg', `${at} "0xg", expected an offset in hex such as 0x14f55e1f, or 0x0`],
  [
    'wrcmd set f --at 0xffffffffffffffff',
    `${at} "0xffffffffffffffff", expected an offset in hex such as 0x14f55e1f, or 0x0`,
  ],
  [
    'wrcmd set f --at 0x0 --offset 010',
    'wrcmd: --offset is "010", expected the byte where an arena starts, such as 537665536',
  ],
  ['roots', 'roots: SOURCE, FOSSIL or 9FAT is missing'],
  ['roots x --venti v', 'roots: --venti is for --append-to'],
  ['roots x --state t', 'roots: --state is for --append-to'],
])('refused: %s', (line, message) => {
  expect(() => parseCommand(line.split(' '))).toThrow(AppError)
  expect(() => parseCommand(line.split(' '))).toThrow(message)
})

test('help names every option', () => {
  const options = {
    wrcmd: ['source', 'state', 'host', 'arena', 'at', 'partition', 'dry-run', 'list', 'force', 'json'],
    roots: ['show-scores', 'append-to', 'partition', 'venti', 'state', 'json'],
  } as const
  for (const name of ['wrcmd', 'roots'] as const) {
    for (const option of options[name]) expect(helpText(name)).toMatch(new RegExp(`\\n  --${option} `))
    expect(
      helpText(name)
        .split('\n')
        .filter((line) => line.length > 120),
    ).toEqual([])
  }
})
