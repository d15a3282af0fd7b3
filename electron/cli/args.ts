// From the words of a command line to a command with checked values, or an error of kind usage that says what is wrong
// with which word and carries the usage line. Pure: nothing is opened and no default depends on the machine.

import type { AppError } from '../../shared/errors.ts'
import { maxDrillFiles, maxDrillSeed } from '../../shared/model/verify.ts'
import { canonicalHost } from '../host/addresses.ts'
import { commandNames, type CommandName } from './help.ts'
import { parseAddress, parseHex, parseRate, parseSeconds, parseSize } from './numbers.ts'
import { flagsOf, usageError, Words, type Common } from './words.ts'

export type ArenasCommand = Common & {
  readonly command: 'arenas'
  readonly source: string
  readonly check: boolean
  readonly offsets: boolean
}
export type SyncCommand = Common & {
  readonly command: 'sync'
  readonly source: string
  readonly targets: readonly string[]
  readonly stateDir: string | null
  readonly mirrorName: string | null
  readonly audit: boolean
  readonly dryRun: boolean
  readonly limitBytesPerSecond: number | null
  readonly sourceVenti: string | null
  readonly sourceHttp: string | null
  readonly flushSource: boolean
  /** `undefined`: the one the mirror has; null: none this time. */
  readonly ninefat: string | null | undefined
  readonly fossil: string | null
  readonly verify: boolean
  /** Only with verify. */
  readonly waitMs: number | null
  readonly checkpointMs: number | null
  readonly timeoutMs: number | null
}
export type StatusCommand = Common & {
  readonly command: 'status'
  readonly name: string | null
  readonly stateDir: string | null
}
export type ServeCommand = Common & {
  readonly command: 'serve'
  readonly file: string
  readonly listen: string
  readonly sizeBytes: number | null
  readonly arenaBytes: number | null
  readonly compress: boolean
}
export type PartitionsCommand = Common & {
  readonly command: 'partitions'
  /** null: the disks of this computer. */
  readonly disk: string | null
  readonly showScores: boolean
}
export type WrcmdCommand = Common & { readonly command: 'wrcmd'; readonly ninefat: string } & (
    | { readonly action: 'show' }
    | { readonly action: 'check'; readonly source: string | null }
    | {
        readonly action: 'set'
        readonly source: string | null
        readonly stateDir: string | null
        readonly host: string | null
        readonly arena: string | null
        readonly arenaOffset: number | null
        readonly clumpOffset: number | null
        readonly partition: string | null
        readonly dryRun: boolean
      }
    | {
        readonly action: 'restore'
        readonly stateDir: string | null
        readonly list: boolean
        readonly backup: string | null
        readonly force: boolean
      }
  )
export type RootsCommand = Common & {
  readonly command: 'roots'
  readonly source: string
  readonly showScores: boolean
  /** The venti to be asked whether it has everything below each root. */
  readonly at: string | null
  readonly timeoutMs: number | null
  /** The 9fat in whose rootscor fossil's last root is recorded. */
  readonly appendTo: string | null
  readonly partition: string | null
  readonly venti: string | null
  readonly stateDir: string | null
}
/** What is meant within a tree on a venti: SCORE[/path], or a .vac file with its score. */
type InTree = Common & { readonly place: string; readonly at: string; readonly timeoutMs: number | null }
export type LsCommand = InTree & { readonly command: 'ls'; readonly long: boolean; readonly recursive: boolean }
export type CatCommand = InTree & { readonly command: 'cat' }
export type ExtractCommand = InTree & {
  readonly command: 'extract'
  readonly folder: string
  readonly force: boolean
  /** null: as large as there is room. */
  readonly maxFileBytes: number | null
}
export type VerifyCommand = InTree & {
  readonly command: 'verify'
  readonly full: boolean
  readonly source: string | null
  readonly sourceVenti: string | null
  readonly repair: boolean
  readonly waitMs: number | null
  /** Files to read whole. */
  readonly drill: number | null
  /** Null: any. */
  readonly seed: number | null
  readonly fromStart: boolean
  readonly stateDir: string | null
  readonly showScores: boolean
}
export type RecoverCommand = InTree & { readonly command: 'recover'; readonly stateDir: string | null }
export type WindowCommand = Common & {
  readonly command: 'window'
  /** Null: the usual one, or any when that is taken. */
  readonly port: number | null
  /** HOST:PORT as browsers write it. */
  readonly allowedHosts: readonly string[]
  readonly stateDir: string | null
  /** Null: where there is a display and a terminal. */
  readonly open: boolean | null
}
export type DemoCommand = Common & { readonly command: 'demo'; readonly keep: string | null }
export type HelpCommand = Common & { readonly command: 'help'; readonly topic: CommandName | null }
export type VersionCommand = Common & { readonly command: 'version' }
export type Command =
  | ArenasCommand
  | SyncCommand
  | StatusCommand
  | ServeCommand
  | PartitionsCommand
  | WrcmdCommand
  | RootsCommand
  | VerifyCommand
  | LsCommand
  | CatCommand
  | ExtractCommand
  | RecoverCommand
  | WindowCommand
  | DemoCommand
  | HelpCommand
  | VersionCommand

