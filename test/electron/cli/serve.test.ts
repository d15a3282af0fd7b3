// The serve command: makes the file if need be, says in one line when it serves, and ends in order when told to.

import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runServe, type ServeOptions } from '../../../electron/cli/commands/serve.ts'
import { connectVenti } from '../../../electron/engine/venti/client/client.ts'
import { parseDial } from '../../../electron/engine/venti/client/dial.ts'
import { rejection, writeBlock } from '../../helpers/client-calls.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { noise, openQuiet } from '../../helpers/store-calls.ts'

const mebibyte = 2 ** 20

type Serving = { readonly lines: string[]; readonly dial: string; stop(): Promise<void> }

async function serve(file: string, options: Partial<ServeOptions> = {}): Promise<Serving> {
  const lines: string[] = []
  const ended = new AbortController()
  let begun: (line: string) => void = () => undefined
  const first = new Promise<string>((resolve) => (begun = resolve))
  const report = (line: string): void => {
    lines.push(line)
    begun(line)
  }
  const over = runServe({ file, listen: '127.0.0.1:0', compress: true, signal: ended.signal, report, ...options })
  const line = await Promise.race([first, over.then(() => 'it ended')])
  const dial = / on (tcp!\S+!\d+): /.exec(line)?.[1] ?? line
  return {
    lines,
    dial,
    stop: async () => {
      ended.abort()
      await over
    },
  }
}

test('makes a sparse file of 10 GiB in arenas of 512 MiB, serves it, and leaves only the file', async () => {
  const folder = await scratchDir()
  const file = join(folder, 'store')
  const serving = await serve(file)
  expect(serving.lines).toEqual([`serving ${file} on ${serving.dial}: 20 arenas, 0 B of 10.0 GiB used`])
  const status = await stat(file)
  expect([status.size, status.blocks * 512 < 4 * mebibyte]).toEqual([10 * 2 ** 30, true])
  const client = await connectVenti(parseDial(serving.dial))
  await writeBlock(client, noise(1, 5000))
  await client.close()
  await serving.stop()
  expect(await readdir(folder)).toEqual(['store'])
  const again = await serve(file)
  expect(again.lines).toEqual([`serving ${file} on ${again.dial}: 20 arenas, 4.9 KiB of 10.0 GiB used`])
  await again.stop()
})

test.each([
  [{ size: 64 * mebibyte }, 4],
  [{ size: 3 * mebibyte }, 2],
  [{ size: 64 * mebibyte, arenaSize: 2 * mebibyte }, 32],
])('sizes %o give %d arenas', async (sizes, arenas) => {
  const file = join(await scratchDir(), 'store')
  await (await serve(file, sizes)).stop()
  const opened = await openQuiet(file)
  // The remainder behind the last whole arena is one more, or part of the last.
  expect(Math.abs(opened.stats().arenas - arenas)).toBeLessThanOrEqual(1)
  await opened.close()
})

test('says that sizes do not change a file that exists, and warns when others can reach it', async () => {
  const file = join(await scratchDir(), 'store')
  await (await serve(file, { size: 8 * mebibyte })).stop()
  const serving = await serve(file, { size: 64 * mebibyte, listen: 'tcp!*!0' })
  expect(serving.lines.slice(1)).toEqual([
    expect.stringMatching(/exists already: it is served as it is/),
    expect.stringMatching(/knows no passwords/),
  ])
  await serving.stop()
})

test('a signal that fired before it began still closes in order', async () => {
  const folder = await scratchDir()
  const serving = await serve(join(folder, 'store'), { size: 8 * mebibyte, signal: AbortSignal.abort() })
  expect(serving.lines).toHaveLength(1)
  await serving.stop()
  expect(await readdir(folder)).toEqual(['store'])
})

test.each([
  [{ listen: '192.0.2.1:0' }, 'listen-failed'],
  [{ listen: '127.0.0.1:x' }, 'dial-string'],
  [{ size: mebibyte }, 'usage'],
])('%o is refused and nothing keeps the file', async (options, code) => {
  const folder = await scratchDir()
  expect((await rejection(serve(join(folder, 'store'), { size: 8 * mebibyte, ...options }))).code).toBe(code)
  expect((await readdir(folder)).filter((name) => name !== 'store')).toEqual([])
})
