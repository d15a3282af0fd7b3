// The round trip with the scripts: what ventiprog's text processing makes of a line of ours is the line we expect, with any
// targets, also just after a rollover; and the model of it fails in the ways the real script was seen to fail.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { appendedText, decodeRootscor, linesToAppend } from '../../../../electron/engine/bookkeeping/rootscor.ts'
import { isUsable, nextWrcmd, parseWrcmd } from '../../../../electron/engine/bookkeeping/wrcmd.ts'
import type { WrarenaCommand } from '../../../../shared/model/bookkeeping.ts'
import { runVentiprog, wrarenaFields } from '../../../helpers/ventiprog-model.ts'

const old = 'venti/wrarena -h tcp!192.168.0.99!17034 -o 794624 /dev/sdE0/arenas 0x96df0\n'
const endsAt = (offset: number) => (): string => `end offset 0x${offset.toString(16)}\n`

function understood(text: string): WrarenaCommand {
  const parsed = parseWrcmd(text)
  if (!isUsable(parsed)) throw new Error(`not usable: ${text} ${JSON.stringify(parsed.problems)}`)
  return parsed.command
}

describe('one run of the script', () => {
  test('gives the line and the lines of rootscor that we write for the same position', () => {
    const run = runVentiprog(old, [], endsAt(0xf7337))
    const ours = nextWrcmd(understood(old), { arenaOffset: 794624, clumpOffset: 0xf7337 })
    expect(run.wrcmd).toBe(ours)
    expect(run.appended).toBe(appendedText('', linesToAppend(old, ours)))
    expect(decodeRootscor(run.appended).every(({ kind }) => kind === 'command')).toBe(true)
  })

  test('sends the same to several targets, and to nobody else', () => {
    const { commands, wrcmd } = runVentiprog(old, ['10.0.0.1', 'backup.example.org'], endsAt(0xf7337))
    expect(commands.map((command) => wrarenaFields(command))).toEqual(
      ['192.168.0.99', '10.0.0.1', 'backup.example.org'].map((host) => {
        return { host: `tcp!${host}!17034`, offset: 794624, partition: '/dev/sdE0/arenas', clump: 0x96df0 }
      }),
    )
    expect(understood(wrcmd as string).host).toBe('tcp!192.168.0.99!17034')
  })

  test('just after a rollover, with a first block in the next arena', () => {
    const rolled = nextWrcmd(understood(old), { arenaOffset: 1843200, clumpOffset: 0 })
    const { commands, wrcmd } = runVentiprog(rolled, ['other'], endsAt(0x2b))
    expect(commands.map((command) => wrarenaFields(command)?.offset)).toEqual([1843200, 1843200])
    expect(wrcmd).toBe(nextWrcmd(understood(old), { arenaOffset: 1843200, clumpOffset: 0x2b }))
  })

  test('nothing new leaves the line as it is', () => {
    const line = nextWrcmd(understood(old), { arenaOffset: 794624, clumpOffset: 0x96df0 })
    expect(line).toBe(old)
    expect(runVentiprog(line, [], endsAt(0x96df0)).wrcmd).toBe(line)
  })
})

describe('the model fails as the script was seen to fail', () => {
  test('"end offset 0" just after a rollover, and several offsets, blank the file', () => {
    expect(runVentiprog(old, [], () => 'end offset 0\n').wrcmd).toBe('\n')
    expect(runVentiprog(old, [], () => 'end offset 0x1\nend offset 0x2\n').wrcmd).toBe('\n')
    expect(runVentiprog(old, [], () => '2019/0314 00:00:01 starting to send data\n').wrcmd).toBeNull()
  })

  test.each<[string, (line: string) => boolean]>([
    [old.replace('794624', '0xc2000'), (line) => !line.includes('/dev/sdE0/arenas')],
    [old.replace('192', '0xc0'), (line) => !line.includes('/dev/sdE0/arenas')],
    [old.replace('0x96df0', '618992'), (line) => line.includes(' 618992')],
    [old.replace(' 0x96df0', ''), (line) => line.trimEnd().endsWith('arenas')],
  ])('%j goes wrong there, and is an error here', (line, isWrong) => {
    expect(isWrong(runVentiprog(line, [], endsAt(0xf7337)).wrcmd as string)).toBe(true)
    expect(isUsable(parseWrcmd(line))).toBe(false)
  })

  test('a host of two parts gets no other target; one of our lines always has three', () => {
    const { commands } = runVentiprog(old.replace('!17034', ''), ['other'], endsAt(1))
    expect(commands[1]).toBe(commands[0])
    expect(parseWrcmd(old.replace('!17034', '')).problems).toHaveLength(1)
  })
})

const word = fc.stringMatching(/^[a-z0-9/._-]{1,12}$/)
const flags = fc.subarray(['-v', '-M 100', '-f'], { minLength: 0 })
const offset = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constantFrom(0, 1, 2 ** 32, 2 ** 53 - 1))

test('a line of ours survives any number of rounds, whatever the words around it', () => {
  fc.assert(
    fc.property(
      fc.record({
        program: fc.oneof(
          fc.constantFrom('wrarena', 'venti/wrarena'),
          word.map((text) => `${text}wrarena`),
        ),
        flags,
        partition: fc.oneof(
          fc.constantFrom('/dev/sdC0/arenas', '#S/sdF0/arenas'),
          word.map((text) => `/dev/${text}`),
        ),
        attached: fc.boolean(),
        before: fc.boolean(),
        end: fc.constantFrom('', '\n', ' \t\n\n', '\r\n'),
      }),
      word,
      offset,
      fc.array(offset, { minLength: 1, maxLength: 8 }),
      fc.array(fc.stringMatching(/^[a-z0-9.]{1,20}$/), { maxLength: 3 }),
      (form, host, start, ends, targets) => {
        const options = [`-o${form.attached ? '' : ' '}17`, ...form.flags]
        const given = [form.program, ...(form.before ? options.toReversed() : options), form.partition, '0x5']
        const parsed = parseWrcmd(given.join(' ') + form.end)
        // Words that a script would trip over are errors already, and no line is made of them.
        if (!isUsable(parsed)) {
          expect(given.slice(0, -1).join(' ')).toMatch(/0x/)
          return
        }
        const dial = `tcp!${host.replaceAll(/0x|\//g, 'h')}!17034`
        if (dial.includes('0x')) return
        let line = nextWrcmd(parsed.command, { arenaOffset: start, clumpOffset: 0, host: dial })
        expect(line).toMatch(/^[^ \n]+( [^ \n]+)* 0x0\n$/)
        for (const end of ends) {
          const run = runVentiprog(line, targets, endsAt(end))
          expect(run.commands).toHaveLength(targets.length + 1)
          for (const [index, command] of run.commands.entries()) {
            const wanted = index === 0 ? dial : `tcp!${targets[index - 1]}!17034`
            expect(parseWrcmd(command).command).toMatchObject({
              host: wanted,
              arenaOffset: start,
              partition: form.partition,
              clumpOffset: parseWrcmd(line).command?.clumpOffset,
            })
          }
          line = run.wrcmd as string
          expect(line).toBe(nextWrcmd(parsed.command, { arenaOffset: start, clumpOffset: end, host: dial }))
        }
      },
    ),
    { numRuns: 2000 },
  )
})