export const defaultListen = 'tcp!127.0.0.1!17034'

const sizeForms = 'a size such as 4096, 512m, 20g or 0x10000'
/** Minutes, also 0.5, as milliseconds. */
const parseMinutes = (given: string): number | null => {
  const seconds = /^\d+(\.\d+)?m?$/i.test(given) ? Number.parseFloat(given) * 60 : 0
  return parseSeconds(String(seconds))
}

/** Decimal digits only. */
const wholeNumber = (given: string, least: number, most: number): number | null => {
  const value = /^\d{1,15}$/.test(given) ? Number(given) : -1
  return value >= least && value <= most ? value : null
}

const rateForms = 'bytes a second such as 500k or 10m'
const secondForms = 'seconds, more than 0 and at most a day'
const minuteForms = 'minutes, more than 0 and at most a day'

function ninefatOf(words: Words): string | null | undefined {
  const path = words.text('9fat')
  if (!words.has('no-9fat')) return path ?? undefined
  if (path !== null) throw words.error('--9fat and --no-9fat contradict each other')
  return null
}

function verifiesSync(words: Words): boolean {
  if (words.has('verify') && words.has('dry-run')) {
    throw words.error('--verify checks what a sync has sent, and --dry-run sends nothing')
  }
  if (!words.has('verify')) words.refuse(['wait'], 'is for --verify')
  return words.has('verify')
}

const wrcmdFlags = {
  show: [],
  check: ['source'],
  set: ['source', 'state', 'host', 'arena', 'offset', 'at', 'partition', 'dry-run'],
  restore: ['state', 'list', 'backup', 'force'],
} as const satisfies Record<WrcmdCommand['action'], readonly (keyof (typeof flagsOf)['wrcmd'])[]>

function wrcmdOf(words: Words): WrcmdCommand {
  const [action, ninefat] = words.actionAndOperand(['show', 'check', 'set', 'restore'], '9FAT')
  const own: readonly string[] = wrcmdFlags[action]
  const others = Object.keys(flagsOf.wrcmd).filter((name) => name !== 'json' && !own.includes(name))
  words.refuse(others, `means nothing to wrcmd ${action}`)
  const common = { command: 'wrcmd', ninefat, ...words.common() } as const
  if (action === 'show') return { ...common, action }
  if (action === 'check') return { ...common, action, source: words.text('source') }
  const stateDir = words.text('state')
  if (action === 'restore') {
    return {
      ...common,
      action,
      stateDir,
      list: words.has('list'),
      backup: words.text('backup'),
      force: words.has('force'),
    }
  }
  const [arena, host, partition] = [words.text('arena'), words.text('host'), words.text('partition')]
  const arenaOffset = words.number('offset', parseAddress, 'the byte where an arena starts, such as 537665536')
  const clumpOffset = words.number('at', parseHex, 'an offset in hex such as 0x14f55e1f, or 0x0')
  if (arena !== null && arenaOffset !== null) throw words.error('--arena and --offset both say where; give one of them')
  if ((arena !== null || arenaOffset !== null) && clumpOffset === null) {
    throw words.error('--at is missing: the offset inside that arena, 0x0 for its beginning')
  }
  if (host === null && partition === null && clumpOffset === null) {
    throw words.error('nothing to set: give --host, --arena or --offset with --at, --at alone, or --partition')
  }
  const source = words.text('source')
  const dryRun = words.has('dry-run')
  return { ...common, action, source, stateDir, host, arena, arenaOffset, clumpOffset, partition, dryRun }
}

