// A process that edits a 9fat, killed at each of its writes and flushes in turn: wrcmd is always one whole line, everything else as it was, and the
// next process takes the lock over and finishes (R6).

import { spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { beforeAll, afterAll, expect, test } from 'vitest'
import { changeNinefat, listNinefatBackups, textBytes } from '../../../../electron/engine/fat/ninefat.ts'
import { buildCutVolume, numberedLine, numberedRoot } from '../../../helpers/cut-volumes.ts'
import { inspectFat } from '../../../helpers/plain-fat.ts'
import { openScratchDir, scratchDir, type ScratchDir } from '../../../helpers/scratch.ts'

/** More than an edit of both files has writes and flushes. */
const kills = 40
const runner = fileURLToPath(new URL('../../../helpers/edit-runner.ts', import.meta.url))

let bundleFolder: ScratchDir
beforeAll(async () => {
  bundleFolder = await openScratchDir()
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: true,
      outDir: bundleFolder.path,
      emptyOutDir: false,
      target: 'node20',
      rollupOptions: { input: runner, output: { entryFileNames: 'edit.mjs' } },
    },
  })
})
afterAll(() => bundleFolder.remove())

type Round = { readonly path: string; readonly stateDir: string; readonly first: number; readonly fatal: number }

/** Number of the last edit it said was finished. */
async function editUntilKilled({ path, stateDir, first, fatal }: Round): Promise<number> {
  const args = [join(bundleFolder.path, 'edit.mjs'), path, stateDir, String(first), String(fatal)]
  const child = spawn(process.execPath, args)
  let said = ''
  let complaint = ''
  child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (complaint += bytes.toString()))
  const signal = await new Promise((resolve) => child.on('close', (_, by) => resolve(by)))
  expect([signal, complaint]).toEqual(['SIGKILL', ''])
  const last = said.trimEnd().split('\n').at(-1)!
  return last === '' ? first - 1 : Number(last)
}

test(`${kills} kills`, async () => {
  const folder = await scratchDir()
  const path = join(folder, '9fat.img')
  const stateDir = join(folder, 'state')
  await mkdir(stateDir)
  const image = buildCutVolume({ wrcmd: numberedLine(0), rootscor: numberedRoot(0) })
  await writeFile(path, image)
  const base = inspectFat(image)
  const others = (files: typeof base.files): unknown =>
    [...files.values()].filter(({ path: name }) => name !== 'WRCMD' && name !== 'ROOTSCOR')
  let done = 0
  let interrupted = 0
  for (let kill = 0; kill < kills; kill++) {
    const last = await editUntilKilled({ path, stateDir, first: done + 1, fatal: kill + 1 })
    const now = inspectFat(await readFile(path))
    expect(now.problems).toEqual([])
    expect(now.reserved).toBe(base.reserved)
    expect(others(now.files)).toEqual(others(base.files))
    const line = now.files.get('WRCMD')!.content.replace(/\n+$/, '\n')
    expect([numberedLine(last), numberedLine(last + 1)]).toContain(line)
    const roots = now.files.get('ROOTSCOR')!.content
    const isNew = roots.endsWith(numberedRoot(last + 1))
    expect(isNew || roots.endsWith(numberedRoot(last))).toBe(true)
    const isHalfDone = now.lost.length + now.differing.length > 0 || isNew !== (line === numberedLine(last + 1))
    if (isHalfDone) interrupted++
    done = line === numberedLine(last + 1) ? last + 1 : last
  }
  await changeNinefat(path, () => [{ kind: 'replace', name: 'wrcmd', content: textBytes(numberedLine(1)) }], {
    stateDir,
    now: new Date(),
  })
  const end = inspectFat(await readFile(path))
  expect([end.problems, end.lost, end.differing]).toEqual([[], [], []])
  const { backups, problems } = await listNinefatBackups(path, stateDir)
  expect([backups.length, problems]).toEqual([20, []])
  expect(interrupted).toBeGreaterThan(kills / 4)
}, 60_000)
