// The demo's scene with a 9fat: wrcmd and rootscor follow the syncs, over two arena rollovers, as ventiprog's user would have
// had to type it. Evidence comes from the 9fat's bytes: what changed, and that nothing else did.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exitStatusOf } from '../../../shared/model/run.ts'
import { changeNinefat, readNinefat, textBytes } from '../../engine/fat/ninefat.ts'
import { planWrcmd } from '../../engine/ninefat/plan-wrcmd.ts'
import type { CommandContext } from '../context.ts'
import { syncLines } from '../sync-summary.ts'
import { putDay, putNinefat, sampleArenaOffsets, sampleDays, samplePartition } from './sample.ts'
import type { Stage, Target } from './stage.ts'
import type { Step } from './step.ts'

const [day1, , day3] = sampleDays
const sectorBytes = 512

/** The line in wrcmd and how many lines rootscor has. */
async function texts(path: string): Promise<{ wrcmd: string; lines: readonly string[] }> {
  const { wrcmd, rootscor } = await readNinefat(path)
  return { wrcmd: (wrcmd.text ?? '').trim(), lines: (rootscor.text ?? '').trimEnd().split('\n') }
}

async function changedSectors(before: Uint8Array, path: string): Promise<readonly number[]> {
  const after = await readFile(path)
  const sectors: number[] = []
  for (let at = 0; at < after.length; at += sectorBytes) {
    if (Buffer.compare(before.subarray(at, at + sectorBytes), after.subarray(at, at + sectorBytes)) !== 0)
      sectors.push(at / sectorBytes)
  }
  return sectors
}

export async function playBookkeeping(step: Step, stage: Stage, context: CommandContext): Promise<void> {
  const target: Target = await stage.target('fourth')
  const ninefat = join(stage.folder, '9fat.img')
  const line = (arena: number, end: string): string =>
    `venti/wrarena -h ${target.dial} -o ${sampleArenaOffsets[arena]} ${samplePartition} ${end}`
  await Promise.all([putNinefat(ninefat), putDay(1, stage.imagePath)])
  step.say(
    'A 9fat as the scripts know it: wrcmd holds the command with the last offset. First it is given this target.',
  )
  step.command(`wrcmd set ${ninefat} --host ${target.dial} --arena arenas0 --at 0x0 --source ${stage.imagePath}`)
  const old = await readNinefat(ninefat)
  const wanted = {
    host: target.dial,
    arena: 'arenas0',
    arenaOffset: null,
    clumpOffset: 0,
    partition: null,
    source: stage.imagePath,
  }
  const before = { wrcmd: old.wrcmd.text, rootscor: old.rootscor.text }
  const { environment, signal, now } = context
  const plan = await planWrcmd({ ninefat, ...wanted }, before, { environment, signal })
  const change = { kind: 'replace', name: 'wrcmd', content: textBytes(plan.line) } as const
  await changeNinefat(ninefat, () => [change], { stateDir: stage.stateDir, now: now(), signal })
  const first = await texts(ninefat)
  step.equal('wrcmd', first.wrcmd, line(0, '0x0'))
  const image = await readFile(ninefat)

  const days = [
    { day: 1, wrcmd: line(0, day1.endOffsets[0] ?? '') },
    { day: 3, wrcmd: line(2, day3.endOffsets[2] ?? '') },
  ] as const
  let shown = first
  for (const { day, wrcmd } of days) {
    await putDay(day, stage.imagePath)
    if (day === 3) step.say('Two days later two arenas are full. The numbers nobody edits by hand any more:')
    step.command(`sync ${stage.imagePath} --to ${target.dial} --9fat ${ninefat}`)
    const result = await stage.sync(target, 'fourth', { ninefat })
    step.lines(syncLines(result))
    const after = await texts(ninefat)
    step.equal('exit status', exitStatusOf(result), 0)
    step.equal(`wrcmd after day ${day}`, after.wrcmd, wrcmd)
    const logged = [shown.wrcmd, after.wrcmd].join(' | ')
    step.equal('what rootscor got: the old command and the new one', after.lines.slice(-2).join(' | '), logged)
    step.equal('lines before them in rootscor', after.lines.length - 2, shown.lines.length)
    shown = after
  }
  const sectors = await changedSectors(image, ninefat)
  step.holds('sectors of the 9fat that changed', sectors.length > 0 && sectors.length <= 4, sectors.length, 'at most 4')
  step.equal(
    'boot sector or partition table among them',
    sectors.some((sector) => sector < 2),
    false,
  )
}
