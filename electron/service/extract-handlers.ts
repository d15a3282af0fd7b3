// Restores of files as jobs, into a folder that the user chose. One that is resumed goes over the tree again: files that are
// complete are recognised and count as skipped (extract/extract.ts).

import { AppError } from '../../shared/errors.ts'
import { countOf } from '../../shared/text/format.ts'
import { extractTree } from '../engine/extract/extract.ts'
import { parseDial } from '../engine/venti/client/dial.ts'
import { openTarget } from '../engine/verify/target-store.ts'
import type { ServiceContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import type { JobWork } from './jobs.ts'
import { extractCommand, type ExtractAsked } from './verify-commands.ts'

function refuseTwice({ jobs }: ServiceContext, folder: string): void {
  const same = jobs.views.find((one) => one.kind === 'extract' && one.state !== 'ended' && one.folder === folder)
  if (same === undefined) return
  throw new AppError('usage', `files are being restored to ${folder} already`, {
    data: { safe: 'The restore that was begun goes on.', next: 'Wait for its end, or choose another folder.' },
  })
}

function extractWork({ root, dial, path, folder }: ExtractAsked): JobWork {
  return async (job) => {
    const { signal } = job
    const store = await openTarget(dial, { signal, onNote: (line) => job.note(line) })
    try {
      const { files, bytes, skipped, failed, unlisted, renamed } = await extractTree(store, root, {
        path,
        folder,
        signal,
        onProgress: (done) => {
          job.update({ files: done.files, bytes: done.bytes, skipped: done.skipped, at: done.path })
        },
      })
      if (unlisted > 0) job.note(`${countOf(unlisted, 'more failure')} not listed`)
      if (renamed.length > 0) job.note(`${countOf(renamed.length, 'name')} could not be kept as stored: not UTF-8`)
      return { files, bytes, skipped, failed, at: path, result: failed.length > 0 ? 'attention' : 'ok' }
    } finally {
      await store.close()
    }
  }
}

export function extractHandlers(context: ServiceContext): Pick<Handlers, 'extract.start'> {
  return {
    'extract.start': async ({ root, dial, path, folder: place }) => {
      const score = context.roots.scoreOf(root)
      const folder = context.places.pathOf(place)
      const asked = { root: score, dial: parseDial(dial, context.environment), path, folder }
      refuseTwice(context, folder)
      const fields = {
        kind: 'extract',
        mirror: null,
        command: extractCommand(asked),
        root,
        path,
        folder,
        files: 0,
        bytes: 0,
        skipped: 0,
        failed: [],
        at: path,
        result: null,
      } as const
      return await Promise.resolve(context.jobs.start(fields, extractWork(asked)))
    },
  }
}
