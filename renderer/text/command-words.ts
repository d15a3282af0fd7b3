// The command lines that do what the Verify view does, before anything was asked of the service: the same texts that its
// own jobs carry (electron/service/verify-commands.ts), for a POSIX shell. A score stands in them as it is shown. Pure.

import type { VerifyDepth } from '../../shared/model/verify.ts'
import type { MirrorView } from '../../shared/model/window.ts'

/** One word, quoted where it has to be. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./…-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** A canonical dial string in the form that no shell takes for its history: HOST:PORT. */
export function dialWord(dial: string): string {
  const [network, host = '', port = ''] = dial.split('!')
  if (network === 'unix') return unixWord(dial.slice('unix!'.length))
  if (network !== 'tcp' || port === '') return shellWord(dial)
  return host.includes(':') ? `"[${host}]:${port}"` : `${host}:${port}`
}

const unixWord = (path: string): string => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`)

/** The words for a state folder that is not the usual one, as the mirror's own command has them at its end. */
const stateWords = ({ command }: Pick<MirrorView, 'command'>): string =>
  / --state (?:'.*'|\S+)$/s.exec(command)?.[0] ?? ''

export type CheckCommandOf = {
  readonly mirror: Pick<MirrorView, 'command' | 'source'>
  readonly score: string
  readonly dial: string
  readonly depth: VerifyDepth
}

export function checkCommand({ mirror, score, dial, depth }: CheckCommandOf): string {
  const full = depth === 'full' ? ' --full' : ''
  const source = shellWord(mirror.source.path)
  return `venti-mirror verify ${score} --at ${dialWord(dial)}${full} --source ${source}${stateWords(mirror)}`
}

/** In the archive; the root itself is "/". */
type InArchive = { readonly score: string; readonly dial: string; readonly path: string }

const place = ({ score, path }: InArchive): string => shellWord(`${score}${path === '/' ? '' : path}`)

export function listCommand(asked: InArchive): string {
  return `venti-mirror ls ${place(asked)} --at ${dialWord(asked.dial)} --long`
}

export function printCommand(asked: InArchive): string {
  return `venti-mirror cat ${place(asked)} --at ${dialWord(asked.dial)}`
}

/** An empty folder is one that is still to be named. */
export function extractCommand(asked: InArchive & { readonly folder: string }): string {
  const folder = asked.folder === '' ? 'FOLDER' : shellWord(asked.folder)
  return `venti-mirror extract ${place(asked)} ${folder} --at ${dialWord(asked.dial)}`
}

/** One for each place where the service looks for roots: together they list what the window lists. */
export function rootsCommands({
  ninefat,
  fossil,
  source,
}: Pick<MirrorView, 'ninefat' | 'fossil' | 'source'>): readonly string[] {
  const places = [ninefat, fossil, source.path].filter((path) => path !== null)
  return places.map((path) => `venti-mirror roots ${shellWord(path)}`)
}
