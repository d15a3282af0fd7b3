// venti-mirror recover: the commands stand there, with the score in full, only when all of the archive was read back.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseCommand } from '../../../electron/cli/args.ts'
import { recoverLines } from '../../../electron/cli/recover-text.ts'
import { verifyLogName, verifyLogPath } from '../../../electron/engine/state/verify-log.ts'
import { parseDial } from '../../../electron/engine/venti/client/dial.ts'
import { recoverCommands } from '../../../electron/engine/verify/recover-commands.ts'
import type { RecoverResult } from '../../../shared/model/recover.ts'
import { jsonHere, runHere } from '../../helpers/cli-here.ts'
import type { FakeVenti } from '../../helpers/fake-venti.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { stateDirIn } from '../../helpers/sync-runs.ts'
import { filledFake, newestRoot, partsOf, rootOf } from '../../helpers/verify-runs.ts'

async function setUp(
  id: string,
): Promise<{ folder: string; venti: FakeVenti; recover: (...more: string[]) => string[] }> {
  const folder = await scratchDir()
  const { venti } = await filledFake(folder, id)
  const state = stateDirIn(folder)
  const recover = (...more: string[]): string[] => ['recover', ...more, '--at', venti.dial.text, '--state', state]
  return { folder, venti, recover }
}

const masked = (score: string): string => `vac:${score.slice(4, 8)}…${score.slice(-4)}`

describe('an archive that is whole', () => {
  test('of a fossil: flfmt -v with the bare score, and extract of /active', async () => {
    const { folder, recover } = await setUp('fossil-venti')
    const { score, blocks } = newestRoot('fossil-venti')
    const hex = score.slice(4)
    const { status, document } = await jsonHere(recover(score))
    const { verified, way, commands } = document as RecoverResult
    expect(status).toBe(0)
    expect(verified).toMatchObject({ ok: true, depth: 'full', root: masked(score), blocks, good: blocks })
    expect(way).toEqual({ kind: 'fossil', blockSize: 8192 })
    const port = verified.dial.split('!')[2] as string
    expect(commands?.plan9).toEqual([`venti=tcp!HOST!${port}`, `fossil/flfmt -v ${hex} /dev/sdXX/fossil`])
    const extract = `venti-mirror extract vac:${hex}/active restored --at 127.0.0.1:${port}`
    expect(commands?.here).toEqual([extract])
    // The command does what it says.
    const into = join(folder, 'restored')
    const words = extract.split(' ').slice(1)
    expect((await runHere(words.map((word) => (word === 'restored' ? into : word)))).status).toBe(0)
    expect((await readdir(into)).length).toBeGreaterThan(0)
    const state = stateDirIn(folder)
    const log = verifyLogPath(state, await verifyLogName(state, verified.dial, null))
    const records = await readFile(log, 'utf8')
    expect(records).toContain(masked(score))
    expect(records).not.toContain(hex)
  })

  test('the text: the score in the commands and nowhere else', async () => {
    const { recover } = await setUp('fossil-venti')
    const { score } = newestRoot('fossil-venti')
    const hex = score.slice(4)
    const { status, stdout, stderr } = await runHere(recover(score))
    expect([status, stderr]).toEqual([0, ''])
    const lines = stdout.split('\n')
    expect(lines[0]).toMatch(new RegExp(`^${masked(score)} is whole on tcp!127`))
    const withScore = lines.filter((line) => line.includes(hex))
    expect(withScore.map((line) => line.trim().split(' ')[0])).toEqual(['fossil/flfmt', 'venti-mirror'])
    expect(stdout).toContain('Note: 127.0.0.1 is this computer itself')
  })

  test('of vac: mounted or unpacked, never flfmt', async () => {
    const { recover } = await setUp('seq-day1')
    const { score } = newestRoot('seq-day1')
    const { document } = await jsonHere(recover(score))
    const { way, commands } = document as RecoverResult
    expect(way).toMatchObject({ kind: 'files', under: '' })
    expect(commands?.plan9[1]).toBe(`echo ${score} >/tmp/root.vac`)
    expect(commands?.plan9.join('\n')).toMatch(/vacfs .*unvac /)
    expect(commands?.plan9.join('\n')).not.toContain('flfmt')
    expect(commands?.here[0]).toMatch(`extract ${score} restored --at`)
  })
})

