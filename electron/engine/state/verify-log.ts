// verify/NAME.jsonl: one line per check of an archive on a target, appended and never rewritten; root scores are masked
// (R10). NAME is the mirror whose target it is, else made from the target's address.

import { hash } from 'node:crypto'
import { join } from 'node:path'
import { maskScore, type RootScore } from '../../../shared/model/score.ts'
import type { VerifyRecord } from '../../../shared/model/verify.ts'
import { appendLine } from './atomic-write.ts'
import { readLineLog } from './line-log.ts'
import { listMirrors } from './mirror-file.ts'

export function verifyLogPath(stateDir: string, name: string): string {
  return join(stateDir, 'verify', `${name}.jsonl`)
}

/** The mirror that is known, else the first (by name) with this target, else `tcp-host-port`. */
export async function verifyLogName(stateDir: string, dial: string, mirrorName: string | null): Promise<string> {
  if (mirrorName !== null) return mirrorName
  const { mirrors } = await listMirrors(stateDir)
  const mirror = mirrors.find(({ targets }) => targets.some((target) => target.dial === dial))
  return mirror?.name ?? nameOfDial(dial)
}

function nameOfDial(dial: string): string {
  const name = dial
    .replaceAll(/[^A-Za-z0-9.-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 64)
  return name === '' ? 'target' : name
}

const rootKeyDigits = 32

/** A score is itself a hash and cannot be guessed, so that its hash gives nothing away (R10). */
export function rootKeyOf(root: RootScore): string {
  return hash('sha256', `venti-mirror root ${root}`, 'hex').slice(0, rootKeyDigits)
}

/** A line of an older version is taken for the root's when it looks alike; with `surely` it is not. */
export function isRecordOf({ root: masked, rootKey }: VerifyRecord, root: RootScore, surely: boolean): boolean {
  return rootKey === undefined ? !surely && masked === maskScore(root) : rootKey === rootKeyOf(root)
}

export async function appendVerifyRecord(stateDir: string, name: string, record: VerifyRecord): Promise<void> {
  await appendLine(verifyLogPath(stateDir, name), JSON.stringify(record))
}

function decodeLine(document: unknown): VerifyRecord | null {
  const line = document as Partial<VerifyRecord> | null
  const isRecord = typeof line?.at === 'string' && typeof line.root === 'string' && typeof line.ok === 'boolean'
  if (!isRecord) return null
  // Lines from before there were drills lack them.
  const { drill = null, drillSeed = null } = line
  return { ...(line as VerifyRecord), drill, drillSeed }
}

/** Oldest first; empty when there is none yet. Rejects with `state-missing` when it cannot be read. */
export async function readVerifyRecords(stateDir: string, name: string): Promise<readonly VerifyRecord[]> {
  return await readLineLog(verifyLogPath(stateDir, name), decodeLine)
}
