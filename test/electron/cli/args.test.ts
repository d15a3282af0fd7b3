// Command lines and what they mean, or what is wrong with them.

import { describe, expect, test } from 'vitest'
import { acceptsNewKeys, asksForJson, parseCommand, type Command } from '../../../electron/cli/args.ts'
import { commandNames, helpText, usageLine } from '../../../electron/cli/help.ts'
import { AppError } from '../../../shared/errors.ts'

const quiet = { json: false, progress: false }
const sync = {
  command: 'sync',
  source: 'arenas.img',
  targets: [],
  stateDir: null,
  mirrorName: null,
  audit: false,
  dryRun: false,
  limitBytesPerSecond: null,
  sourceVenti: null,
  sourceHttp: null,
  flushSource: false,
  ninefat: undefined,
  fossil: null,
  verify: false,
  waitMs: null,
  checkpointMs: null,
  timeoutMs: null,
  ...quiet,
} as const
const serve = {
  command: 'serve',
  file: 'store.img',
  listen: 'tcp!127.0.0.1!17034',
  sizeBytes: null,
  arenaBytes: null,
  compress: true,
  ...quiet,
} as const

const accepted: readonly [string, Command][] = [
  ['arenas a.img', { command: 'arenas', source: 'a.img', check: false, offsets: false, ...quiet }],
  [
    'arenas --check a.img --offsets --json --progress',
    { command: 'arenas', source: 'a.img', check: true, offsets: true, json: true, progress: true },
  ],
  ['arenas -- --odd-name', { command: 'arenas', source: '--odd-name', check: false, offsets: false, ...quiet }],
  ['sync arenas.img', sync],
  [
    'sync arenas.img --to tcp!a!17034 --to=$venti --state /s --name n --audit --dry-run --limit 10m --source-venti b --checkpoint 0.5 --timeout 3 --json --progress',
    {
      command: 'sync',
      source: 'arenas.img',
      targets: ['tcp!a!17034', '$venti'],
      stateDir: '/s',
      mirrorName: 'n',
      audit: true,
      dryRun: true,
      limitBytesPerSecond: 10 * 2 ** 20,
      sourceVenti: 'b',
      sourceHttp: null,
      flushSource: false,
      ninefat: undefined,
      fossil: null,
      verify: false,
      waitMs: null,
      checkpointMs: 500,
      timeoutMs: 3000,
      json: true,
      progress: true,
    },
  ],
  [
    'sync arenas.img --9fat d.img:9fat --fossil d.img:fossil --source-http localhost:80 --flush-source',
    { ...sync, ninefat: 'd.img:9fat', fossil: 'd.img:fossil', sourceHttp: 'localhost:80', flushSource: true },
  ],
  ['sync arenas.img --no-9fat', { ...sync, ninefat: null }],
  ['sync arenas.img --verify', { ...sync, verify: true }],
  ['sync arenas.img --verify --wait 0.5', { ...sync, verify: true, waitMs: 30_000 }],
  ['status', { command: 'status', name: null, stateDir: null, ...quiet }],
  ['status home --state /s --json', { command: 'status', name: 'home', stateDir: '/s', json: true, progress: false }],
  ['serve store.img', serve],
  [
    'serve store.img --listen tcp!*!1 --size 20g --arena-size 0x100000 --no-compress',
    { ...serve, listen: 'tcp!*!1', sizeBytes: 20 * 2 ** 30, arenaBytes: 2 ** 20, compress: false },
  ],
  ['partitions', { command: 'partitions', disk: null, showScores: false, ...quiet }],
  [
    'partitions d.img --show-scores --json',
    { command: 'partitions', disk: 'd.img', showScores: true, json: true, progress: false },
  ],
  ['window', { command: 'window', port: null, allowedHosts: [], stateDir: null, open: null, ...quiet }],
  [
    'window --port 0 --allow-host LocalHost:8000 --allow-host mirror.example:80 --state /s --open --json',
    {
      command: 'window',
      port: 0,
      allowedHosts: ['localhost:8000', 'mirror.example'],
      stateDir: '/s',
      open: true,
      json: true,
      progress: false,
    },
  ],
  ['window --no-open', { command: 'window', port: null, allowedHosts: [], stateDir: null, open: false, ...quiet }],
  ['demo --keep /d', { command: 'demo', keep: '/d', ...quiet }],
  ['help', { command: 'help', topic: null, ...quiet }],
  ['help sync', { command: 'help', topic: 'sync', ...quiet }],
  ['--help', { command: 'help', topic: null, ...quiet }],
  ['sync --help', { command: 'help', topic: 'sync', ...quiet }],
  ['arenas -h', { command: 'help', topic: 'arenas', ...quiet }],
  ['--version', { command: 'version', ...quiet }],
]

test.each(accepted)('%s', (line, expected) => {
  expect(parseCommand(line.split(' '))).toEqual(expected)
})

