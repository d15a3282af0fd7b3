// Choosing disks, files, partitions and folders. Everything here only looks, but for a folder the user named, which is made.

import { findRawDisks } from '../engine/disk/raw-disks.ts'
import type { ServiceContext } from './context.ts'
import { absolutePath, ensureFolder, folderPath, listFolder } from './folder-listing.ts'
import type { Handlers } from './handlers.ts'
import { refusedDisk } from './refused-disk.ts'
import { lookAtPath } from './source-look.ts'

type Names = 'places.disks' | 'places.list' | 'places.look' | 'places.folder'

export function placeHandlers({ places, home }: ServiceContext): Pick<Handlers, Names> {
  return {
    'places.disks': async () =>
      ((await findRawDisks()) ?? []).map(({ path, size, model, refusal }) => {
        const { problem, advice } = refusal === null ? { problem: null, advice: null } : refusedDisk(refusal)
        return { path, sizeBytes: size, model, canOpen: refusal === null, problem, advice }
      }),
    'places.list': async ({ path }) => await listFolder(path === null ? home : folderPath(path, home)),
    'places.look': async ({ path }) => await lookAtPath(absolutePath(path, home), places),
    'places.folder': async ({ path }) => {
      const folder = folderPath(path, home)
      await ensureFolder(folder)
      return places.add(folder)
    },
  }
}
