// Plans of 9fat edits carried out in memory, and what must hold of every plan whatsoever.

import { checkVolume } from '../../electron/engine/fat/check.ts'
import type { EditPlan, FileChange } from '../../electron/engine/fat/edit.ts'
import { planEdit } from '../../electron/engine/fat/plan-edit.ts'
import { readWholeFile } from '../../electron/engine/fat/read-file.ts'
import { openVolume } from '../../electron/engine/fat/volume.ts'
import { memorySource } from './memory-source.ts'

export const march15 = new Date(2019, 2, 15, 10, 11, 13)

const bytesOf = (content: string | Uint8Array): Uint8Array => new Uint8Array(Buffer.from(content as Uint8Array))
export const replace = (name: string, content: string | Uint8Array): FileChange => ({
  kind: 'replace',
  name,
  content: bytesOf(content),
})
export const append = (name: string, content: string | Uint8Array): FileChange => ({
  kind: 'append',
  name,
  content: bytesOf(content),
})

/** `image` is left as it is. `writes`: only so many of them, as if the power had failed then. */
export function applyPlanInMemory(image: Uint8Array, { steps, sectorBytes }: EditPlan, writes = Infinity): Buffer {
  const result = Buffer.from(image)
  let left = writes
  for (const step of steps) {
    if (step.kind === 'flush') continue
    if (left-- <= 0) break
    result.set(step.bytes, step.sector * sectorBytes)
  }
  return result
}

export const countWrites = ({ steps }: EditPlan): number => steps.filter(({ kind }) => kind === 'write').length

/** Throws what planEdit throws. */
export async function planOn(image: Uint8Array, changes: readonly FileChange[], now = march15): Promise<EditPlan> {
  const load = [...new Set(changes.map(({ name }) => name))]
  const volume = await openVolume(memorySource(image, '9fat'), { load })
  const plan = planEdit(volume, changes, { now })
  requireBounds(plan, volume.layout)
  return plan
}

/** Whole sectors, behind the reserved ones and inside the volume; each file's last step is made durable. */
export function requireBounds(
  { steps, sectorBytes }: EditPlan,
  layout: { reservedSectors: number; totalSectors: number; sectorBytes: number },
): void {
  if (sectorBytes !== layout.sectorBytes) throw new Error(`sectors of ${sectorBytes} bytes`)
  for (const step of steps) {
    if (step.kind === 'flush') continue
    const { sector, bytes } = step
    if (!Number.isInteger(sector) || sector < layout.reservedSectors || sector >= layout.totalSectors) {
      throw new Error(`step writes sector ${sector}`)
    }
    if (bytes.length !== sectorBytes) throw new Error(`step writes ${bytes.length} bytes`)
  }
  if (steps.length > 0 && steps.at(-1)!.kind !== 'flush') throw new Error('the last write is not flushed')
}

/** Every file by path, and what the check finds. */
export async function readAll(
  image: Uint8Array,
): Promise<{ readonly files: ReadonlyMap<string, Buffer>; readonly findings: readonly string[] }> {
  const source = memorySource(image)
  const volume = await openVolume(source)
  const files = new Map<string, Buffer>()
  for (const { path, file } of volume.tree!.files) {
    if (file.isDirectory) continue
    // Not by its name: that may be anything on a spoiled volume.
    const { bytes } = await readWholeFile(source, volume, { file, path, maxBytes: image.length })
    files.set(path, Buffer.from(bytes))
  }
  return { files, findings: checkVolume(volume).findings.map(({ kind }) => kind) }
}
