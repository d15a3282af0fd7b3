// Replacing a state file: the old or the new content, whole, whatever fails and whenever the process is killed.

import { spawn } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeAtomically } from '../../../../electron/engine/state/atomic-write.ts'
import { rejection } from '../../../helpers/client-calls.ts'
import { scratchDir } from '../../../helpers/scratch.ts'

test('leaves one file with the new content, for its owner alone', async () => {
  const folder = await scratchDir()
  const path = join(folder, 'a', 'b', 'state.json')
  await writeAtomically(path, 'one')
  await chmod(path, 0o644)
  await writeAtomically(path, 'two')
  expect(await readdir(join(folder, 'a', 'b'))).toEqual(['state.json'])
  expect([await readFile(path, 'utf8'), (await stat(path)).mode & 0o777]).toEqual(['two', 0o600])
})

test('a rename that fails leaves the old content and no trace of the new', async () => {
  const folder = await scratchDir()
  const path = join(folder, 'state.json')
  // A folder that is not empty cannot be replaced by a file, for any user.
  await mkdir(join(path, 'occupied'), { recursive: true })
  const error = await rejection(writeAtomically(path, 'new'))
  expect({ code: error.code, unchanged: error.message.includes('The file saved before is unchanged') }).toEqual({
    code: 'state-write',
    unchanged: true,
  })
  expect(await readdir(folder)).toEqual(['state.json'])
})

test('a folder that is a file is an error, and the file stays', async () => {
  const folder = await scratchDir()
  await writeFile(join(folder, 'file'), 'kept')
  expect((await rejection(writeAtomically(join(folder, 'file', 'state.json'), 'new'))).code).toBe('state-write')
  expect(await readFile(join(folder, 'file'), 'utf8')).toBe('kept')
})

test('a link in the way is replaced, and what it points to is not written', async () => {
  const folder = await scratchDir()
  await writeFile(join(folder, 'elsewhere'), 'kept')
  await symlink(join(folder, 'elsewhere'), join(folder, 'state.json'))
  await writeAtomically(join(folder, 'state.json'), 'new')
  expect(await readFile(join(folder, 'elsewhere'), 'utf8')).toBe('kept')
  expect(await readFile(join(folder, 'state.json'), 'utf8')).toBe('new')
})

test.skipIf(process.platform !== 'linux')(
  'a disk that fills up leaves the old content (RLIMIT_FSIZE stands for it)',
  async () => {
    const folder = await scratchDir()
    const path = join(folder, 'state.json')
    await writeFile(path, 'old')
    const script = `
    import { writeAtomically } from ${JSON.stringify(join(folder, 'atomic.mjs'))}
    await writeAtomically(${JSON.stringify(path)}, 'x'.repeat(64 * 1024)).catch((error) => console.log(error.code))`
    await bundle(join(folder, 'atomic.mjs'))
    await writeFile(join(folder, 'main.mjs'), script)
    // 8 blocks of 512 bytes or of 1024, by shell; SIGXFSZ ignored, so that the write fails with EFBIG.
    const said = await output('sh', [
      '-c',
      `trap '' XFSZ; ulimit -f 8; exec "$0" "$1"`,
      process.execPath,
      join(folder, 'main.mjs'),
    ])
    expect(said.trim()).toBe('state-write')
    expect(await readFile(path, 'utf8')).toBe('old')
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([])
  },
)

test('a process killed at any instant leaves old or new, whole', async () => {
  const folder = await scratchDir()
  await bundle(join(folder, 'atomic.mjs'))
  const path = join(folder, 'state', 'state.json')
  // Content that says of itself whether it is whole.
  await writeFile(
    join(folder, 'main.mjs'),
    `import { writeAtomically } from './atomic.mjs'
     console.log('ready')
     for (let i = 0; ; i++) await writeAtomically(${JSON.stringify(path)}, JSON.stringify({ i, pad: 'p'.repeat(i % 7 * 9000), end: i }))`,
  )
  let reached = 0
  for (let round = 0; round < 12; round++) {
    await rm(join(folder, 'state'), { recursive: true, force: true })
    const child = spawn(process.execPath, [join(folder, 'main.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    const gone = new Promise((resolve) => child.once('close', resolve))
    // The instant of a kill has to be random. In every other round the first write is over, however slow the disk is.
    while (
      round % 2 === 0 &&
      !(await readdir(join(folder, 'state')).catch((): string[] => [])).includes('state.json')
    ) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    setTimeout(() => child.kill('SIGKILL'), 5 + Math.random() * 60)
    await gone
    const text = await readFile(path, 'utf8').catch(() => null)
    if (text === null) continue
    const { i, end } = JSON.parse(text) as { i: number; end: number }
    expect(end).toBe(i)
    reached++
  }
  expect(reached).toBeGreaterThanOrEqual(6)
})

/** The module as one plain file: Node 20 runs no TypeScript. */
async function bundle(into: string): Promise<void> {
  const { build } = await import('vite')
  await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      ssr: new URL('../../../../electron/engine/state/atomic-write.ts', import.meta.url).pathname,
      outDir: join(into, '..', 'bundled'),
      target: 'node20',
      rolldownOptions: { output: { format: 'es', entryFileNames: 'atomic.mjs' } },
    },
  })
  await writeFile(into, await readFile(join(into, '..', 'bundled', 'atomic.mjs')))
}

function output(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (more: string) => (text += more))
    child.on('error', reject)
    child.on('close', () => resolve(text))
  })
}
