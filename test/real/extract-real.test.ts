// ls and extract beside unvac, against the real venti server: the same listing, the same files.

import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { runHere } from '../helpers/cli-here.ts'
import { healthyPartition, treeManifest } from '../helpers/fixtures.ts'
import { realVenti, type RealVenti } from '../helpers/real-venti.ts'
import { restoredTree, withoutOwners } from '../helpers/restored-tree.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { imageIn } from '../helpers/sync-runs.ts'

const venti = realVenti()

/** Lines of unvac -t without what it calls the root itself. */
async function unvacLines(real: RealVenti, flags: readonly string[], dial: string, score: string): Promise<string[]> {
  const { stdout } = await real.runOk('unvac', [...flags, '-h', dial, score])
  return stdout.split('\n').filter(Boolean)
}

describe.skipIf(venti === null).each(['seq-day3', 'bs32k-day3', 'fossil-venti'])('%s on a real venti', (id) => {
  const real = venti!
  const root = healthyPartition(id).roots.at(-1)!

  test('is listed as unvac lists it, and restored as unvac restores it', async () => {
    const folder = await scratchDir()
    const server = await real.serve(join(folder, 'venti'), await imageIn(folder, id))
    onTestFinished(() => server.stop())
    const at = ['--at', server.dial]

    const ours = await runHere(['ls', '--recursive', root.score, ...at])
    expect([ours.status, ours.stderr]).toEqual([0, ''])
    const paths = ours.stdout.trimEnd().split('\n').toSorted()
    const theirs = await unvacLines(real, ['-t'], server.dial, root.score)
    expect(theirs.map((path) => path.replace(/\/$/, '')).toSorted()).toEqual(paths)

    const long = await runHere(['ls', '-l', '--recursive', root.score, ...at])
    // Letters, owner and group; size and path. unvac shows times in the local zone.
    const columns = /^(\S+) +(\S+) +(\S+) +(\d+) \S+ \S+ (.*)$/
    const parts = (line: string): string => {
      const [, letters, uid, gid, size, path] = columns.exec(line)!
      return [letters, uid, gid, letters!.startsWith('d') ? 0 : size, path!.replace(/\/$/, '')].join(' ')
    }
    const theirLong = await unvacLines(real, ['-t', '-v'], server.dial, root.score)
    expect(long.stdout.trimEnd().split('\n').map(parts).toSorted()).toEqual(theirLong.map(parts).toSorted())

    const { under, entries } = treeManifest(root.tree!)
    const into = join(folder, 'ours')
    const place = under === '/' ? root.score : `${root.score}/${under}`
    expect((await runHere(['extract', place, into, ...at])).status).toBe(0)
    const unvacked = join(folder, 'theirs')
    await mkdir(unvacked)
    const restored = await real.restoreTree(server.dial, root.score, unvacked, under)
    expect(restored).toEqual(entries)
    expect(await restoredTree(into)).toEqual(withoutOwners(restored))
  })
})

describe.skipIf(venti === null)('archives of the real vac', () => {
  const real = venti!

  test('with odd files come back, and what it cut off is said', async () => {
    const folder = await scratchDir()
    const server = await real.start(folder)
    onTestFinished(() => server.stop())
    const from = join(folder, 'from')
    await mkdir(join(from, 'inner'), { recursive: true })
    await writeFile(join(from, 'inner', 'x'), 'content')
    await symlink('short', join(from, 'short-link'))
    await symlink('longer than eight', join(from, 'long-link'))
    const { stdout } = await real.runOk('vac', ['-h', server.dial, 'from'], { cwd: folder })
    const score = stdout.trim()
    const into = join(folder, 'into')
    const ran = await runHere(['extract', `${score}/from`, into, '--at', server.dial])
    expect(ran.status).toBe(3)
    const names = Object.keys(await restoredTree(into)).toSorted()
    expect(names).toEqual(['inner', 'inner/x', 'short-link'])
    expect(ran.stdout).toContain('/from/long-link: a symbolic link of which the archive does not have the whole target')
  })
})
