// What was typed behind a command, as that command's flags allow it: flags, values and operands, each given once.

import { parseArgs, type ParseArgsConfig } from 'node:util'
import { AppError } from '../../shared/errors.ts'
import { reachesMachines, usageLine, type CommandName } from './help.ts'

export type Common = { readonly json: boolean; readonly progress: boolean }

type Flags = NonNullable<ParseArgsConfig['options']>

const flag = { type: 'boolean' } as const
const text = { type: 'string' } as const
const several = { type: 'string', multiple: true } as const
const everywhere = { help: { type: 'boolean', short: 'h' } } as const satisfies Flags
const reaching = { 'accept-new': flag } as const satisfies Flags
const reporting = { json: flag, progress: flag } as const satisfies Flags

export const flagsOf = {
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
    'source-http': text,
    'flush-source': flag,
    '9fat': text,
    'no-9fat': flag,
    fossil: text,
    verify: flag,
    wait: text,
    checkpoint: text,
    timeout: text,
  },
  status: { json: flag, state: text },
  serve: { listen: text, size: text, 'arena-size': text, 'no-compress': flag },
  partitions: { json: flag, 'show-scores': flag },
  wrcmd: {
    json: flag,
    source: text,
    state: text,
    host: text,
    arena: text,
    offset: text,
    at: text,
    partition: text,
    'dry-run': flag,
    list: flag,
    backup: text,
    force: flag,
  },
  roots: {
    ...reporting,
    at: text,
    timeout: text,
    'show-scores': flag,
    'append-to': text,
    partition: text,
    venti: text,
    state: text,
  },
  ls: { json: flag, at: text, timeout: text, long: { type: 'boolean', short: 'l' }, recursive: flag },
  cat: { at: text, timeout: text },
  verify: {
    ...reporting,
    at: text,
    timeout: text,
    full: flag,
    source: text,
    'source-venti': text,
    repair: flag,
    wait: text,
    drill: text,
    seed: text,
    'from-start': flag,
    state: text,
    'show-scores': flag,
  },
  extract: { ...reporting, at: text, timeout: text, force: flag, 'max-file': text },
  recover: { ...reporting, at: text, timeout: text, state: text },
  window: { json: flag, port: text, 'allow-host': several, state: text, open: flag, 'no-open': flag },
  demo: { ...reporting, keep: text },
} as const satisfies Record<CommandName, Flags>

export function usageError(command: CommandName | null, problem: string): AppError {
  const usage = usageLine(command).replaceAll(/\s+/g, ' ')
  const prefix = command === null ? '' : `${command}: `
  return new AppError('usage', `${prefix}${problem}`, { data: { usage, next: `usage: ${usage}` } })
}

/** The words of one command, as its flags allow them. */
export class Words {
  readonly #command: CommandName
  readonly #values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>
  readonly #operands: readonly string[]

  constructor(command: CommandName, argv: readonly string[]) {
    this.#command = command
    const options: Flags = { ...everywhere, ...(reachesMachines(command) ? reaching : {}), ...flagsOf[command] }
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

  operands(first: string, second: string): [string, string] {
    const [one, two, extra] = this.#operands
    if (one === undefined || two === undefined) throw this.error(`${one === undefined ? first : second} is missing`)
    if (extra !== undefined) throw this.error(`unexpected argument ${JSON.stringify(extra)}`)
    if (one === '' || two === '') throw this.error('an argument is empty')
    return [one, two]
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

  /** A word of a fixed set, then one operand. */
  actionAndOperand<Action extends string>(actions: readonly Action[], what: string): [Action, string] {
    const [word, operand, extra] = this.#operands
    const action = actions.find((one) => one === word)
    const choice = `${actions.slice(0, -1).join(', ')} or ${actions.at(-1)}`
    if (word === undefined) throw this.error(`${choice} is missing`)
    if (action === undefined) throw this.error(`${JSON.stringify(word)} is not ${choice}`)
    if (operand === undefined) throw this.error(`${what} is missing`)
    if (extra !== undefined) throw this.error(`unexpected argument ${JSON.stringify(extra)}`)
    if (operand === '') throw this.error('an argument is empty')
    return [action, operand]
  }

  /** Options that mean nothing here. */
  refuse(names: readonly string[], why: string): void {
    const given = names.find((name) => this.#values[name] !== undefined)
    if (given !== undefined) throw this.error(`--${given} ${why}`)
  }

  common(): Common {
    return { json: this.has('json'), progress: this.has('progress') }
  }
}
