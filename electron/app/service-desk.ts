// The service in a process of its own, which is started again when it dies, and what is asked of it: refused while it is not
// there yet.

import { homedir } from 'node:os'
import { join } from 'node:path'
import type { EventMessage, Result } from '../../shared/contract.ts'
import type { AppView } from '../../shared/model/window.ts'
import { version } from '../cli/version.ts'
import type { ServiceLink } from '../service/link.ts'
import { problemOf } from '../service/problem.ts'
import { ServiceClient } from '../service/service-client.ts'
import { engineStarter } from './engine-process.ts'

export type ServiceStart = {
  /** Taken already. */
  readonly stateDir: string
  readonly programDir: string
  readonly restartMs?: number | undefined
  readonly hear: (message: EventMessage) => void
  readonly onRestarted: () => void
  readonly say: (line: string) => void
}

export class ServiceDesk {
  #link: ServiceLink | null = null

  get isThere(): boolean {
    return this.#link !== null
  }

  start({ stateDir, programDir, restartMs, hear, onRestarted, say }: ServiceStart): void {
    const service = {
      stateDir,
      home: homedir(),
      environment: { ...process.env },
      version,
      sampleDir: join(programDir, 'sample'),
    }
    const link = new ServiceClient(engineStarter({ path: join(programDir, 'engine.js'), service, say }), {
      ...(restartMs === undefined ? {} : { restartMs }),
      onRestarted,
    })
    this.#link = link
    link.onEvent(hear)
  }

  async ask(channel: string, asked: unknown): Promise<Result<unknown>> {
    const link = this.#link
    if (link !== null) return await link.ask(channel, asked)
    return { ok: false, problem: problemOf(new Error('the service was not started')) }
  }

  /** The whole picture; null where it cannot be had. */
  async view(): Promise<AppView | null> {
    const result = await this.ask('app.view', {})
    return result.ok ? (result.value as AppView) : null
  }

  async close(): Promise<void> {
    await this.#link?.close()
  }
}
