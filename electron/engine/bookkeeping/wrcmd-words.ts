// The words of a wrarena command line and where its values stand in them, as wrarena itself takes them apart (ARGBEGIN:
// letters may be joined, a value may be attached or be the next word, options end at the first other word). Pure.

import { maskScore, type Score } from '../../../shared/model/score.ts'
import { shownText } from '../fat/ninefat-text.ts'

/** Where a value stands: words[word].slice(at). */
export type ValuePlace = { readonly word: number; readonly at: number }

export type ScannedWords = {
  readonly host: readonly ValuePlace[]
  readonly arenaOffset: readonly ValuePlace[]
  readonly clumpLimit: readonly ValuePlace[]
  readonly flags: ReadonlySet<string>
  /** Numbers of the words behind the options. */
  readonly operands: readonly number[]
  /** What wrarena would not accept; null when it would. */
  readonly problem: string | null
}

const longestShown = 80

/** A word of somebody's file for a message: quoted, not too long, and without a root score (R10). */
export function shown(word: string): string {
  const masked = maskScoresIn(shownText(word))
  return JSON.stringify(masked.length > longestShown ? `${masked.slice(0, longestShown)}…` : masked)
}

/** Any text with every score in it masked (R10). */
export function maskScoresIn(text: string): string {
  return text.replaceAll(/(?:vac:)?([0-9a-f]{40,})/gi, (_, digits: string) => maskScore(digits.toLowerCase() as Score))
}

/** As rc splits what a command printed: at blanks, TABs and newlines, and nowhere else. */
export function splitWords(text: string): readonly string[] {
  return text.split(/[ \t\n]+/).filter((word) => word !== '')
}

/** `words[0]` is the program. */
export function scanWords(words: readonly string[]): ScannedWords {
  const places = { h: [] as ValuePlace[], o: [] as ValuePlace[], M: [] as ValuePlace[] }
  const flags = new Set<string>()
  let problem: string | null = null
  let next = 1
  while (next < words.length && problem === null) {
    const word = words[next] as string
    if (!word.startsWith('-') || word === '-') break
    const at = next++
    for (let i = 1; i < word.length; i++) {
      const letter = word[i] as string
      if (letter === 'f' || letter === 'v') {
        flags.add(letter)
        continue
      }
      if (letter !== 'h' && letter !== 'o' && letter !== 'M') {
        problem = `wrarena has no option ${shown(`-${letter}`)} (in ${shown(word)}); it has -h, -o, -M, -f and -v`
        break
      }
      if (i + 1 < word.length) places[letter].push({ word: at, at: i + 1 })
      else if (next < words.length) places[letter].push({ word: next++, at: 0 })
      else problem = `-${letter} has no value`
      break
    }
  }
  const operands = problem === null ? words.slice(next).map((_, index) => next + index) : []
  return { host: places.h, arenaOffset: places.o, clumpLimit: places.M, flags, operands, problem }
}

export function valueAt(words: readonly string[], place: ValuePlace): string {
  return (words[place.word] as string).slice(place.at)
}

/** The words with the value at `place` replaced; an attached value stays attached. */
export function withValue(words: readonly string[], place: ValuePlace, value: string): readonly string[] {
  return words.with(place.word, (words[place.word] as string).slice(0, place.at) + value)
}
