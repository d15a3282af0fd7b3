// Puts back what one edit of a 9fat replaced, from its backup: read the sectors as they are, plan the way back (undo.ts),
// write it like any other edit. Nothing is opened for writing when everything is as before already.

import { AppError } from '../../../shared/errors.ts'
import { hexNumber } from '../bytes/hex.ts'
import type { BlockSource } from '../source/block-source.ts'
import { applyEdit } from './apply-edit.ts'
import { sectorsOf, sha256, type Backup, type VolumeIdentity } from './backup.ts'
import { decodeBootSector } from './boot-sector.ts'
import type { EditPlan } from './edit.ts'
import type { EditVolumeOptions } from './edit-volume.ts'
import { planUndo } from './undo.ts'

export type RestoreEditOptions = Omit<EditVolumeOptions, 'now'> & { readonly force: boolean }

/** By what a backup and a volume are known to belong together. */
export async function volumeIdentityOf(source: BlockSource): Promise<VolumeIdentity> {
  const first = await source.read(0, Math.min(512, source.sizeBytes))
  const { sectorBytes, sizeBytes } = decodeBootSector(first, source.name)
  return { bootSectorSha256: sha256(await source.read(0, sectorBytes)), sectorBytes, sizeBytes }
}

function requireSameVolume(source: BlockSource, backup: Backup, found: VolumeIdentity): void {
  const { bootSectorSha256, sectorBytes, sizeBytes } = backup.volume
  const differs =
    sizeBytes !== found.sizeBytes || sectorBytes !== found.sectorBytes
      ? `it has ${hexNumber(found.sizeBytes)} bytes, expected ${hexNumber(sizeBytes)}`
      : bootSectorSha256 === found.bootSectorSha256
        ? null
        : 'its boot sector is another one'
  if (differs === null) return
  throw new AppError(
    'changed-9fat',
    `${source.name} is not the volume that backup ${backup.id} was made of: ${differs}. Nothing was written`,
    {
      data: { next: 'See with "wrcmd restore --list" which backups there are, and that the path names the same disk.' },
    },
  )
}

/** `made` is the id of the backup of what was replaced. Rejects with `changed-9fat` when it is not this edit any more. */
export async function restoreEdit(
  source: BlockSource,
  backup: Backup,
  { force, signal, openRegion, saveBackup, discardBackup }: RestoreEditOptions,
): Promise<{ readonly written: boolean; readonly made: string | null }> {
  // Also with force: sectors of another volume are never right.
  requireSameVolume(source, backup, await volumeIdentityOf(source))
  const { sectorBytes } = backup.volume
  const examined = new Map<number, Uint8Array>()
  for (const sector of sectorsOf(backup.steps)) {
    examined.set(sector, await source.read(sector * sectorBytes, sectorBytes))
  }
  const steps = planUndo(backup.steps, examined, { force, name: source.name })
  if (steps.length === 0) return { written: false, made: null }
  const plan: EditPlan = { sectorBytes, files: [], steps, examined, recovered: [], warnings: [] }
  const region = await openRegion()
  try {
    const made = await applyEdit(region, plan, {
      saveBackup: (replaced) => saveBackup(region, plan, replaced),
      discardBackup,
      ...(signal === undefined ? {} : { signal }),
    })
    return { written: true, made }
  } finally {
    await region.close()
  }
}
