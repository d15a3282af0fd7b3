// From the words of a command line to a command with checked values, or an error of kind usage that says what is wrong
// with which word and carries the usage line. Pure: nothing is opened and no default depends on the machine.

import { parseArgs, type ParseArgsConfig } from 'node:util'
import { AppError } from '../../shared/errors.ts'
import { commandNames, usageLine, type CommandName } from './help.ts'
import { parseRate, parseSeconds, parseSize } from './numbers.ts'

type Common = { readonly json: boolean; readonly progress: boolean }

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
export type DemoCommand = Common & { readonly command: 'demo'; readonly keep: string | null }
export type HelpCommand = Common & { readonly command: 'help'; readonly topic: CommandName | null }
export type VersionCommand = Common & { readonly command: 'version' }
export type Command =
  ArenasCommand | SyncCommand | StatusCommand | ServeCommand | DemoCommand | HelpCommand | VersionCommand

type Flags = NonNullable<ParseArgsConfig['options']>

const flag = { type: 'boolean' } as const
const text = { type: 'string' } as const
const several = { type: 'string', multiple: true } as const
const everywhere = { help: { type: 'boolean', short: 'h' } } as const satisfies Flags
const reporting = { json: flag, progress: flag } as const satisfies Flags

const flagsOf = {
  arenas: { ...reporting, check: flag, offsets: flag },
  sync: {
    ...reporting,
    to: several,
    state: text,
    name: text,
    audit: flag,
    'dry-run': flag,
    limit: text,
    'source-venti': text,
    checkpoint: text,
    timeout: text,
  },
  status: { json: flag, state: text },
  serve: { listen: text, size: text, 'arena-size': text, 'no-compress': flag },
  demo: { ...reporting, keep: text },
} as const satisfies Record<CommandName, Flags>

export const defaultListen = 'tcp!127.0.0.1!17034'

export function usageError(command: CommandName | null, problem: string): AppError {
  const usage = usageLine(command).replaceAll(/\s+/g, ' ')
  const prefix = command === null ? '' : `${command}: `
  return new AppError('usage', `${prefix}${problem}`, { data: { usage, next: `usage: ${usage}` } })
}

/** The words of one command, as its flags allow them. */
class Words {
  readonly #command: CommandName
  readonly #values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>
  readonly #operands: readonly string[]

  constructor(command: CommandName, argv: readonly string[]) {
    this.#command = command
    const options: Flags = { ...everywhere, ...flagsOf[command] }
    try {
      const parsed = parseArgs({ args: [...argv], options, allowPositionals: true, tokens: true })
      this.#values = parsed.values
      this.#operands = parsed.positionals
      const seen = new Set<string>()
      for (const token of parsed.tokens) {
        if (token.kind !== 'option') continue
        if (seen.has(token.name) && options[token.name]?.multiple !== true)
          throw this.error(`${token.rawName} is given twice`)
        seen.add(token.name)
      }
    } catch (error) {
      if (error instanceof AppError) throw error
      // The first sentence says what is wrong; the rest explains "--" at length.
      const message = error instanceof Error ? error.message : String(error)
      throw this.error((message.split(/\.? To specify|\n/)[0] as string).replace(/^[A-Z]/, (c) => c.toLowerCase()))
    }
  }

  error(problem: string): AppError {
    return usageError(this.#command, problem)
  }

  has(name: string): boolean {
    return this.#values[name] === true
  }

  text(name: string): string | null {
    const value = this.#values[name]
    if (value === '') throw this.error(`--${name} is empty`)
    return typeof value === 'string' ? value : null
  }

  list(name: string): readonly string[] {
    const values = (this.#values[name] ?? []) as string[]
    if (values.includes('')) throw this.error(`--${name} is empty`)
    return values
  }

  number(name: string, parse: (text: string) => number | null, expected: string): number | null {
    const given = this.text(name)
    const value = given === null ? null : parse(given)
    if (given !== null && value === null)
      throw this.error(`--${name} is ${JSON.stringify(given)}, expected ${expected}`)
    return value
  }

  operand(what: string): string {
    const given = this.optionalOperand()
    if (given === null) throw this.error(`${what} is missing`)
    return given
  }

  optionalOperand(): string | null {
    const [first, extra] = this.#operands
    if (extra !== undefined) throw this.error(`unexpected argument ${JSON.stringify(extra)}`)
    if (first === '') throw this.error('an argument is empty')
    return first ?? null
  }

  common(): Common {
    return { json: this.has('json'), progress: this.has('progress') }
  }
}

const sizeForms = 'a size such as 4096, 512m, 20g or 0x10000'
const rateForms = 'bytes a second such as 500k or 10m'
const secondForms = 'seconds, more than 0 and at most a day'

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

/** Whether a command line that could not be understood asked for JSON. */
export function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json')
}
