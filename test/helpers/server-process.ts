// The embedded server as a process of its own, to be killed: `serve` bundled into a scratch folder and run with plain Node.

import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { onTestFinished } from 'vitest'

const runner = fileURLToPath(new URL('serve-runner.ts', import.meta.url))

/** Bundles the runner; the result is the path to give to a ServerProcess. */
export async function bundleServer(folder: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: true,
      outDir: folder,
      emptyOutDir: false,
      target: 'node20',
      rollupOptions: { input: runner, output: { entryFileNames: 'server.mjs' } },
    },
  })
  return join(folder, 'server.mjs')
}

export type StoreSizes = { readonly sizeBytes: number; readonly arenaBytes: number }

export class ServerProcess {
  readonly child: ChildProcess
  /** The port, once it serves; rejects with what it said when it ends before. */
  readonly ready: Promise<number>
  /** Its exit status; null when it was killed. */
  readonly gone: Promise<number | null>

  /** `sizes`: of a file that is to be made. */
  constructor(bundle: string, file: string, { sizeBytes, arenaBytes }: StoreSizes) {
    const child = spawn(process.execPath, [bundle, file, String(sizeBytes), String(arenaBytes)])
    this.child = child
    this.gone = new Promise((resolve) => child.on('close', resolve))
    let said = ''
    child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()))
    this.ready = new Promise((resolve, reject) => {
      createInterface(child.stdout).on('line', (line) => {
        const match = /^serving .* on tcp!127\.0\.0\.1!(\d+): [\d,]+ arenas?, /.exec(line)
        if (match !== null) resolve(Number(match[1]))
      })
      void this.gone.then((status) => reject(new Error(`the server ended with status ${status}: ${said}`)))
    })
    // Whoever kills it on purpose does not ask.
    this.ready.catch(() => undefined)
    // A test that failed in the middle leaves no server behind.
    onTestFinished(() => void child.kill('SIGKILL'))
  }

  /** As kill -9 does; resolves when it is gone. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.gone
  }

  /** Asks it to close; resolves with its exit status. */
  stop(): Promise<number | null> {
    this.child.kill('SIGTERM')
    return this.gone
  }
}
