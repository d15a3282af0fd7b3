// How fast a file of another machine is read over SFTP, beside OpenSSH's own sftp that fetches the same file to nowhere, over
// the same loopback connection and over one with 50 ms round trip. Times are of whole programs, login included.

import { randomFillSync } from 'node:crypto'
import { copyFile, mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DelayLine } from '../helpers/delay-line.ts'
import { OpenSsh, openSshPrograms } from '../helpers/openssh.ts'
import { command, compare, mebibyte, printRows, type Contender, type Part } from './turns.ts'

export type SshBench = { readonly sizeMiB: number; readonly rounds: number }

const roundTripMs = 50
/** Beside the measuring program (build/scripts/bench.mjs). */
const copyProgram = join(dirname(process.argv[1] as string), 'copy-remote.js')

async function makeFile(path: string, sizeMiB: number): Promise<void> {
  const file = await open(path, 'wx')
  try {
    const piece = Buffer.alloc(mebibyte)
    for (let at = 0; at < sizeMiB; at++) await file.write(randomFillSync(piece))
  } finally {
    await file.close()
  }
}

const homeOf = ({ folder }: OpenSsh): string => join(folder, 'home')

function contenders(server: OpenSsh, port: number, file: string): readonly Contender[] {
  const { user, clientKey, programs } = server
  const known = ['-o', 'StrictHostKeyChecking=no', '-o', `UserKnownHostsFile=${join(server.folder, 'known')}`]
  const place = `${user}@127.0.0.1`
  const spec = `ssh://${place}:${port}${file}`
  return [
    command('SFTP source, read as a scan does', process.execPath, [copyProgram, spec, homeOf(server)]),
    command('OpenSSH sftp get to nowhere', programs.tool('sftp'), [
      '-q',
      '-F',
      'none',
      // What ours has: OpenSSH by itself would take a cipher that costs it more.
      '-c',
      'aes128-gcm@openssh.com',
      '-i',
      clientKey,
      '-P',
      String(port),
      ...known,
      `${place}:${file}`,
      '/dev/null',
    ]),
  ]
}

export async function benchSsh({ sizeMiB, rounds }: SshBench, folder: string): Promise<readonly Part[]> {
  const programs = openSshPrograms()
  if (programs === null) return []
  const file = join(folder, 'remote.img')
  await makeFile(file, sizeMiB)
  const server = await OpenSsh.start(programs, join(folder, 'sshd'))
  await mkdir(join(homeOf(server), '.ssh'), { recursive: true })
  await copyFile(server.clientKey, join(homeOf(server), '.ssh', 'id_ed25519'))
  const stop = (): void => void server.close()
  process.on('exit', stop)
  const line = await DelayLine.to(server.port, roundTripMs)
  try {
    const parts: Part[] = []
    for (const [title, port] of [
      [`SFTP, ${sizeMiB} MiB over loopback`, server.port],
      [`SFTP, ${sizeMiB} MiB with ${roundTripMs} ms round trip`, line.port],
    ] as const) {
      const rows = await compare(contenders(server, port, file), { rounds, bytes: sizeMiB * mebibyte, hasPeer: true })
      printRows(title, rows)
      parts.push({ title, rows })
    }
    return parts
  } finally {
    await line.close()
    await server.close()
    process.off('exit', stop)
  }
}
