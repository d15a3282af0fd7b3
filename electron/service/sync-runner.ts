// One run of a sync, with or without the check behind it: in this thread, or in one of its own that ends with it.

import type { MessagePort } from 'node:worker_threads'
import { AppError } from '../../shared/errors.ts'
import type { Rollover, SyncResult, SyncSnapshot, VerifiedSync } from '../../shared/model/run.ts'
import type { VerifySnapshot } from '../../shared/model/verify.ts'
import { receivedError, sentError, type SentError } from '../../shared/sent-error.ts'
import { dropOwnLock } from '../engine/state/file-lock.ts'
import { mirrorPath } from '../engine/state/mirror-file.ts'
import { runSync } from '../engine/sync/job.ts'
import type { SyncOptions } from '../engine/sync/prepare.ts'
import { syncAndVerify } from '../engine/verify/sync-and-verify.ts'
import { startThread } from './thread.ts'
import {
  FarSession,
  isFromMachines,
  MachineDesk,
  openMachines,
  type FromMachines,
  type MachineSession,
  type ToMachines,
} from './thread-machines.ts'

/** A pause, a cancel and the end of the program come to a checkpoint, also over a slow line. */
const stopPatienceMs = 10_000

/** Plain data, because it may cross to a thread. */
export type SyncAsked = {
  readonly verify: boolean
  readonly home: string
  readonly mirrorName: string
  readonly options: Pick<SyncOptions, 'source' | 'targets' | 'stateDir' | 'environment' | 'sourceVenti' | 'sourceHttp'>
}

export type SyncTold =
  | { readonly kind: 'progress'; readonly snapshot: SyncSnapshot }
  | { readonly kind: 'rollover'; readonly rollover: Rollover & { readonly at: string } }
  | { readonly kind: 'verifying'; readonly snapshot: VerifySnapshot }
  | { readonly kind: 'note'; readonly line: string }

export type SyncDone = SyncResult | VerifiedSync
type FromThread =
  { readonly told: SyncTold } | { readonly result: SyncDone } | { readonly error: SentError } | FromMachines
type ToThread = { readonly abort: true } | ToMachines
/** `known`: passwords of this session. */
export type SyncThreadData = { readonly asked: SyncAsked; readonly known: MachineSession['memory']['all'] }

/** Rejects as runSync does. */
export async function runSyncHere(
  { verify, mirrorName, options }: SyncAsked,
  signal: AbortSignal,
  tell: (told: SyncTold) => void,
): Promise<SyncDone> {
  const all: SyncOptions = {
    ...options,
    mirrorName,
    signal,
    stopPatienceMs,
    onProgress: (snapshot) => tell({ kind: 'progress', snapshot }),
    onRollover: (rollover) => tell({ kind: 'rollover', rollover }),
    onNote: (line) => tell({ kind: 'note', line }),
  }
  if (!verify) return await runSync(all)
  return await syncAndVerify({ ...all, onVerifyProgress: (snapshot) => tell({ kind: 'verifying', snapshot }) })
}

/** The same in a thread of the program at `path`. What it asks of a person, and what it learns, is of `session`. */
export async function runSyncInThread(
  path: string,
  asked: SyncAsked,
  signal: AbortSignal,
  tell: (told: SyncTold) => void,
  session: MachineSession,
): Promise<SyncDone> {
  let ended: FromThread | null = null
  const data: SyncThreadData = { asked, known: session.memory.all }
  const thread = startThread<ToThread>(path, 'sync', data, (message: FromThread) => {
    if ('told' in message) tell(message.told)
    else if (isFromMachines(message)) desk.hear(message)
    else ended = message
  })
  const desk = new MachineDesk(session, (message) => thread.send(message))
  const onAbort = (): void => thread.send({ abort: true })
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  await thread.gone
  desk.close()
  signal.removeEventListener('abort', onAbort)
  const last = ended as FromThread | null
  if (last !== null && 'result' in last) return last.result
  if (last !== null && 'error' in last) throw receivedError(last.error)
  // It died: the lock it held is nobody's.
  await dropOwnLock(mirrorPath(asked.options.stateDir, asked.mirrorName))
  throw new AppError('bug', 'the thread that copied ended unexpectedly', {
    data: { next: 'Start the sync again: it goes on where it was.' },
  })
}

/** What the thread does. */
export function syncThread(port: MessagePort, { asked, known }: SyncThreadData): void {
  const stop = new AbortController()
  const send = (message: FromThread): void => port.postMessage(message)
  const session = new FarSession(known, send)
  const { stateDir, environment } = asked.options
  const machines = openMachines({ stateDir, environment, home: asked.home }, session)
  port.on('message', (message: ToThread) => {
    if ('answers' in message) session.hear(message)
    else {
      stop.abort()
      // A source that is being opened knows of no signal.
      machines.cancel()
    }
  })
  void runSyncHere(asked, stop.signal, (told) => send({ told }))
    .then(
      (result) => send({ result }),
      (error: unknown) => send({ error: sentError(error) }),
    )
    .then(async () => await machines.close())
    .finally(() => port.close())
}
