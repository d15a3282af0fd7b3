// wrcmd on the 9fat: one command line for wrarena, run as it stands by the script ventiprog, which then puts the new clump
// offset into it by two substitutions: from the FIRST "0x" to the end of the line, and, for further targets, from the
// FIRST to the LAST "!". Authority: ANTS scripts/ventiprog, plan9-disks.md 6. Parsed as data and never executed.

import { AppError, asAppError } from '../../../shared/errors.ts'
import type { WrarenaCommand, WrcmdProblem } from '../../../shared/model/bookkeeping.ts'
import { scanWords, shown, splitWords, valueAt, withValue, type ScannedWords } from './wrcmd-words.ts'

/** Longer than any command line that fits its purpose: more is not looked at. */
export const maxWrcmdLength = 8192

const defaultProgram = 'venti/wrarena'

export type ParsedWrcmd = {
  /** Null when the text cannot be understood as one wrarena command at all. With errors it may still be there. */
  readonly command: WrarenaCommand | null
  readonly problems: readonly WrcmdProblem[]
}

export type WrcmdPosition = {
  readonly arenaOffset: number
  readonly clumpOffset: number
  /** Three parts: net!host!port. Left out: as it was. */
  readonly host?: string
  readonly partition?: string
}

/** True when nothing is wrong with it that would make it do something else than its owner means. */
export function isUsable(parsed: ParsedWrcmd): parsed is ParsedWrcmd & { readonly command: WrarenaCommand } {
  return parsed.command !== null && parsed.problems.every(({ severity }) => severity === 'warning')
}

/** Any text, one character per byte of the file; never throws. What it says of a word never holds a root score (R10). */
export function parseWrcmd(text: string): ParsedWrcmd {
  const problems: WrcmdProblem[] = []
  const command = new Parser(problems).parse(text)
  return { command, problems }
}

/**
 * The line that puts `command` at a position, and nothing else of it changed: program, order of options, further options.
 * One line with a newline, that ventiprog can continue from; throws `bad-wrcmd` when the words do not allow one.
 */
export function nextWrcmd(command: WrarenaCommand, next: WrcmdPosition): string {
  let words = command.words
  let scan = scanWords(words)
  if (scan.problem !== null) throw refused(scan.problem)
  const set = (place: ScannedWords['host'][number] | undefined, flag: string, value: string): void => {
    words = place === undefined ? words.toSpliced(1, 0, flag, value) : withValue(words, place, value)
    scan = scanWords(words)
  }
  // Inserted in front of what is there, so -o first: then -h stands before it, as everybody writes it.
  set(scan.arenaOffset[0], '-o', arenaWord(next.arenaOffset))
  if (next.host !== undefined) set(scan.host[0], '-h', next.host)
  const [partition, last] = scan.operands
  if (partition === undefined) throw refused('the partition is missing')
  if (next.partition !== undefined) words = words.with(partition, next.partition)
  const offset = lastWord(next.clumpOffset)
  words = last === undefined ? [...words, offset] : words.with(last, offset)
  return checkedLine(words)
}

/** A line from nothing, for a 9fat that has no wrcmd yet. Throws `bad-wrcmd` like `nextWrcmd`. */
export function formatWrcmd(position: Required<WrcmdPosition>, program: string = defaultProgram): string {
  const { host, arenaOffset, clumpOffset, partition } = position
  return checkedLine([program, '-h', host, '-o', arenaWord(arenaOffset), partition, lastWord(clumpOffset)])
}

/** The same, or null where no good line can be made. */
export function proposeWrcmd(command: WrarenaCommand, next: WrcmdPosition): string | null {
  try {
    return nextWrcmd(command, next)
  } catch (error) {
    if (asAppError(error).code === 'bad-wrcmd') return null
    throw error
  }
}

function refused(why: string): AppError {
  return new AppError('bad-wrcmd', `no wrcmd can be written: ${why}`)
}

function arenaWord(offset: number): string {
  if (!Number.isSafeInteger(offset) || offset < 0) throw refused(`the arena offset is ${offset}`)
  return String(offset)
}

/** 0x0 for zero: the script needs the 0x to find the place. */
function lastWord(offset: number): string {
  if (!Number.isSafeInteger(offset) || offset < 0) throw refused(`the clump offset is ${offset}`)
  return `0x${offset.toString(16)}`
}

