// Reading and writing over SFTP against the real OpenSSH: the same bytes as the file here, also when its connections are cut
// in the middle; a 9fat is edited there with writes that OpenSSH puts on the disk when it is told to.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { editVolume } from '../../../../electron/engine/fat/edit-volume.ts'
import { openRemoteRegion } from '../../../../electron/engine/fat/open-remote-region.ts'
import type { BlockSource } from '../../../../electron/engine/source/block-source.ts'
import { parseSshPath, type SshPath } from '../../../../electron/engine/ssh/address.ts'
import { openSftpSource } from '../../../../electron/engine/ssh/sftp-source.ts'
import { changesFor, editTime, editImage, type Wish } from '../../../helpers/cut-trial.ts'
import { buildCutVolume, longerLine, rootLines } from '../../../helpers/cut-volumes.ts'
import { noise } from '../../../helpers/image-builder.ts'
import { OpenSsh, openSshPrograms } from '../../../helpers/openssh.ts'
import { openScratchDir, type ScratchDir } from '../../../helpers/scratch.ts'
import { TestMachines } from '../../../helpers/ssh-machine.ts'

const programs = openSshPrograms()
const content = noise(12 * 1024 * 1024 + 4321, 8)

describe.skipIf(programs === null)('with OpenSSH', () => {
  let scratch: ScratchDir
  let server: OpenSsh
  let machines: TestMachines

  beforeAll(async () => {
    scratch = await openScratchDir()
    server = await OpenSsh.start(programs!, join(scratch.path, 'sshd'))
    const privateKey = await readFile(server.clientKey)
    machines = new TestMachines({ host: '127.0.0.1', port: server.port, username: server.user, privateKey })
  })

  afterAll(async () => {
    await server.close()
    await scratch.remove()
  })

  async function put(name: string, bytes: Uint8Array): Promise<SshPath> {
    await writeFile(join(scratch.path, name), bytes)
    return parseSshPath(`ssh://${server.user}@127.0.0.1:${server.port}${scratch.path}/${name}`)!
  }

  async function source(): Promise<BlockSource> {
    const opened = await openSftpSource(await put('image', content), machines.borrow, {
      pause: () => Promise.resolve(),
    })
    onTestFinished(() => opened.close())
    return opened
  }

  test('random reads, several at once', async () => {
    const remote = await source()
    const length = fc.oneof(fc.nat(1000), fc.nat(400_000), fc.constantFrom(0, 1, 131_072, 261_120, 1_048_576))
    const range = fc.tuple(fc.nat(content.length), length)
    const reads = fc.asyncProperty(fc.array(range, { minLength: 1, maxLength: 6 }), async (ranges) => {
      const got = await Promise.all(
        ranges.map(async ([at, wanted]) => await remote.read(at, Math.min(wanted, content.length - at))),
      )
      return got.every((bytes, i) => {
        const [at, wanted] = ranges[i]!
        return Buffer.compare(bytes, content.subarray(at, at + wanted)) === 0
      })
    })
    await fc.assert(reads, { numRuns: 40 })
  })

  test('a whole scan while connections are cut', async () => {
    const remote = await source()
    const before = machines.connections
    const chunkBytes = 1024 * 1024
    const pieces: Uint8Array[] = []
    for (let at = 0; at < content.length; at += chunkBytes) {
      if (at === 4 * chunkBytes || at === 9 * chunkBytes) server.dropConnections()
      pieces.push(await remote.read(at, Math.min(chunkBytes, content.length - at)))
    }
    expect(Buffer.compare(Buffer.concat(pieces), content)).toBe(0)
    expect(machines.connections - before).toBe(2)
  })

  test('an edit of a 9fat ends with the very image that the same edit here ends with', async () => {
    const image = buildCutVolume({ sectorsPerCluster: 4 })
    const wishes: readonly Wish[] = [
      { name: 'rootscor', kind: 'append', text: rootLines(2, 50) },
      { name: 'wrcmd', kind: 'replace', text: longerLine },
    ]
    const file = await put('9fat', image)
    const place = { name: '9fat', file, offset: 0, sizeBytes: null }
    const { region, warnings } = await openRemoteRegion(place, machines.borrow)
    expect([region.canFlush, warnings]).toEqual([true, []])
    await editVolume(region, changesFor(wishes), {
      now: editTime,
      openRegion: () => Promise.resolve(region),
      saveBackup: () => Promise.resolve('one'),
      discardBackup: () => Promise.resolve(),
    })
    await region.close().catch(() => undefined)
    const { disk } = await editImage(image, wishes)
    expect(Buffer.compare(await readFile(join(scratch.path, '9fat')), disk.image)).toBe(0)
    expect(machines.borrowed).toBe(0)
  })
})