describe('an archive that is not whole', () => {
  test('a block is missing, or spoiled where only reading shows it: exit 3, what, and no commands', async () => {
    const { venti, recover } = await setUp('seq-day1')
    const { score } = newestRoot('seq-day1')
    const { data } = partsOf('seq-day1', venti)
    const good = venti.blocks.get(data.key) as Uint8Array
    const spoilt = Uint8Array.from(good, (byte, i) => (i === 0 ? byte ^ 1 : byte))
    for (const [change, what] of [
      [() => venti.blocks.delete(data.key), 'missing'],
      [() => venti.blocks.set(data.key, spoilt), 'corrupt'],
    ] as const) {
      change()
      const { status, stdout } = await runHere(recover(score))
      expect(status).toBe(3)
      expect(stdout).toContain(`/${data.path}`)
      expect(stdout).toContain('No commands to bring it back are given: not all of it is there.')
      expect(stdout).not.toContain(score.slice(4))
      const { document } = await jsonHere(recover(score))
      const { verified, way, commands } = document as RecoverResult
      expect([verified[what].length, way, commands]).toEqual([1, null, null])
    }
  })

  test('the root itself is not there: exit 3', async () => {
    const { recover } = await setUp('seq-day1')
    expect((await runHere(recover('0123456789'.repeat(4)))).status).toBe(3)
  })
})

describe('the commands', () => {
  const root = rootOf(`vac:${'ab'.repeat(20)}`)

  test.each([
    ['tcp!192.168.1.5!17034', 'tcp!192.168.1.5!17034', '192.168.1.5:17034', 0],
    ['backup', 'tcp!backup!17034', 'backup:17034', 0],
    ['tcp!fd00::1!17034', 'tcp!fd00::1!17034', '"[fd00::1]:17034"', 0],
    ['localhost', 'tcp!HOST!17034', 'localhost:17034', 1],
    ['unix!/tmp/venti', 'tcp!HOST!17034', '/tmp/venti', 1],
    ['ssh://glenda@attic!10.0.0.5', 'tcp!HOST!17034', "'ssh://glenda@attic!10.0.0.5!17034'", 1],
    ["unix!/tmp/it's", 'tcp!HOST!17034', "'/tmp/it'\\''s'", 1],
  ])('%s', (given, plan9, here, notes) => {
    const way = { kind: 'files', under: '', why: 'x' } as const
    const commands = recoverCommands(root, parseDial(given), way)
    expect(commands.plan9[0]).toBe(`venti=${plan9}`)
    expect(commands.here).toEqual([`venti-mirror extract vac:${root} restored --at ${here}`])
    expect(commands.notes).toHaveLength(notes)
  })

  test('another block size is named to flfmt; a fossil that flfmt refuses still has its /active', () => {
    const dial = parseDial('h')
    expect(recoverCommands(root, dial, { kind: 'fossil', blockSize: 4096 }).plan9[1]).toBe(
      `fossil/flfmt -b 4096 -v ${root} /dev/sdXX/fossil`,
    )
    const refused = recoverCommands(root, dial, { kind: 'files', under: '/active', why: 'x' })
    expect(refused.here[0]).toContain(`vac:${root}/active restored`)
  })

  test('an interrupted check says so', async () => {
    const { recover } = await setUp('seq-day1')
    const { document } = await jsonHere(recover(newestRoot('seq-day1').score))
    const { verified } = document as RecoverResult
    const lines = recoverLines({ verified: { ...verified, ok: false, cancelled: true }, way: null, commands: null })
    expect(lines.at(-1)).toBe('No commands to bring it back are given: the check was interrupted.')
  })
})

test('the words of the command line', async () => {
  expect(parseCommand(['recover', 'x', '--at', 'h', '--state', 's', '--timeout', '2'])).toMatchObject({
    command: 'recover',
    place: 'x',
    at: 'h',
    stateDir: 's',
    timeoutMs: 2000,
  })
  expect(() => parseCommand(['recover', 'x'])).toThrow('recover: --at is missing')
  expect(() => parseCommand(['recover', '--at', 'h'])).toThrow('recover: SCORE is missing')
  expect((await runHere(['recover', `${'0'.repeat(40)}/etc`, '--at', 'h'])).status).toBe(2)
})