/** A word with a blank in it would be two; everything else is for the parser to say. */
function checkedLine(words: readonly string[]): string {
  const odd = words.find((word) => word === '' || /[ \t\r\n]/.test(word))
  if (odd !== undefined) throw refused(`${shown(odd)} is empty or has a blank in it; its words are split there`)
  const line = words.join(' ')
  const error = parseWrcmd(line).problems.find(({ severity }) => severity === 'error')
  if (error !== undefined) throw refused(error.message)
  return `${line}\n`
}

/** Collects every problem of one text; the fields that can be understood come out all the same, for a proposal. */
class Parser {
  readonly #problems: WrcmdProblem[]

  constructor(problems: WrcmdProblem[]) {
    this.#problems = problems
  }

  parse(text: string): WrarenaCommand | null {
    if (text.length > maxWrcmdLength) {
      return this.#fail(`it is ${text.length} bytes long: no command line, and nothing of it was looked at`)
    }
    const words = this.#words(text)
    const program = words[0]
    if (program === undefined) return this.#fail('it is empty; the commands it held before stand in rootscor')
    if (!this.#checkProgram(program)) return null
    this.#checkCharacters(words)
    const scan = scanWords(words)
    if (scan.problem !== null) return this.#fail(scan.problem)
    const arenaOffset = this.#arenaOffset(words, scan)
    const host = this.#host(words, scan)
    this.#checkFlags(words, scan)
    const operands = this.#operands(words, scan)
    this.#checkExclamations(words, scan)
    if (operands === null) return null
    this.#checkHexElsewhere(words, scan)
    return { words, program, host, arenaOffset, ...operands }
  }

  #fail(message: string): null {
    this.#error(message)
    return null
  }

