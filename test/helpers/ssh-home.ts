// A home folder with a .ssh in it, machines reached from it, and a person who answers as a test says.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { connectSsh } from '../../electron/engine/ssh/connect.ts'
import { Machines, type SshSurroundings } from '../../electron/engine/ssh/machines.ts'
import type { HostKeyQuestion, SecretQuestion, SshQuestions } from '../../electron/engine/ssh/questions.ts'
import { scratchDir } from './scratch.ts'

/** Answers in order; what is asked is written down. */
export class Person implements SshQuestions {
  readonly asked: string[] = []
  readonly hostKeys: HostKeyQuestion[] = []
  readonly secrets: SecretQuestion[] = []
  readonly #accepts: boolean
  readonly #answers: (string | null)[]

  constructor(accepts: boolean, answers: readonly (string | null)[] = []) {
    this.#accepts = accepts
    this.#answers = [...answers]
  }

  async acceptHostKey(question: HostKeyQuestion): Promise<boolean> {
    this.asked.push('host key')
    this.hostKeys.push(question)
    return this.#accepts
  }

  async secret(question: SecretQuestion): Promise<string | null> {
    this.asked.push(question.kind)
    this.secrets.push(question)
    return this.#answers.shift() ?? null
  }
}

export type SshHome = {
  readonly home: string
  readonly trustFile: string
  /** Closed when the test ends. */
  readonly machines: (surroundings?: Partial<SshSurroundings>) => Machines
}

/** `files` go into its .ssh. */
export async function sshHome(files: Readonly<Record<string, string>> = {}): Promise<SshHome> {
  const folder = await scratchDir()
  const home = join(folder, 'home')
  await mkdir(join(home, '.ssh'), { recursive: true, mode: 0o700 })
  for (const [name, text] of Object.entries(files)) await writeFile(join(home, '.ssh', name), text, { mode: 0o600 })
  const trustFile = join(folder, 'state', 'ssh_known_hosts')
  await mkdir(join(folder, 'state'))
  const machines = (surroundings: Partial<SshSurroundings> = {}): Machines => {
    const made = new Machines({
      connector: async () => connectSsh,
      trustFile,
      questions: null,
      environment: {},
      home,
      systemFolder: join(folder, 'etc'),
      timeoutMs: 5_000,
      ...surroundings,
    })
    onTestFinished(() => made.close())
    return made
  }
  return { home, trustFile, machines }
}
