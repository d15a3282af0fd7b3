// Says hello to a target, and no more: is it there, how long is the way, which protocol, does it answer probes, how much room
// does it say it has, and is it the source's own server? Nothing is written to it.

import { AppError, asAppError } from '../../shared/errors.ts'
import { connectVenti, type VentiClient } from '../engine/venti/client/client.ts'
import { parseDial, type Dial, type Environment } from '../engine/venti/client/dial.ts'
import { freeBytesOf, refuseSourceServer } from '../engine/sync/same-server.ts'
import type { SourceView } from '../engine/sync/source-view.ts'
import { probesWork } from '../engine/sync/take-over.ts'
import type { TargetTest } from '../../shared/model/window.ts'
import { problemOf } from './problem.ts'

const connectTimeoutMs = 5000
const replyTimeoutMs = 5000
const pings = 5

export type GreetOptions = {
  readonly environment: Environment
  /** To tell its own server by; null: not asked. */
  readonly view: SourceView | null
  readonly sourceVenti?: string | null
  readonly signal?: AbortSignal
}

async function medianPingMs(client: VentiClient): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < pings; i++) {
    const began = performance.now()
    await client.ping()
    times.push(performance.now() - began)
  }
  return times.toSorted((a, b) => a - b)[Math.floor(pings / 2)] as number
}

type Found = Omit<TargetTest, 'command' | 'dial'>

const nothing: Found = {
  ok: false,
  problem: null,
  version: null,
  roundTripMs: null,
  answersProbes: null,
  freeBytes: null,
  isSource: false,
}

async function askAll(
  client: VentiClient,
  dial: Dial,
  { view, environment, sourceVenti }: GreetOptions,
): Promise<Found> {
  const known: Found = { ...nothing, version: client.version, roundTripMs: client.roundTripMs }
  try {
    const roundTripMs = await medianPingMs(client)
    const answersProbes = await probesWork(client)
    const found = { ...known, roundTripMs, answersProbes, freeBytes: freeBytesOf(client) }
    if (view !== null) {
      try {
        await refuseSourceServer(view, client, dial.text, { environment, ...(sourceVenti ? { sourceVenti } : {}) })
      } catch (thrown) {
        if (asAppError(thrown).code !== 'target-is-source') throw thrown
        return { ...found, isSource: true, problem: problemOf(thrown) }
      }
    }
    return { ...found, ok: true }
  } catch (thrown) {
    return { ...known, problem: problemOf(thrown) }
  }
}

/** Never rejects but for a cancel: what is wrong is in `problem`. */
export async function greetTarget(given: string, options: GreetOptions): Promise<Omit<TargetTest, 'command'>> {
  let dial: Dial
  try {
    dial = parseDial(given, options.environment)
  } catch (thrown) {
    return { ...nothing, dial: null, problem: problemOf(thrown) }
  }
  try {
    const client = await connectVenti(dial, { connectTimeoutMs, replyTimeoutMs, signal: options.signal })
    try {
      return { dial: dial.text, ...(await askAll(client, dial, options)) }
    } finally {
      await client.close()
    }
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'cancelled') throw thrown
    return { ...nothing, dial: dial.text, problem: problemOf(thrown) }
  }
}
