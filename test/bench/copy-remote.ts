// Reads a whole file of another machine as a scan does, one chunk ahead, and keeps nothing: the side of ours in the
// measurement of SFTP (bench-ssh.ts), in a program of its own, because loading bench.ts takes a second.

import { join } from 'node:path'
import { Machines } from '../../electron/engine/ssh/machines.ts'
import { parseSshPath, type SshPath } from '../../electron/engine/ssh/address.ts'
import { openSftpSource } from '../../electron/engine/ssh/sftp-source.ts'

const chunkBytes = 1024 * 1024

/** Resolves with how many bytes came. `home` has the key to log in with, in .ssh. */
async function copyRemote(spec: string, home: string): Promise<number> {
  const path = parseSshPath(spec) as SshPath
  const machines = new Machines({
    connector: async () => (await import('../../electron/engine/ssh/connect.ts')).connectSsh,
    home,
    trustFile: join(home, 'trusted'),
    acceptNew: true,
    questions: null,
    environment: {},
  })
  const source = await openSftpSource(path, machines.borrow)
  const pieces = [new Uint8Array(chunkBytes), new Uint8Array(chunkBytes)] as const
  const chunk = (at: number): Promise<Uint8Array> =>
    source.read(at, Math.min(chunkBytes, source.sizeBytes - at), pieces[(at / chunkBytes) % 2])
  let copied = 0
  let next = chunk(0)
  while (copied < source.sizeBytes) {
    const bytes = await next
    copied += bytes.length
    if (copied < source.sizeBytes) next = chunk(copied)
  }
  await source.close()
  await machines.close()
  return copied
}

const [spec = '', home = ''] = process.argv.slice(2)
process.stdout.write(`${await copyRemote(spec, home)}\n`)