  #error(message: string): void {
    this.#problems.push({ severity: 'error', message })
  }

  #warn(message: string): void {
    this.#problems.push({ severity: 'warning', message })
  }

  #words(text: string): readonly string[] {
    const lines = text.split('\n').filter((line) => splitWords(line).length > 0)
    const own = lines.filter((line) => /[^ \t\r]/.test(line))
    if (own.length > 1) {
      this.#error(`it has ${own.length} lines; expected one: the script would run all their words as one command`)
    }
    if (text.includes('\r')) {
      const onlyAtEnd = lines.length === 1 && /^[^\r]*[^ \t\r]\r[ \t]*$/.test(lines[0] as string)
      if (onlyAtEnd) this.#warn('a CR stands behind the last word, from another system; the next change removes it')
      else this.#error('CR characters stand in it that the script would take for parts of the command')
    }
    return splitWords(text.replaceAll('\r', ' '))
  }

  #checkProgram(program: string): boolean {
    if (program.startsWith('#')) {
      this.#error('it begins with "#": wrcmd is no script; its words are run as one command, comments and all')
    } else if (/^vac:/i.test(program)) {
      this.#error('it begins with a root score: that is a line of rootscor, not a command')
    } else if (!program.endsWith('wrarena')) {
      this.#error(`it would run ${shown(program)}; expected a program whose name ends in wrarena`)
    } else return true
    return false
  }

  #checkCharacters(words: readonly string[]): void {
    // oxlint-disable-next-line no-control-regex -- a file from a disk may hold anything
    const control = words.find((word) => /[\x00-\x1f\x7f]/.test(word))
    if (control !== undefined) this.#error(`a control character stands in ${shown(control)}`)
    const quoted = words.find((word) => /['"`$;&|<>{}]/.test(word))
    if (quoted !== undefined) {
      this.#error(
        `${shown(quoted)} is handed over as it stands: wrcmd is split at blanks and run without a shell, so there are no quotes, variables or operators`,
      )
    }
  }

  #arenaOffset(words: readonly string[], scan: ScannedWords): number | null {
    const [place, again] = scan.arenaOffset
    if (place === undefined) {
      this.#error('-o is missing: wrarena would look for an arena at byte 0, and print no end offset to go on from')
      return null
    }
    if (again !== undefined) this.#error('-o is given twice')
    const text = valueAt(words, place)
    const isHex = /^0x[0-9a-f]+$/i.test(text)
    const value = isHex || /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (!Number.isSafeInteger(value)) {
      this.#error(`-o is ${shown(text)}, expected the decimal number of the byte where an arena starts`)
      return null
    }
    if (isHex) {
      this.#error(
        `-o is ${text}: ventiprog replaces everything from the first 0x on, and would lose the partition and the offset; write ${value}`,
      )
    } else if (/^0\d/.test(text)) {
      this.#error(`-o is ${text}: with a 0 in front wrarena reads it as octal; write ${value}`)
    }
    return value
  }

  #host(words: readonly string[], scan: ScannedWords): string | null {
    const [place, again] = scan.host
    if (place === undefined) {
      this.#warn(
        'there is no -h: blocks go to whatever $venti is when it runs, and ventiprog cannot name other targets in it',
      )
      return null
    }
    if (again !== undefined) this.#error('-h is given twice')
    const host = valueAt(words, place)
    const parts = host.split('!')
    if (host === '/dev/null') this.#error('-h is /dev/null: nothing is sent, and the offset moves on all the same')
    else if (parts.includes('')) this.#error(`-h is ${shown(host)}: a part of it is empty, expected tcp!HOST!17034`)
    else if (parts.length > 3) {
      this.#error(`-h is ${shown(host)}: it has ${parts.length} parts, expected three: tcp!HOST!17034`)
    } else if (parts.length < 3) {
      this.#warn(
        `-h is ${shown(host)}: without the three parts of tcp!HOST!17034 ventiprog sends to this one server in place of every other target`,
      )
    }
    return host
  }

  #checkFlags(words: readonly string[], scan: ScannedWords): void {
    for (const place of scan.clumpLimit) {
      const text = valueAt(words, place)
      if (/^[1-9]\d*$/.test(text)) this.#warn(`-M ${text}: it stops after ${text} blocks each time`)
      else this.#error(`-M is ${shown(text)}, expected a number of blocks`)
    }
    if (scan.flags.has('f')) this.#warn('-f: damaged blocks are sent unchecked')
  }

  #operands(words: readonly string[], scan: ScannedWords): { partition: string; clumpOffset: number } | null {
    const [partition, offset, ...more] = scan.operands.map((word) => words[word] as string)
    if (more.length > 0) {
      return this.#fail(
        `${scan.operands.length} words stand behind the options, expected two: the partition and the clump offset`,
      )
    }
    if (partition === undefined || (offset === undefined && isNumber(partition))) {
      return this.#fail('the partition is missing')
    }
    if (offset === undefined) {
      this.#error('the clump offset is missing: ventiprog would replace nothing, and never get further; write 0x0')
      return { partition, clumpOffset: 0 }
    }
    const clumpOffset = isNumber(offset) ? Number(offset) : Number.NaN
    if (!Number.isSafeInteger(clumpOffset) || /^0\d/.test(offset)) {
      return this.#fail(`the last word is ${shown(offset)}, expected a clump offset in hex such as 0x14f55e1f`)
    }
    const written = `0x${clumpOffset.toString(16)}`
    if (!/^0x/i.test(offset)) {
      this.#error(`the last word is ${offset}, without 0x: ventiprog would never get further; write ${written}`)
    } else if (offset.startsWith('0X')) {
      this.#warn(`the last word is ${offset}: ventiprog looks for 0x and would never get further; write ${written}`)
    }
    return { partition, clumpOffset }
  }

  #checkExclamations(words: readonly string[], scan: ScannedWords): void {
    const hosts = new Set(scan.host.map(({ word }) => word))
    const odd = words.find((word, index) => word.includes('!') && !hosts.has(index))
    if (odd !== undefined) {
      this.#error(
        `${shown(odd)} has a "!": for another target ventiprog replaces everything from the first to the last of them`,
      )
    }
  }

  #checkHexElsewhere(words: readonly string[], scan: ScannedWords): void {
    const [, last] = scan.operands
    const said = new Set(scan.arenaOffset.filter((place) => /^0x/i.test(valueAt(words, place))).map(({ word }) => word))
    const odd = words.find((word, index) => index !== last && !said.has(index) && word.includes('0x'))
    if (odd !== undefined) {
      this.#error(
        `${shown(odd)} has a 0x: ventiprog replaces everything from the first 0x to the end of the line, and would lose what follows`,
      )
    }
  }
}

function isNumber(word: string): boolean {
  return /^(0x[0-9a-f]+|\d+)$/i.test(word)
}
