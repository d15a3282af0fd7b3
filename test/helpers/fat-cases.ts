// Volumes that many tests of 9fat edits start from, and the judgement of an edit that is done.

import { expect } from 'vitest'
import { AppError } from '../../shared/errors.ts'
import type { EditPlan, FileChange } from '../../electron/engine/fat/edit.ts'
import { buildFat, type BuiltEntrySpec, type BuiltFat } from './fat-builder.ts'
import { applyPlanInMemory, planOn, readAll } from './fat-plans.ts'
import { fsckLines, hasFsck, isCleanByFsck } from './fat-programs.ts'

export const line = 'venti/wrarena -h tcp!10.0.0.9!17034 -o 794624 /dev/sdE0/arenas 0x0\n'
export const newLine = 'venti/wrarena -h tcp!10.0.0.9!17034 -o 794624 /dev/sdE0/arenas 0x96df0\n'
export const score = 'vac:e37c1246872abdc10ae805f4c234f60e096f21a8 /dev/sdE0/fossil\n'

export const wrcmd = { name: 'WRCMD', content: line }
export const rootscor = { name: 'ROOTSCOR', content: score.repeat(7) }
export const loader = { name: '9LOAD', content: 'loader '.repeat(300), attributes: 0x04 }
const efi = {
  name: 'EFI',
  entries: [{ name: 'BOOT', entries: [{ name: 'BOOTX64.EFI', content: 'efi '.repeat(400) }] }],
}
export const ordinary: readonly BuiltEntrySpec[] = [loader, efi, wrcmd, rootscor]

/** What planEdit says instead of a plan. */
export async function refusal(
  image: Uint8Array,
  changes: readonly FileChange[],
): Promise<{ code: string; message: string }> {
  try {
    await planOn(image, changes)
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, message: error.message }
    throw error
  }
  throw new Error('not refused')
}

const named = (files: ReadonlyMap<string, Buffer>, name: string): string | undefined =>
  [...files].find(([path]) => path.toUpperCase() === name)?.[1].toString('latin1')

/** Carries it out: the files as wanted, all others as before, nothing for the check or fsck.fat to complain of. */
export async function expectDone(
  built: BuiltFat,
  plan: EditPlan,
  { image = built.image, asksFsck = true } = {},
): Promise<Buffer> {
  const after = applyPlanInMemory(image, plan)
  const { files, findings } = await readAll(after)
  expect(findings).toEqual([])
  for (const { name, after: content } of plan.files) {
    expect([name, named(files, name.toUpperCase())]).toEqual([name, Buffer.from(content).toString('latin1')])
  }
  const edited = new Set(plan.files.map(({ name }) => name.toUpperCase()))
  for (const { path, content } of built.files) {
    if (!edited.has(path.toUpperCase())) expect([path, files.get(path)?.equals(content)]).toEqual([path, true])
  }
  expect(after.subarray(0, built.reservedBytes).equals(built.image.subarray(0, built.reservedBytes))).toBe(true)
  // It refuses more than two FATs, and takes what stands behind the end mark of a directory for files.
  if (asksFsck && hasFsck && built.fats <= 2 && !built.hasRubbish) {
    const lines = fsckLines(after)
    expect(isCleanByFsck(lines) ? [] : lines).toEqual([])
  }
  return after
}

export const fileOf = (built: BuiltFat, path: string) => built.files.find((file) => file.path === path)!
export const whats = ({ steps }: EditPlan): string[] =>
  steps.map((step) => (step.kind === 'flush' ? '-' : `${step.sector} ${step.what}`))

/** All clusters but these are taken, in one file that takes whatever is left. */
export function onlyFree(clusters: number, free: readonly number[], entries: readonly BuiltEntrySpec[]): BuiltFat {
  const first = buildFat({ clusters, entries })
  const rest: number[] = []
  for (let cluster = 2; cluster < clusters + 2; cluster++) {
    if (first.getFat(0, cluster) === 0 && !free.includes(cluster)) rest.push(cluster)
  }
  const filler = { name: 'FILLER', content: Buffer.alloc(rest.length * 512, 'f'), clusters: rest }
  return buildFat({ clusters, entries: [...entries, filler] })
}
