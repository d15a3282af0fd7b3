// A 9fat looked at outside the wizard, and its wrcmd set: the line is the program's own (engine/ninefat/own-wrcmd.ts), is
// written only over what the user saw there, and never under a sync that is about to move it on.

import { AppError } from '../../shared/errors.ts'
import type { Asked } from '../../shared/contract.ts'
import type { WrcmdSet } from '../../shared/model/window.ts'
import { parseWrcmd } from '../engine/bookkeeping/wrcmd.ts'
import { readNinefat, shownText } from '../engine/fat/ninefat.ts'
import { ownWrcmd, type OwnWrcmd } from '../engine/ninefat/own-wrcmd.ts'
import { writeWrcmd } from '../engine/ninefat/write-wrcmd.ts'
import { placeKey } from '../engine/source/place.ts'
import { listMirrors } from '../engine/state/mirror-file.ts'
import { wrcmdSetCommand } from './commands.ts'
import type { Core } from './core.ts'
import type { Handlers } from './handlers.ts'
import type { Setup } from './setup.ts'
import { lookAtWrcmd, seenLine, shownWrcmd } from './wrcmd-look.ts'

type Names = 'wrcmd.look' | 'wrcmd.set'
type Wish = Omit<Asked<'wrcmd.set'>, 'place' | 'source'> & { readonly ninefat: string; readonly source: string }

/** Two spellings of one place are the same 9fat. */
async function isSamePlace(one: string, other: string): Promise<boolean> {
  if (one === other) return true
  const key = await placeKey(one)
  return key !== null && key === (await placeKey(other))
}

async function mirrorsWith(stateDir: string, ninefat: string): Promise<readonly string[]> {
  const { mirrors } = await listMirrors(stateDir)
  const names: string[] = []
  for (const { name, bookkeeping } of mirrors) {
    if (bookkeeping && (await isSamePlace(bookkeeping.ninefat, ninefat))) names.push(name)
  }
  return names
}

/** One that is paused reads it anew when it goes on. */
function refuseWhileSyncing({ jobs }: Core, mirrors: readonly string[]): void {
  const busy = mirrors.find((name) => {
    const job = jobs.openSync(name)
    return job !== null && job.state !== 'paused'
  })
  if (busy === undefined) return
  throw new AppError('usage', `mirror ${busy} is being synced, and moves this wrcmd on at its end`, {
    data: { safe: 'Nothing on the 9fat was changed; the sync goes on.', next: 'Wait for its end, or cancel it first.' },
  })
}

function refuseOtherLine(ninefat: string, text: string | null, before: string | null): void {
  if (seenLine(text) === before) return
  throw new AppError('changed-9fat', `${ninefat}: wrcmd is no longer what was shown`, {
    data: { safe: 'Nothing on the 9fat was changed.', next: 'Look at the line that is there now, then decide again.' },
  })
}

/** What writes it, also where it was only shown. */
function commandFor({ ninefat, source, host }: Wish, text: string | null, own: OwnWrcmd, core: Core): string {
  const before = text === null ? null : parseWrcmd(text).command
  const after = parseWrcmd(own.line).command
  return wrcmdSetCommand(
    {
      ninefat,
      source,
      host: host ?? (before === null ? (after?.host ?? null) : null),
      arena: own.arena,
      arenaOffset: after?.arenaOffset ?? 0,
      clumpOffset: after?.clumpOffset ?? 0,
      partition: after === null || after.partition === before?.partition ? null : shownText(after.partition),
    },
    core,
  )
}

function remarksOf(own: OwnWrcmd): readonly string[] {
  const { line, fromTheStart, isPartitionGuessed, problems, remarks } = own
  const partition = parseWrcmd(line).command?.partition ?? ''
  return [
    ...(fromTheStart ? ['It begins with the first arena: nothing says how far that venti is already.'] : []),
    ...(isPartitionGuessed
      ? [`Nothing on this 9fat says what the partition is called there: ${partition} is what Plan 9 usually calls it.`]
      : []),
    ...problems.map(({ message }) => message),
    ...remarks,
  ]
}

async function setWrcmd(core: Core, setup: Setup, wish: Wish): Promise<WrcmdSet> {
  const { ninefat, source, host, before, dryRun } = wish
  const { environment, stateDir, now, places, views } = core
  const mirrors = await mirrorsWith(stateDir, ninefat)
  if (!dryRun) refuseWhileSyncing(core, mirrors)
  const { wrcmd, rootscor } = await readNinefat(ninefat)
  refuseOtherLine(ninefat, wrcmd.text, before)
  const texts = { wrcmd: wrcmd.text, rootscor: rootscor.text }
  const own = await ownWrcmd({ ninefat, source, host }, texts, { environment })
  const done = dryRun
    ? { written: false, backup: null, remarks: [] }
    : await writeWrcmd(ninefat, wrcmd.text, own.line, { stateDir, now: now() })
  if (!dryRun) {
    const draft = setup.draft?.ninefat?.place.path ?? null
    if (draft !== null && (await isSamePlace(draft, ninefat))) await setup.lookAgain()
    for (const name of mirrors) await views.changed(name)
  }
  return {
    before: seenLine(wrcmd.text),
    after: shownWrcmd(own.line),
    arena: own.arena,
    isWritten: done.written,
    backup: done.backup,
    remarks: [...remarksOf(own), ...done.remarks].map(shownWrcmd),
    look: await lookAtWrcmd(ninefat, source, places),
    command: shownWrcmd(commandFor(wish, wrcmd.text, own, core)),
  }
}

export function wrcmdHandlers(core: Core, setup: Setup): Pick<Handlers, Names> {
  const { places } = core
  return {
    'wrcmd.look': async ({ place, source }) => {
      return await lookAtWrcmd(places.pathOf(place), source === null ? null : places.pathOf(source), places)
    },
    'wrcmd.set': async ({ place, source, ...wish }) => {
      return await setWrcmd(core, setup, { ...wish, ninefat: places.pathOf(place), source: places.pathOf(source) })
    },
  }
}