function usageError(argv: readonly string[]): AppError {
  try {
    parseCommand(argv)
  } catch (error) {
    if (error instanceof AppError && error.code === 'usage') return error
    throw error
  }
  throw new Error(`accepted: ${argv.join(' ')}`)
}

describe('refused', () => {
  test.each<[string, string]>([
    ['arenas', 'arenas: SOURCE is missing'],
    ['arenas a b', 'arenas: unexpected argument "b"'],
    ['arenas a --chek', "arenas: unknown option '--chek'"],
    ['arenas a --check=yes', "arenas: option '--check' does not take an argument"],
    ['sync', 'sync: SOURCE is missing'],
    ['sync a --to', "sync: option '--to <value>' argument missing"],
    ['sync a --state x --state y', 'sync: --state is given twice'],
    ['sync a --to=', 'sync: --to is empty'],
    ['sync a --limit fast', 'sync: --limit is "fast", expected bytes a second such as 500k or 10m'],
    ['sync a --checkpoint 0', 'sync: --checkpoint is "0", expected seconds, more than 0 and at most a day'],
    ['sync a --9fat=', 'sync: --9fat is empty'],
    ['sync a --9fat d.img:9fat --no-9fat', 'sync: --9fat and --no-9fat contradict each other'],
    ['status a b', 'status: unexpected argument "b"'],
    ['sync a --verify --dry-run', 'sync: --verify checks what a sync has sent, and --dry-run sends nothing'],
    ['sync a --wait 5', 'sync: --wait is for --verify'],
    ['sync a --verify --wait 0', 'sync: --wait is "0", expected minutes, more than 0 and at most a day'],
    ['serve', 'serve: FILE is missing'],
    ['serve f --size big', 'serve: --size is "big", expected a size such as 4096, 512m, 20g or 0x10000'],
    ['serve f --json', "serve: unknown option '--json'"],
    ['partitions a b', 'partitions: unexpected argument "b"'],
    ['window arenas.img', 'window: it takes no arguments'],
    ['window --open --no-open', 'window: --open and --no-open contradict each other'],
    ['window --port 65536', 'window: --port is "65536", expected a port up to 65535, or 0 for any'],
    ['window --allow-host localhost', 'window: --allow-host is "localhost", expected HOST:PORT'],
    ['window --allow-host http://a:1', 'window: --allow-host is "http://a:1", expected HOST:PORT'],
    ['demo now', 'demo: it takes no arguments'],
  ])('%s', (line, message) => {
    const argv = line.split(' ')
    const error = usageError(argv)
    const name = commandNames.find((command) => command === argv[0]) ?? null
    expect(error.message).toBe(message)
    expect(error.data['next']).toBe(`usage: ${usageLine(name).replaceAll(/\s+/g, ' ')}`)
  })

  test.each([[[]], [['frobnicate']], [['--frobnicate']], [['help', 'frobnicate']], [['arenas', '']]])('%j', (argv) => {
    expect(usageError(argv).message).toMatch(/missing|unknown|empty/)
  })
})

test('asksForJson also where the rest cannot be understood', () => {
  expect(asksForJson(['sync', '--bogus', '--json'])).toBe(true)
  expect(asksForJson(['sync', '--', '--json'])).toBe(false)
})

test('keys of unknown machines are accepted by those commands that reach machines, and by no others', () => {
  expect(parseCommand(['arenas', 'ssh://attic/dev/sdb', '--accept-new'])).toMatchObject({ command: 'arenas' })
  expect(acceptsNewKeys(['sync', 'x', '--accept-new'])).toBe(true)
  expect(acceptsNewKeys(['sync', '--', '--accept-new'])).toBe(false)
  expect(() => parseCommand(['window', '--accept-new'])).toThrow(/accept-new/)
})

test('every command has help that names each of its options', () => {
  const options = {
    arenas: ['check', 'offsets'],
    sync: ['to', 'audit', 'limit', '9fat', 'no-9fat', 'fossil', 'verify', 'wait', 'source-http', 'flush-source'],
    status: ['state'],
    window: ['port', 'allow-host', 'state', 'open', 'no-open', 'json'],
  }
  for (const name of commandNames) expect(helpText(name)).toContain(usageLine(name))
  for (const [name, list] of Object.entries(options)) {
    for (const option of list) expect(helpText(name as 'arenas')).toMatch(new RegExp(`\\n  --${option} `))
  }
  for (const name of commandNames) expect(helpText(null)).toContain(`  ${name} `)
  for (const name of ['arenas', 'sync', 'verify', 'wrcmd'] as const) expect(helpText(name)).toMatch(/\n  --accept-new /)
  expect(helpText('window')).not.toContain('--accept-new')
  for (const name of ['sync', 'window'] as const) {
    expect(
      helpText(name)
        .split('\n')
        .filter((line) => line.length > 120),
    ).toEqual([])
  }
})