function rootsOf(words: Words): RootsCommand {
  const appendTo = words.text('append-to')
  if (appendTo === null) words.refuse(['partition', 'venti', 'state'], 'is for --append-to')
  const at = words.text('at')
  if (at === null) words.refuse(['timeout'], 'is for --at')
  return {
    command: 'roots',
    source: words.operand('SOURCE, FOSSIL or 9FAT'),
    showScores: words.has('show-scores'),
    at,
    timeoutMs: words.number('timeout', parseSeconds, secondForms),
    appendTo,
    partition: words.text('partition'),
    venti: words.text('venti'),
    stateDir: words.text('state'),
    ...words.common(),
  }
}

function inTreeOf(words: Words, place: string): InTree {
  const at = words.text('at')
  if (at === null) throw words.error('--at is missing: the venti that has it, such as tcp!HOST!PORT')
  return { place, at, timeoutMs: words.number('timeout', parseSeconds, secondForms), ...words.common() }
}

function verifyOf(words: Words): VerifyCommand {
  const source = words.text('source')
  if (source === null) words.refuse(['repair', 'source-venti'], 'needs --source: the arenas that have the blocks')
  const drill = words.number('drill', (given) => wholeNumber(given, 1, maxDrillFiles), `1 to ${maxDrillFiles} files`)
  if (drill === null) words.refuse(['seed'], 'is for --drill')
  return {
    command: 'verify',
    full: words.has('full'),
    source,
    sourceVenti: words.text('source-venti'),
    repair: words.has('repair'),
    waitMs: words.number('wait', parseMinutes, minuteForms),
    drill,
    seed: words.number('seed', (given) => wholeNumber(given, 0, maxDrillSeed), `a whole number up to ${maxDrillSeed}`),
    fromStart: words.has('from-start'),
    stateDir: words.text('state'),
    showScores: words.has('show-scores'),
    ...inTreeOf(words, words.operand('SCORE')),
  }
}

function extractOf(words: Words): ExtractCommand {
  const [place, folder] = words.operands('SCORE', 'DIR')
  return {
    command: 'extract',
    folder,
    force: words.has('force'),
    maxFileBytes: words.number('max-file', parseSize, sizeForms),
    ...inTreeOf(words, place),
  }
}

function windowOf(words: Words): WindowCommand {
  if (words.optionalOperand() !== null) throw words.error('it takes no arguments')
  if (words.has('open') && words.has('no-open')) throw words.error('--open and --no-open contradict each other')
  const hosts = words.list('allow-host').map((given) => {
    const host = /:\d+$/.test(given) ? canonicalHost(given) : null
    if (host === null) throw words.error(`--allow-host is ${JSON.stringify(given)}, expected HOST:PORT`)
    return host
  })
  return {
    command: 'window',
    port: words.number('port', (given) => wholeNumber(given, 0, 65_535), 'a port up to 65535, or 0 for any'),
    allowedHosts: hosts,
    stateDir: words.text('state'),
    open: words.has('open') ? true : words.has('no-open') ? false : null,
    ...words.common(),
  }
}

