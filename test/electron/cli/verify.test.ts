// venti-mirror verify: words, documents and exit statuses.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { parseCommand } from '../../../electron/cli/args.ts'
import { verifyLines } from '../../../electron/cli/verify-text.ts'
import type { VerifyResult } from '../../../shared/model/verify.ts'
import { jsonHere, runHere } from '../../helpers/cli-here.ts'
import { startFakeVenti, type FakeVenti } from '../../helpers/fake-venti.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { stateDirIn } from '../../helpers/sync-runs.ts'
import { filledFake, newestRoot, partsOf } from '../../helpers/verify-runs.ts'

const id = 'seq-day1'
const { score, blocks } = newestRoot(id)
const hex = score.slice(4)
const masked = `vac:${hex.slice(0, 4)}…${hex.slice(-4)}`
let folder: string
let venti: FakeVenti
let image: string

beforeEach(async () => {
  folder = await scratchDir()
  const filled = await filledFake(folder, id)
  venti = filled.venti
  image = filled.image
})

const verify = (...args: string[]): string[] => [
  'verify',
  ...args,
  '--at',
  venti.dial.text,
  '--state',
  stateDirIn(folder),
]

describe('verify', () => {
  test('a whole archive, in every form of its score: exit 0', async () => {
    const file = join(folder, 'day1.vac')
    await writeFile(file, `${score}\n`)
    for (const form of [score, hex, hex.toUpperCase(), file]) {
      const { status, document } = await jsonHere(verify(form))
      expect(status).toBe(0)
      expect(document).toMatchObject({ ok: true, root: masked, blocks, good: blocks, missing: [], corrupt: [] })
    }
    const { status, stdout, stderr } = await runHere(verify(score, '--full'))
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(new RegExp(`^${masked} is whole on tcp!127`))
    expect(stdout).toContain(`${blocks} of ${blocks} blocks read back`)
    expect(stdout).not.toContain(hex)
  })

  test('the root score in full when it is asked for, and only then', async () => {
    const { document } = await jsonHere(verify(score, '--show-scores'))
    expect(document).toMatchObject({ root: score })
  })

  test('a missing block: exit 3, what and why; after the repair exit 0', async () => {
    const { data } = partsOf(id, venti)
    venti.blocks.delete(data.key)
    const found = await runHere(verify(score, '--source', image))
    expect(found.status).toBe(3)
    expect(found.stdout).toContain(`${masked} is NOT whole`)
    const place = `${data.clump.arena} at 0x${data.clump.offset.toString(16)}`
    expect(found.stdout).toContain(`missing data block ${data.clump.score} of /${data.path}, ${place}`)
    expect(found.stdout).toContain('lost on the target: --repair sends it again')
    const healed = await jsonHere(verify(score, '--source', image, '--repair'))
    expect([healed.status, (healed.document as VerifyResult).repaired]).toEqual([0, 1])
    expect((await runHere(verify(score))).status).toBe(0)
  })

  test('a score that is not there: exit 3; of another kind of block, or no venti: exit 1', async () => {
    const absent = await runHere(verify('0123456789'.repeat(4)))
    expect([absent.status, absent.stdout.includes('does not have the root block')]).toEqual([3, true])
    const { data } = partsOf(id, venti)
    const other = await jsonHere(verify(data.clump.score))
    expect([other.status, other.document]).toMatchObject([1, { error: { code: 'not-a-tree' } }])
    await venti.close()
    expect(await jsonHere(verify(score))).toMatchObject({ status: 1, document: { error: { code: 'connect-failed' } } })
  })

  test('the words of the command line', async () => {
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [['verify', score], /--at is missing/],
      [['verify', '--at', 'x'], /SCORE is missing/],
      [['verify', score, '--at', 'x', '--repair'], /--repair needs --source/],
      [['verify', score, '--at', 'x', '--source-venti', 'y'], /--source-venti needs --source/],
      [['verify', score, '--at', 'x', '--wait', 'soon'], /--wait is "soon"/],
      [['verify', score, '--at', 'x', '--wait', '0'], /--wait is "0"/],
      [['verify', score, '--at', 'x', '--drill', '0'], /--drill is "0", expected 1 to 10000 files/],
      [['verify', score, '--at', 'x', '--drill', '10001'], /--drill is "10001"/],
      [['verify', score, '--at', 'x', '--drill', '1.5'], /--drill is "1.5"/],
      [['verify', score, '--at', 'x', '--seed', '1'], /--seed is for --drill/],
      [['verify', score, '--at', 'x', '--drill', '1', '--seed', '4294967296'], /--seed is "4294967296"/],
    ]
    for (const [args, words] of wrong) expect(() => parseCommand(args)).toThrow(words)
    for (const place of [`${score}/etc`, 'vac:123', 'readme.txt']) {
      expect([place, (await runHere(verify(place))).status]).toEqual([place, 2])
    }
    expect(parseCommand(['verify', score, '--at', 'x', '--wait', '1.5'])).toMatchObject({
      waitMs: 90_000,
      drill: null,
      seed: null,
    })
    const drill = parseCommand(['verify', score, '--at', 'x', '--drill', '10000', '--seed', '4294967295'])
    expect(drill).toMatchObject({ drill: 10_000, seed: 4_294_967_295 })
    expect(parseCommand(['verify', score, '--at', 'x', '--drill', '1', '--seed', '0'])).toMatchObject({ seed: 0 })
  })
})

