// The command lines that do what the window does, for a POSIX shell: shown beside every action, to be copied. Exact, so that
// whoever pastes one gets the same mirror, state and targets.

import { hexNumber } from '../engine/bytes/hex.ts'
import { defaultStateDir } from '../platform/paths.ts'
import type { ServiceContext } from './context.ts'

type Where = Pick<ServiceContext, 'stateDir' | 'environment' | 'home'>

/** One word, quoted where it has to be. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./…-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** Nothing where the command line would take this folder by itself, and for another machine (null). */
export function stateWords(where: Where | null): readonly string[] {
  if (where === null) return []
  const { stateDir, environment, home } = where
  const usual = defaultStateDir({ platform: process.platform, environment, home })
  return stateDir === usual ? [] : ['--state', stateDir]
}

function line(...words: readonly string[]): string {
  return ['venti-mirror', ...words].map(shellWord).join(' ')
}

const toWords = (dials: readonly string[]): readonly string[] => dials.flatMap((dial) => ['--to', dial])

export type SyncCommandParts = {
  /** Name of a mirror, or a path. */
  readonly source: string
  /** Empty: those of the mirror. */
  readonly dials: readonly string[]
  readonly name?: string
  readonly ninefat?: string | null
  readonly fossil?: string | null
  readonly limitBytesPerSecond?: number | null
  readonly verify?: boolean
  readonly dryRun?: boolean
}

/** `where` null: for another machine, whose folders are its own. */
export function syncCommand(parts: SyncCommandParts, where: Where | null): string {
  const { source, dials, name, ninefat = null, fossil = null, limitBytesPerSecond = null } = parts
  return line(
    'sync',
    source,
    ...toWords(dials),
    ...(name === undefined ? [] : ['--name', name]),
    ...(ninefat === null ? [] : ['--9fat', ninefat]),
    ...(fossil === null ? [] : ['--fossil', fossil]),
    ...(limitBytesPerSecond === null ? [] : ['--limit', String(limitBytesPerSecond)]),
    ...(parts.verify === true ? ['--verify'] : []),
    ...(parts.dryRun === true ? ['--dry-run'] : []),
    ...stateWords(where),
  )
}

export function wrcmdCheckCommand(ninefat: string, source: string | null): string {
  return line('wrcmd', 'check', ninefat, ...(source === null ? [] : ['--source', source]))
}

export type WrcmdSetParts = {
  readonly ninefat: string
  readonly source: string
  /** Null: the one that the line there names. */
  readonly host: string | null
  readonly arena: string | null
  readonly arenaOffset: number
  readonly clumpOffset: number
  /** Null: as the line there has it. */
  readonly partition: string | null
}

export function wrcmdSetCommand(parts: WrcmdSetParts, where: Where): string {
  const { ninefat, source, host, arena, arenaOffset, clumpOffset, partition } = parts
  return line(
    'wrcmd',
    'set',
    ninefat,
    '--source',
    source,
    ...(host === null ? [] : ['--host', host]),
    ...(arena === null ? ['--offset', String(arenaOffset)] : ['--arena', arena]),
    '--at',
    hexNumber(clumpOffset),
    ...(partition === null ? [] : ['--partition', partition]),
    ...stateWords(where),
  )
}
