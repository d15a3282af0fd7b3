// One line of an ssh_config file: a keyword, an equals sign or blanks, and arguments that may be quoted. Authority:
// ssh_config(5), readconf.c process_config_line_depth, misc.c argv_split. Pure.

import { AppError } from '../../../shared/errors.ts'

export type ConfigPlace = { readonly file: string; readonly line: number }

/** The longest a timer of Node can wait. */
const maxTimeMs = 2 ** 31 - 1

/** One line; `rest` is what follows the keyword, quotes and comments and all. */
export type ConfigLine = ConfigPlace & { readonly keyword: string; readonly rest: string }

/** `ssh-login`: somebody has to mend the file first, as for ssh itself. */
export function configError({ file, line }: ConfigPlace, problem: string, next?: string): AppError {
  return new AppError('ssh-login', `${file}, line ${line}: ${problem}`, {
    data: { file, line, next: next ?? `Mend line ${line} of ${file} ("ssh -G HOST" reads it the same way).` },
  })
}

/** Null for an empty line and a comment. The keyword is in lower case. */
export function splitConfigLine(text: string): { readonly keyword: string; readonly rest: string } | null {
  const match = /^[ \t]*([^\s"=#][^\s"=]*)[ \t]*=?[ \t]*(.*)$/s.exec(text.replace(/[ \t\r\n\f]+$/, ''))
  if (match === null) return null
  const [, keyword, rest] = match as unknown as [string, string, string]
  return { keyword: keyword.toLowerCase(), rest }
}

/** The arguments of a line. Throws `ssh-login` for a quote that is not closed. */
export function configArguments(line: ConfigLine): readonly string[] {
  const { rest } = line
  const found: string[] = []
  let at = 0
  while (at < rest.length) {
    if (rest[at] === ' ' || rest[at] === '\t') {
      at++
      continue
    }
    if (rest[at] === '#') break
    let quote = ''
    let argument = ''
    for (; at < rest.length && (quote !== '' || (rest[at] !== ' ' && rest[at] !== '\t')); at++) {
      const character = rest[at]!
      const next = rest[at + 1] ?? ''
      const isEscape = next !== '' && (`'"\\`.includes(next) || (quote === '' && next === ' '))
      if (character === '\\' && isEscape) {
        argument += next
        at++
      } else if (quote === '' && (character === '"' || character === "'")) quote = character
      else if (character === quote) quote = ''
      else argument += character
    }
    if (quote !== '') throw configError(line, 'a quote is not closed')
    found.push(argument)
  }
  return found
}

/** The first argument. Throws `ssh-login` where there is none. */
export function configArgument(line: ConfigLine): string {
  const [argument = ''] = configArguments(line)
  if (argument === '') throw configError(line, `nothing stands after ${line.keyword}`)
  return argument
}

/** Throws `ssh-login`. */
export function configPort(line: ConfigLine): number {
  const text = configArgument(line)
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port === 0 || port > 0xffff) throw configError(line, `${JSON.stringify(text)} is not a port`)
  return port
}

/** Throws `ssh-login`. */
export function configYes(line: ConfigLine): boolean {
  const text = configArgument(line).toLowerCase()
  if (!['yes', 'true', 'no', 'false'].includes(text))
    throw configError(line, `${JSON.stringify(text)} is neither yes nor no`)
  return text === 'yes' || text === 'true'
}

/** Milliseconds, of a time such as 90 or 1m30s; null for none. Throws `ssh-login`. */
export function configTimeMs(line: ConfigLine): number | null {
  const text = configArgument(line).toLowerCase()
  if (text === 'none') return null
  if (text.length > 40 || !/^(?:\d+[smhdw])*\d*$/.test(text))
    throw configError(line, `${JSON.stringify(text)} is not a time`)
  const secondsPer: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }
  let seconds = 0
  for (const [, digits, unit] of text.matchAll(/(\d+)([smhdw]?)/g)) {
    seconds += Number(digits) * (secondsPer[unit === '' ? 's' : unit!] ?? 1)
  }
  return seconds === 0 ? null : Math.min(seconds * 1000, maxTimeMs)
}
