// The result of a verification as text: what was found, then each fault with where it belongs and what helps. Pure.

import type {
  DrillResult,
  FaultyBlock,
  MissingReason,
  VerifyResult,
  VerifySnapshot,
} from '../../shared/model/verify.ts'
import { countOf, formatBytes, formatCount, formatDuration } from '../../shared/text/format.ts'

const reasons: Readonly<Record<MissingReason, string>> = {
  'not-sent-yet': 'not sent yet: the next sync brings it, or --repair',
  'not-on-disk-yet': "only in the memory of the source's own server yet: sync again in a few minutes",
  'damaged-in-source': 'damaged in the source too: no good copy is known',
  'lost-on-target': 'it was sent, and lost on the target: --repair sends it again',
  'damaged-on-target':
    'damaged on the target: it knows the block and cannot give it back, and sending it again may store nothing. ' +
    'Repair or replace that arena there, or mirror to another venti',
  nowhere: 'in no arena of the source',
  unknown: '"venti-mirror verify" with --source SOURCE says why',
}

/** More are in --json. */
const maxShown = 50

const kinds: Readonly<Record<number, string>> = { 0: 'data', 8: 'directory', 16: 'root' }

function faultLines(what: string, faults: readonly FaultyBlock[]): readonly string[] {
  const lines = faults.slice(0, maxShown).flatMap((fault) => {
    const { score, type, path, arena, offset, reason, detail, repaired } = fault
    const place = arena === null ? '' : `, ${arena} at 0x${(offset ?? 0).toString(16)}`
    const words = detail === null ? '' : ` (${detail})`
    const outcome = repaired ? 'sent and read back' : reasons[reason]
    return [`  ${what} ${kinds[type] ?? 'pointer'} block ${score} of ${path}${place}`, `    ${outcome}${words}`]
  })
  return faults.length > maxShown ? [...lines, `  and ${faults.length - maxShown} more (--json lists them)`] : lines
}

function isOnlyTheDrill({ drill, blocks, good, missing, corrupt, problems, unlisted }: VerifyResult): boolean {
  if (drill === null || drill.ok || blocks === 0 || good !== blocks) return false
  return [...missing, ...corrupt].every((one) => one.repaired) && problems.length === 0 && unlisted === 0
}

function drillLines(drill: DrillResult | null): readonly string[] {
  if (drill === null) return []
  const { files, bytes, compared, seed } = drill
  const bad = files.filter((one) => !one.ok)
  const of = bad.length === 0 ? '' : `${formatCount(files.length - bad.length)} of `
  const how = compared ? 'compared byte for byte with the source' : 'every block compared with its score (no --source)'
  return [
    files.length === 0
      ? `  drill: no file could be read (seed ${seed})`
      : `  drill: ${of}${countOf(files.length, 'file')} read whole, ${how}: ${formatBytes(bytes)} ` +
        `(--drill ${files.length} --seed ${seed} repeats it)`,
    ...bad.slice(0, maxShown).map(({ path, problem }) => `    ${path}: ${problem}`),
    ...(bad.length > maxShown ? [`    and ${bad.length - maxShown} more (--json lists them)`] : []),
  ]
}

function resumedLines({ resumed, cancelled }: VerifyResult): readonly string[] {
  const lines: string[] = []
  if (resumed !== null) {
    lines.push(
      `  ${countOf(resumed.blocks, 'block')} found by the check begun at ${resumed.since}, which was interrupted, ` +
        'and not asked for again (--from-start asks for all)',
    )
  }
  if (cancelled) lines.push('  the next check of it goes on from here')
  return lines
}

function headline(result: VerifyResult): string {
  const { ok, root, dial, cancelled } = result
  if (cancelled) return `${root} on ${dial}: interrupted, not verified`
  if (isOnlyTheDrill(result)) return `${root} on ${dial}: every block was found, but the restore drill FAILED`
  return ok ? `${root} is whole on ${dial}` : `${root} is NOT whole on ${dial}`
}

export function verifyLines(result: VerifyResult): readonly string[] {
  const { blocks, good, bytes, depth, missing, corrupt, problems, unlisted, repaired, warnings, durationMs } = result
  const how = depth === 'full' ? 'read back and compared with their scores' : 'present, those that lead to others read'
  const open = (faults: readonly FaultyBlock[]): number => faults.filter((one) => !one.repaired).length
  return [
    headline(result),
    `  ${formatCount(good)} of ${countOf(blocks, 'block')} ${how}: ${formatBytes(bytes)} in ${formatDuration(durationMs)}`,
    `  ${countOf(result.files, 'file')} in ${countOf(result.directories, 'directory', 'directories')}` +
      (missing.length + corrupt.length === 0
        ? ''
        : `; missing ${open(missing)}, damaged ${open(corrupt)}, repaired ${repaired}`),
    ...faultLines('missing', missing),
    ...faultLines('damaged', corrupt),
    ...problems.slice(0, maxShown).map(({ path, message }) => `  wrong in the archive: ${path}: ${message}`),
    ...(problems.length > maxShown ? [`  and ${problems.length - maxShown} more (--json lists them)`] : []),
    ...(unlisted > 0 ? [`  ${countOf(unlisted, 'further fault')} not listed`] : []),
    ...resumedLines(result),
    ...drillLines(result.drill),
    ...warnings.map((warning) => `  note: ${warning}`),
  ]
}

export function verifyProgress(snapshot: VerifySnapshot): readonly string[] {
  const { known, checked, faults, blocksPerSecond, path } = snapshot
  const found = faults === 0 ? '' : `, ${countOf(faults, 'fault')}`
  return [
    `${formatCount(checked)} of ${formatCount(known)} blocks known so far, ${formatCount(blocksPerSecond)} a second${found}, ${path}`,
  ]
}
