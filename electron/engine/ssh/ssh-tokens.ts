// What stands for something else in values of ssh_config: ~, %h and its like, ${NAME}. Authority: ssh_config(5) "TOKENS" and
// "ENVIRONMENT VARIABLES". Pure.

import { join } from 'node:path'
import { configError, type ConfigPlace } from './ssh-config-line.ts'

/** By their letter: h host, n as given, k key alias, p port, r remote user, u local user, d home, and so on. */
export type Tokens = Readonly<Record<string, string>>

/** Throws `ssh-login` for a token that is not in `tokens`. */
export function expandTokens(text: string, tokens: Tokens, place: ConfigPlace): string {
  return text.replaceAll(/%(.?)/gs, (whole, letter: string) => {
    if (letter === '%') return '%'
    const value = Object.hasOwn(tokens, letter) ? tokens[letter] : undefined
    if (value === undefined) throw configError(place, `${JSON.stringify(whole)} cannot be used here`)
    return value
  })
}

export type PathTokens = {
  readonly tokens: Tokens
  readonly home: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** A path as the user wrote it. Throws `ssh-login`. */
export function expandPath(text: string, { tokens, home, environment }: PathTokens, place: ConfigPlace): string {
  if (/^~[^/]/.test(text)) throw configError(place, `${text}: the home of another user is not looked up`)
  const path = text.startsWith('~') ? join(home, text.slice(1)) : text
  // ssh expands both in one pass: what comes out of one is not looked at by the other.
  return path
    .split(/(\$\{[^}]*\})/)
    .map((part) => {
      const name = /^\$\{([^}]*)\}$/.exec(part)?.[1]
      if (name === undefined) return expandTokens(part, tokens, place)
      const value = environment[name]
      if (value === undefined) throw configError(place, `the environment has no ${name}`)
      return value
    })
    .join('')
}
