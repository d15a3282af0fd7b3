// FILE.lock: one process at a time writes a store or works on a mirror. The file names its holder (process, host, when it started and on which
// boot), so that a lock left behind by a kill is recognised and taken over.
//
// Taking over must not race. Whoever wants the lock first puts down a claim under a name no one else ever uses and then
// looks for other claims: of two at the same time at least one sees the other and steps back. Only a lone claimant reads,
// replaces or makes FILE.lock. A claim of a dead process can be removed by anyone, because its name is never used again.

import { randomBytes } from 'node:crypto'
import { link, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../../../shared/errors.ts'
import { errnoOf } from '../errno.ts'

export type FileLock = { release(): Promise<void> }

type Holder = { readonly pid: number; readonly host: string; readonly started: string; readonly boot: string }

/** Claims last a few milliseconds, so a few patient tries tell a crowd from a holder. */
const tries = 20

/** Start time of a process in clock ticks since boot, where the system tells: a pid alone is used again. */
async function startedAt(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1')
    // The command in field 2 may hold blanks and brackets; what follows its last bracket is field 3.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

async function bootId(): Promise<string> {
  try {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'latin1')).trim()
  } catch {
    return ''
  }
}

async function self(): Promise<Holder> {
  return { pid: process.pid, host: hostname(), started: await startedAt(process.pid), boot: await bootId() }
}

async function readHolder(path: string): Promise<Holder | 'none' | 'unreadable'> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    return errnoOf(error) === 'ENOENT' ? 'none' : 'unreadable'
  }
  try {
    const { pid, host, started, boot } = JSON.parse(text) as Partial<Holder>
    if (!Number.isSafeInteger(pid) || typeof host !== 'string') return 'unreadable'
    return { pid: pid as number, host, started: started ?? '', boot: boot ?? '' }
  } catch {
    return 'unreadable'
  }
}

/** Only a process of this host can be judged; one of another host counts as alive. */
async function isAlive(holder: Holder, me: Holder): Promise<boolean> {
  if (holder.host !== me.host) return true
  if (holder.boot !== '' && me.boot !== '' && holder.boot !== me.boot) return false
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if (errnoOf(error) === 'ESRCH') return false
  }
  const started = await startedAt(holder.pid)
  return holder.started === '' || started === '' || started === holder.started
}

/** Removes claims of dead processes; true when a living one is left besides ours. */
async function othersClaim(lockPath: string, own: string, me: Holder): Promise<boolean> {
  const folder = dirname(lockPath)
  const prefix = `${basename(lockPath)}.`
  let others = false
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix) || name === basename(own)) continue
    const holder = await readHolder(join(folder, name))
    if (holder === 'none') continue
    // Unreadable: being written this instant, or cut off by a crash; the name still tells whose it is.
    const pid = Number(name.slice(prefix.length).split('-')[0])
    const judged = holder === 'unreadable' ? { ...me, pid, started: '' } : holder
    if (Number.isSafeInteger(pid) && (await isAlive(judged, me))) others = true
    else await unlink(join(folder, name)).catch(() => undefined)
  }
  return others
}

/** `undefined` when the lock is ours now, else who has it. */
async function takeWithClaim(lockPath: string, claim: string, me: Holder): Promise<Holder | 'unreadable' | undefined> {
  const holder = await readHolder(lockPath)
  if (holder === 'none') {
    await writeFile(`${claim}-new`, JSON.stringify(me), { flush: true, mode: 0o600 })
    try {
      // A hard link fails where the name exists, also when an older program made it without a claim.
      await link(`${claim}-new`, lockPath)
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') return 'unreadable'
      // No hard links on this file system; the claim keeps others away.
      await rename(`${claim}-new`, lockPath)
      return undefined
    }
    await unlink(`${claim}-new`)
    return undefined
  }
  if (holder === 'unreadable') return holder
  if (await isAlive(holder, me)) return holder
  await writeFile(`${claim}-new`, JSON.stringify(me), { flush: true, mode: 0o600 })
  await rename(`${claim}-new`, lockPath)
  return undefined
}

function lockedError(path: string, lockPath: string, holder: Holder | 'unreadable' | 'crowd'): AppError {
  const who =
    holder === 'unreadable'
      ? `${lockPath} does not say by whom; remove it if no server runs on this file`
      : holder === 'crowd'
        ? 'several programs are starting on it at once; try again'
        : `process ${holder.pid} on ${holder.host} serves it (${lockPath})`
  return new AppError('store-locked', `${path} is in use: ${who}. Nothing was changed`, {
    data: { path, lockPath, ...(typeof holder === 'object' ? { pid: holder.pid, host: holder.host } : {}) },
  })
}

/** Takes PATH.lock or rejects with `store-locked`. `path` must be free of symbolic links: two names are two locks. */
export async function acquireFileLock(path: string): Promise<FileLock> {
  const lockPath = `${path}.lock`
  const me = await self()
  const claim = `${lockPath}.${me.pid}-${randomBytes(6).toString('hex')}`
  try {
    for (let left = tries; ; left--) {
      await writeFile(claim, JSON.stringify(me), { flag: 'wx', mode: 0o600 })
      try {
        if (!(await othersClaim(lockPath, claim, me))) {
          const holder = await takeWithClaim(lockPath, claim, me)
          if (holder !== undefined) throw lockedError(path, lockPath, holder)
          return { release: () => release(lockPath, me) }
        }
      } finally {
        await unlink(claim).catch(() => undefined)
      }
      if (left === 0) throw lockedError(path, lockPath, 'crowd')
      await delay(5 + Math.random() * 40)
    }
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError('store-open', `cannot make the lock file ${lockPath}: ${errnoOf(error)}`, {
      data: { path, lockPath, code: errnoOf(error) },
      cause: error,
    })
  }
}

/**
 * What a worker of this process held when it died: PATH.lock and claims to it. Nobody else of this process may hold them when
 * it is called; those of other processes stay. Never rejects.
 */
export async function dropOwnLock(path: string): Promise<void> {
  const lockPath = `${path}.lock`
  const me = await self()
  await release(lockPath, me)
  const prefix = `${basename(lockPath)}.${me.pid}-`
  for (const name of await readdir(dirname(lockPath)).catch(() => [])) {
    if (name.startsWith(prefix)) await unlink(join(dirname(lockPath), name)).catch(() => undefined)
  }
}

async function release(lockPath: string, me: Holder): Promise<void> {
  const holder = await readHolder(lockPath)
  if (typeof holder === 'object' && holder.pid === me.pid && holder.started === me.started) {
    await unlink(lockPath).catch(() => undefined)
  }
}