const parsers: Readonly<Record<CommandName, (words: Words) => Command>> = {
  arenas: (words) => ({
    command: 'arenas',
    source: words.operand('SOURCE'),
    check: words.has('check'),
    offsets: words.has('offsets'),
    ...words.common(),
  }),
  sync: (words) => ({
    command: 'sync',
    source: words.operand('SOURCE'),
    targets: words.list('to'),
    stateDir: words.text('state'),
    mirrorName: words.text('name'),
    audit: words.has('audit'),
    dryRun: words.has('dry-run'),
    limitBytesPerSecond: words.number('limit', parseRate, rateForms),
    sourceVenti: words.text('source-venti'),
    sourceHttp: words.text('source-http'),
    flushSource: words.has('flush-source'),
    ninefat: ninefatOf(words),
    fossil: words.text('fossil'),
    verify: verifiesSync(words),
    waitMs: words.number('wait', parseMinutes, minuteForms),
    checkpointMs: words.number('checkpoint', parseSeconds, secondForms),
    timeoutMs: words.number('timeout', parseSeconds, secondForms),
    ...words.common(),
  }),
  status: (words) => ({
    command: 'status',
    name: words.optionalOperand(),
    stateDir: words.text('state'),
    ...words.common(),
  }),
  serve: (words) => ({
    command: 'serve',
    file: words.operand('FILE'),
    listen: words.text('listen') ?? defaultListen,
    sizeBytes: words.number('size', parseSize, sizeForms),
    arenaBytes: words.number('arena-size', parseSize, sizeForms),
    compress: !words.has('no-compress'),
    ...words.common(),
  }),
  partitions: (words) => ({
    command: 'partitions',
    disk: words.optionalOperand(),
    showScores: words.has('show-scores'),
    ...words.common(),
  }),
  wrcmd: wrcmdOf,
  roots: rootsOf,
  ls: (words) => ({
    command: 'ls',
    long: words.has('long'),
    recursive: words.has('recursive'),
    ...inTreeOf(words, words.operand('SCORE')),
  }),
  cat: (words) => ({ command: 'cat', ...inTreeOf(words, words.operand('SCORE')) }),
  extract: extractOf,
  recover: (words) => ({
    command: 'recover',
    stateDir: words.text('state'),
    ...inTreeOf(words, words.operand('SCORE')),
  }),
  verify: verifyOf,
  window: windowOf,
  demo: (words) => {
    if (words.optionalOperand() !== null) throw words.error('it takes no arguments')
    return { command: 'demo', keep: words.text('keep'), ...words.common() }
  },
}

const isCommandName = (word: string): word is CommandName => (commandNames as readonly string[]).includes(word)

function unknownCommand(word: string): AppError {
  const what = word.startsWith('-') ? 'option' : 'command'
  return usageError(
    null,
    `unknown ${what} ${JSON.stringify(word)}; the commands are ${commandNames.join(', ')} and help`,
  )
}

/** Throws AppError('usage'). `argv` is what stands behind the program's name. */
export function parseCommand(argv: readonly string[]): Command {
  const [first, ...rest] = argv
  const plain: Common = { json: false, progress: false }
  if (first === undefined) throw usageError(null, `a command is missing: ${commandNames.join(', ')} or help`)
  if (first === '--version' || first === '-V') return { command: 'version', ...plain }
  if (first === '--help' || first === '-h' || first === 'help') {
    const topic = rest[0]
    if (topic === undefined) return { command: 'help', topic: null, ...plain }
    if (!isCommandName(topic)) throw unknownCommand(topic)
    return { command: 'help', topic, ...plain }
  }
  if (!isCommandName(first)) throw unknownCommand(first)
  const words = new Words(first, rest)
  return words.has('help') ? { command: 'help', topic: first, ...plain } : parsers[first](words)
}

function hasFlag(argv: readonly string[], flagText: string): boolean {
  const end = argv.indexOf('--')
  return (end < 0 ? argv : argv.slice(0, end)).includes(flagText)
}

/** Whether a command line that could not be understood asked for JSON. */
export function asksForJson(argv: readonly string[]): boolean {
  return hasFlag(argv, '--json')
}

/** Whether keys of machines nobody knows yet are to be kept without a question, in whatever command. */
export function acceptsNewKeys(argv: readonly string[]): boolean {
  return hasFlag(argv, '--accept-new')
}