describe('the restore drill', () => {
  test('some files against the source, with a seed that draws them again: exit 0', async () => {
    const { status, document } = await jsonHere(verify(score, '--source', image, '--drill', '3'))
    const { drill, warnings } = document as VerifyResult
    expect([status, drill?.ok, drill?.compared, drill?.files.length, warnings]).toEqual([0, true, true, 3, []])
    const seed = String(drill?.seed)
    const again = await jsonHere(verify(score, '--source', image, '--drill', '3', '--seed', seed))
    expect((again.document as VerifyResult).drill).toEqual(drill)
    const { stdout } = await runHere(verify(score, '--source', image, '--drill', '3', '--seed', seed))
    expect(stdout).toContain('drill: 3 files read whole, compared byte for byte with the source: ')
    expect(stdout).toContain(`(--drill 3 --seed ${seed} repeats it)`)
    const alone = await runHere(verify(score, '--drill', '1', '--seed', '5'))
    expect(alone.status).toBe(0)
    expect(alone.stdout).toContain('drill: 1 file read whole, every block compared with its score (no --source): ')
  })

  test('a file that cannot be read back, though every block seems to be there: exit 3', async () => {
    const { data } = partsOf(id, venti)
    venti.store.damaged.add(data.key)
    const { status, stdout } = await runHere(verify(score, '--source', image, '--drill', '1000', '--seed', '5'))
    expect(status).toBe(3)
    expect(stdout).toContain(': every block was found, but the restore drill FAILED')
    expect(stdout).toMatch(/drill: (\d+) of (?!\1 )\d+ files read whole/)
    expect(stdout).toMatch(new RegExp(`^    /${data.path}: at 0: .* cannot be given back`, 'm'))
    expect(stdout).not.toContain(hex)
  })
})

describe('the text', () => {
  test('a damaged block on the target says what its owner can do, and long lists are cut', async () => {
    const empty = await startFakeVenti()
    onTestFinished(() => empty.close())
    const { document } = await jsonHere(verify(score))
    const fault = { score: '1'.repeat(40), type: 9, path: '/a', arena: null, offset: null, detail: 'clump is bad' }
    const corrupt = Array.from({ length: 60 }, () => ({
      ...fault,
      reason: 'damaged-on-target' as const,
      repaired: false,
    }))
    const lines = verifyLines({ ...(document as VerifyResult), ok: false, corrupt })
    expect(lines.filter((line) => line.includes('damaged pointer block'))).toHaveLength(50)
    expect(lines.join('\n')).toMatch(/damaged on the target: .*mirror to another venti \(clump is bad\)/)
    expect(lines).toContain('  and 10 more (--json lists them)')
  })
})
