// What the script ventiprog does to a wrcmd, written down apart from the program: the words of rc, grep, and the two
// substitutions of sed as plain searches (plan9-disks.md 6.2). Nothing is run.

export type VentiprogRun = {
  /** Command lines it would run, in order. */
  readonly commands: readonly string[]
  /** null: it stopped and changed nothing. */
  readonly wrcmd: string | null
  readonly appended: string
}

/** `{cat file}: split at blanks, TABs and newlines, and nothing else. */
const rcWords = (text: string): string[] => text.split(/[ \t\n]/).filter((word) => word.length > 0)

/** sed 's/.*0x/0x/': everything up to the LAST 0x. */
function afterLastHex(line: string): string {
  const at = line.lastIndexOf('0x')
  return at < 0 ? line : line.slice(at)
}

/** sed 's/0x.*' with the new offset: from the FIRST 0x to the end of the line. */
function withNewOffset(line: string, offset: string): string {
  const at = line.indexOf('0x')
  return at < 0 ? line : line.slice(0, at) + offset
}

/** sed 's/!.*!/!target!/': from the FIRST ! to the LAST one, of which there must be two. */
function withTarget(line: string, target: string): string {
  const [first, last] = [line.indexOf('!'), line.lastIndexOf('!')]
  return first < 0 || first === last ? line : `${line.slice(0, first)}!${target}!${line.slice(last + 1)}`
}

/** `wrarena` gives the standard output of a command line. */
export function runVentiprog(
  wrcmd: string,
  targets: readonly string[],
  wrarena: (command: string) => string,
): VentiprogRun {
  const old = rcWords(wrcmd).join(' ')
  const commands = [old]
  const lines = wrarena(old).split('\n')
  const offsets = rcWords(
    lines
      .filter((line) => line.includes('offset'))
      .map(afterLastHex)
      .join('\n'),
  )
  if (offsets.length === 0) return { commands, wrcmd: null, appended: '' }
  for (const target of targets) commands.push(rcWords(withTarget(old, target)).join(' '))
  // Two words make two programs for sed, which then prints nothing: echo writes a blank line. A new text without "0x" is
  // put in as it is, and the time after that there is nothing to replace.
  const next = offsets.length === 1 ? rcWords(withNewOffset(old, offsets[0] as string)).join(' ') : ''
  return { commands, wrcmd: `${next}\n`, appended: `${old}\n${next}\n` }
}

/** The fields of a command as wrarena takes them; null where it would print its usage. Only what the tests write. */
export function wrarenaFields(
  command: string,
): { host: string; offset: number; partition: string; clump: number } | null {
  const words = rcWords(command)
  const value = (flag: string): string => words[words.indexOf(flag) + 1] ?? ''
  const rest = words.slice(Math.max(words.indexOf('-o'), words.indexOf('-h')) + 2)
  if (rest.length !== 2) return null
  return {
    host: value('-h'),
    offset: Number(value('-o')),
    partition: rest[0] as string,
    clump: Number(rest[1]),
  }
}
