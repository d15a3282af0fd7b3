// Which lines of an ssh_config hold for one host, and the first value of each keyword among them. Authority: ssh_config(5),
// readconf.c. Pure. Unlike ssh, Host patterns do not mind upper and lower case, since addresses here do not keep it.

import { matchesSome } from './host-pattern.ts'
import { configArguments, configError, type ConfigLine } from './ssh-config-line.ts'
import type { ConfigBlock, SshConfig } from './ssh-config-file.ts'

export type ConfigValues = {
  /** By keyword in lower case: the line that counts. */
  readonly first: ReadonlyMap<string, ConfigLine>
  /** Every line with IdentityFile: they add up. */
  readonly identityFiles: readonly ConfigLine[]
  /** What was passed over, in words. */
  readonly notes: readonly string[]
}

/** Throws `ssh-login` for a line that ssh would not understand. */
export function valuesFor(config: SshConfig, host: string): ConfigValues {
  const first = new Map<string, ConfigLine>()
  const identityFiles: ConfigLine[] = []
  const notes: string[] = []

  function isMatchAll(line: ConfigLine): boolean {
    const words = configArguments(line).map((word) => word.toLowerCase())
    if (words.length === 1 && (words[0] === 'all' || words[0] === '!all')) return words[0] === 'all'
    notes.push(
      `${line.file}, line ${line.line}: "Match ${line.rest}" and what stands under it is passed over; only "Match all" is understood`,
    )
    return false
  }

  function take(line: ConfigLine): void {
    if (line.rest === '') throw configError(line, `nothing stands after ${line.keyword}`)
    if (line.keyword === 'identityfile') identityFiles.push(line)
    else if (!first.has(line.keyword) && !isShutOut(line, first)) first.set(line.keyword, line)
  }

  /** A Host or Match line holds to the next one or the end of its file; under one that does not, nothing included does. */
  function walk(block: ConfigBlock, isPossible: boolean): void {
    let isActive = isPossible
    for (const line of block) {
      if (!('keyword' in line)) walk(line, isActive)
      else if (line.keyword === 'host') isActive = isPossible && isHost(line, host)
      else if (line.keyword === 'match') isActive = isPossible && isMatchAll(line)
      else if (isActive) take(line)
    }
  }

  for (const block of config) walk(block, true)
  return { first, identityFiles, notes }
}

function isHost(line: ConfigLine, host: string): boolean {
  const patterns = configArguments(line).map((pattern) => pattern.toLowerCase())
  if (patterns.length === 0 || patterns.includes('')) throw configError(line, 'nothing stands after host')
  return matchesSome(host.toLowerCase(), patterns)
}

/** Of ProxyJump and ProxyCommand the first one counts; a ProxyJump of "none" leaves room for a ProxyCommand after it. */
function isShutOut({ keyword, rest }: ConfigLine, first: ReadonlyMap<string, ConfigLine>): boolean {
  if (keyword === 'proxyjump') return first.has('proxycommand') && !isNone(rest)
  if (keyword !== 'proxycommand') return false
  const jump = first.get('proxyjump')
  return jump !== undefined && !isNone(jump.rest)
}

export function isNone(text: string): boolean {
  return text.toLowerCase() === 'none'
}
