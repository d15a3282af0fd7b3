// What each request may hold, checked at run time before any handler sees it: unknown keys are refused, texts and numbers
// bounded. The table is typed over the contract, so a channel without a check, or one that lets something else pass, does
// not compile.

import { z } from 'zod'
import type { Asked, Channel } from '../../shared/contract.ts'
import { AppError } from '../../shared/errors.ts'
import { setupSteps, type JobId, type PlaceId, type QuestionId, type RootId } from '../../shared/model/window.ts'

const longestPath = 4096
const longestName = 64
const longestDial = 512
/** A hundred times what fits its purpose; what is longer is put right on the machine it belongs to. */
const longestWrcmd = 32 * 1024
/** What a machine takes as a passphrase or password is much shorter. */
const longestSecret = 1024
const longestPaste = 16 * 1024
const longestTreePath = 32 * 1024
const mostTargets = 64
const smallestStoreBytes = 2 * 1024 * 1024
const largestStoreBytes = 2 ** 50
const largestRate = 2 ** 40
const mostHours = 24 * 366

// eslint-disable-next-line no-control-regex -- what no name or path of a user has
const plain = /^[^\u0000-\u001f\u007f]*$/u

const text = (longest: number) => z.string().min(1).max(longest).regex(plain)
const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER)

const path = text(longestPath)
const name = text(longestName)
const dial = text(longestDial)
const mirror = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/)
const treePath = z.string().max(longestTreePath)
const place = z.uuid() as unknown as z.ZodType<PlaceId>
const root = z.uuid() as unknown as z.ZodType<RootId>
const job = z.uuid() as unknown as z.ZodType<JobId>
const question = z.uuid() as unknown as z.ZodType<QuestionId>
const nothing = z.strictObject({})
const ofMirror = z.strictObject({ mirror })
const ofJob = z.strictObject({ job })
const kinds = z.array(z.enum(['run', 'rollover', 'check', 'damage'])).max(4)
const depth = z.enum(['present', 'full'])

const checks = {
  'app.view': nothing,
  'machine.answer': z.strictObject({
    id: question,
    answer: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('accept') }),
      z.strictObject({ kind: z.literal('refuse') }),
      z.strictObject({ kind: z.literal('text'), text: z.string().max(longestSecret) }),
    ]),
  }),
  'places.disks': nothing,
  'places.list': z.strictObject({ path: path.nullable() }),
  'places.look': z.strictObject({ path }),
  'places.folder': z.strictObject({ path }),
  'setup.begin': nothing,
  'setup.discard': nothing,
  'setup.step': z.strictObject({ step: z.enum(setupSteps) }),
  'setup.source': z.strictObject({ place }),
  'setup.sample': nothing,
  'setup.name': z.strictObject({ name: mirror }),
  'setup.test': z.strictObject({ dial }),
  'setup.addTarget': z.strictObject({ dial, name }),
  'setup.addStore': z.strictObject({
    folder: place,
    name,
    sizeBytes: z.int().min(smallestStoreBytes).max(largestStoreBytes),
  }),
  'setup.removeTarget': z.strictObject({ dial }),
  'setup.ninefat': z.strictObject({ place: place.nullable() }),
  'setup.fossil': z.strictObject({ place: place.nullable() }),
  'setup.plan': nothing,
  'setup.copy': nothing,
  'setup.mutual': z.strictObject({ disk: place.nullable() }),
  'setup.finish': nothing,
  'mirror.refresh': ofMirror,
  'mirror.arenas': ofMirror,
  'mirror.change': z.strictObject({
    mirror,
    limitBytesPerSecond: z.int().min(1024).max(largestRate).nullable().exactOptional(),
    verifyAfterSync: z.boolean().exactOptional(),
    targetNames: z
      .record(dial, name)
      .refine((names) => Object.keys(names).length <= mostTargets)
      .exactOptional(),
  }),
  'mirror.addTarget': z.strictObject({ mirror, dial, name }),
  'mirror.removeTarget': z.strictObject({ mirror, dial }),
  'mirror.forget': ofMirror,
  'sample.nextDay': ofMirror,
  'sync.start': z.strictObject({ mirror, dials: z.array(dial).min(1).max(mostTargets).nullable() }),
  'job.pause': ofJob,
  'job.resume': ofJob,
  'job.cancel': ofJob,
  'roots.list': ofMirror,
  'roots.paste': z.strictObject({ mirror, text: z.string().max(longestPaste) }),
  'roots.reveal': z.strictObject({ root }),
  'check.start': z.strictObject({ mirror, root, dial, depth, repair: z.boolean() }),
  'tree.list': z.strictObject({ root, dial, path: treePath, from: count, count: z.int().min(1).max(1000) }),
  'tree.preview': z.strictObject({ root, dial, path: treePath, offset: count }),
  'extract.start': z.strictObject({ root, dial, path: treePath, folder: place }),
  'recovery.card': z.strictObject({ mirror, root, dial, reveal: z.boolean() }),
  'activity.list': z.strictObject({
    mirror: mirror.nullable(),
    kinds,
    from: count,
    count: z.int().min(1).max(1000),
  }),
  'activity.export': z.strictObject({ mirror: mirror.nullable(), kinds, format: z.enum(['json', 'csv']) }),
  'settings.change': z.strictObject({
    theme: z.enum(['system', 'light', 'dark']).exactOptional(),
    lateAfterHours: z.number().min(1).max(mostHours).exactOptional(),
    notifyFailures: z.boolean().exactOptional(),
    notifySuccess: z.boolean().exactOptional(),
  }),
  'wrcmd.look': z.strictObject({ place, source: place.nullable() }),
  'wrcmd.set': z.strictObject({
    place,
    source: place,
    host: dial.nullable(),
    before: z.string().max(longestWrcmd).nullable(),
    dryRun: z.boolean(),
  }),
} as const satisfies { readonly [Name in Channel]: z.ZodType<Asked<Name>> }

/** Rejects with usage. What was asked is not repeated: it may hold a root score (R10). */
export function checkedRequest(channel: Channel, asked: unknown): unknown {
  const found = checks[channel].safeParse(asked)
  if (found.success) return found.data
  const [issue] = found.error.issues
  const where = issue === undefined || issue.path.length === 0 ? '' : ` in ${issue.path.map(String).join('.')}`
  const known = where.replaceAll(/[^\w. -]/g, '?').slice(0, 80)
  throw new AppError('usage', `${channel}: this request does not fit the contract${known}`, {
    data: {
      safe: 'Nothing was read or changed.',
      next: 'Correct what was entered; if nothing was, reload the window.',
    },
  })
}
