// R6 on another machine: the writes of an edit over SFTP are those of the same edit here, one by one in the same order, so
// what a power cut leaves is what r6-one-valid-wrcmd.test.ts judges. And a connection that is cut at any of them, before or
// after the machine did it, leaves one of those states, from which the next run comes to its end.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { editVolume } from '../../electron/engine/fat/edit-volume.ts'
import { openRemoteRegion } from '../../electron/engine/fat/open-remote-region.ts'
import { parseSshPath } from '../../electron/engine/ssh/address.ts'
import { openSftpSource } from '../../electron/engine/ssh/sftp-source.ts'
import { cutStates, withOverlay } from '../helpers/cut-disk.ts'
import { changesFor, editImage, editTime, type Wish } from '../helpers/cut-trial.ts'
import { buildCutVolume, longerLine, rootLines, type CutVolume } from '../helpers/cut-volumes.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { TestMachines } from '../helpers/ssh-machine.ts'
import { SshServer } from '../helpers/ssh-server.ts'

const both: readonly Wish[] = [
  { name: 'rootscor', kind: 'append', text: rootLines(2, 50) },
  { name: 'wrcmd', kind: 'replace', text: longerLine },
]

type Remote = { readonly server: SshServer; readonly file: string; readonly edit: () => Promise<void> }

async function remote(wishes: readonly Wish[]): Promise<Remote> {
  const file = join(await scratchDir(), '9fat')
  const server = await SshServer.start()
  onTestFinished(() => server.close())
  const machines = new TestMachines({ host: '127.0.0.1', port: server.port, username: 'glenda' })
  const path = parseSshPath(`ssh://glenda@127.0.0.1:${server.port}${file}`)!
  const place = { name: '9fat', file: path, offset: 0, sizeBytes: null }
  const edit = async (): Promise<void> => {
    const source = await openSftpSource(path, machines.borrow)
    try {
      await editVolume(source, changesFor(wishes), {
        now: editTime,
        openRegion: async () => (await openRemoteRegion(place, machines.borrow)).region,
        saveBackup: () => Promise.resolve('one'),
        discardBackup: () => Promise.resolve(),
      })
    } finally {
      await source.close()
    }
    expect(machines.borrowed).toBe(0)
  }
  return { server, file, edit }
}

describe.each<[string, CutVolume]>([
  ['in place and in the last cluster', { sectorsPerCluster: 4 }],
  ['with new clusters', { rootscor: rootLines(7), wrcmd: null }],
])('%s', (_, volume) => {
  const image = buildCutVolume(volume)

  test('the same writes in the same order', async () => {
    const { server, file, edit } = await remote(both)
    await writeFile(file, image)
    await edit()
    const { disk } = await editImage(image, both)
    const writes = disk.events.flatMap((event) => (event.kind === 'write' ? [event.sector * 512] : []))
    expect(server.writes).toEqual(writes.map((offset) => ({ offset, length: 512 })))
    expect(Buffer.compare(await readFile(file), disk.image)).toBe(0)
  })

  test('a connection cut at any write leaves a state of a power cut, and the next run finishes', async () => {
    const { disk } = await editImage(image, both)
    const states = cutStates(image, disk.events).map((overlay) => withOverlay(image, overlay))
    const writes = disk.events.filter(({ kind }) => kind === 'write').length
    expect(writes).toBeGreaterThan(3)
    const { server, file, edit } = await remote(both)
    for (let number = 0; number < writes; number++) {
      for (const isDone of [true, false]) {
        await writeFile(file, image)
        server.writes.splice(0)
        server.faults = { cutAtWrite: { number, isDone } }
        await expect(edit()).rejects.toMatchObject({ code: 'write-9fat' })
        const left = await readFile(file)
        expect(states.some((state) => Buffer.compare(state, left) === 0)).toBe(true)
        server.faults = {}
        await edit()
        const next = (await editImage(left, both)).disk.image
        expect(Buffer.compare(await readFile(file), next)).toBe(0)
      }
    }
  })
})
