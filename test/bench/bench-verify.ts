// How fast a whole archive is checked on a target, in both depths, beside venti/copy of the same archive to nowhere (the
// way to walk one with plan9port), and how fast it is restored into a folder, beside unvac of the same root; each at both
// kinds of server. What was restored is counted every time: unvac ends with 0 when blocks are missing.

import { lstat, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connectVenti } from '../../electron/engine/venti/client/client.ts'
import { parseDial } from '../../electron/engine/venti/client/dial.ts'
import { realVenti, type RealVenti, type VentiServer } from '../helpers/real-venti.ts'
import { makeArchive, type BenchArchive } from './make-archive.ts'
import { measure, peakOf, startServer, stopServer, type Measured } from './measure.ts'
import { NullVenti } from './null-venti.ts'
import { compare, mebibyte, printRows, type Contender, type Part } from './turns.ts'

export type VerifyBench = { readonly cli: string; readonly fullBlocks: number; readonly rounds: number }

type Surroundings = {
  readonly bench: VerifyBench
  readonly folder: string
  readonly archive: BenchArchive
  readonly real: RealVenti | null
  readonly nowhere: NullVenti
}

type Place = { readonly name: string; readonly dial: string }

/** Without the second process that plan9port's programs start, time and memory are those of the one that works. */
const alone = (real: RealVenti): NodeJS.ProcessEnv => ({ ...real.environment, NOLIBTHREADDAEMONIZE: '1' })

function verifyOf({ bench, folder, archive }: Surroundings, dial: string, depth: readonly string[]): Contender {
  const args = ['verify', archive.root, '--at', dial, ...depth, '--state', join(folder, 'state'), '--json']
  return {
    name: ['verify', ...depth].join(' '),
    run: async () => {
      const measured = await measure(process.execPath, [bench.cli, ...args])
      const { ok, blocks } = JSON.parse(measured.stdout) as { ok: boolean; blocks: number }
      // A check of less than everything says nothing about speed.
      if (!ok || blocks !== archive.blocks) throw new Error(`verify at ${dial}: ok ${ok}, ${blocks} blocks`)
      return measured
    },
  }
}

function copyOf({ archive, nowhere }: Surroundings, real: RealVenti, dial: string): Contender {
  return {
    name: 'venti/copy to nowhere',
    run: async () => {
      const before = nowhere.writes
      const args = [dial, nowhere.dial, `vac:${archive.root}`]
      const measured = await measure(real.toolPath('copy'), args, alone(real))
      const copied = nowhere.writes - before
      if (measured.status !== 0 || copied !== archive.blocks) {
        throw new Error(`venti/copy from ${dial}: status ${measured.status}, ${copied} blocks of ${archive.blocks}`)
      }
      return measured
    },
  }
}

/** Restores into a new folder, which is counted and removed when the time was taken. */
function restoring(
  { folder, archive }: Surroundings,
  name: string,
  restore: (into: string) => Promise<Measured>,
): Contender {
  const into = join(folder, 'restored')
  return {
    name,
    run: async () => {
      await mkdir(into)
      try {
        const measured = await restore(into)
        let [files, bytes] = [0, 0]
        for (const entry of await readdir(into, { recursive: true, withFileTypes: true })) {
          if (!entry.isFile()) continue
          files++
          bytes += (await lstat(join(entry.parentPath, entry.name))).size
        }
        if (measured.status !== 0 || files !== archive.files || bytes !== archive.fileBytes) {
          const found = `status ${measured.status}, ${files} files with ${bytes} bytes`
          throw new Error(`${name}: ${found}, not ${archive.files} with ${archive.fileBytes}\n${measured.stderr}`)
        }
        return measured
      } finally {
        await rm(into, { recursive: true, force: true })
      }
    },
  }
}

async function restorersOf(surroundings: Surroundings, dial: string): Promise<readonly Contender[]> {
  const { bench, folder, archive, real } = surroundings
  const extract = restoring(surroundings, 'extract', async (into) => {
    const args = ['extract', `vac:${archive.root}`, into, '--at', dial, '--json']
    return await measure(process.execPath, [bench.cli, ...args])
  })
  if (real === null) return [extract]
  const rootFile = join(folder, 'root.vac')
  await writeFile(rootFile, `vac:${archive.root}\n`)
  // With the times of the files, as extract restores them.
  const unvac = restoring(
    surroundings,
    'unvac',
    async (into) => await measure(real.toolPath('unvac'), ['-T', '-h', dial, rootFile], alone(real), into),
  )
  return [extract, unvac]
}

async function measureAt(surroundings: Surroundings, { name, dial }: Place): Promise<readonly Part[]> {
  const { bench, archive, real } = surroundings
  const { rounds } = bench
  const hasPeer = real !== null
  const checks = [verifyOf(surroundings, dial, []), verifyOf(surroundings, dial, ['--full'])]
  const peer = real === null ? [] : [copyOf(surroundings, real, dial)]
  const checked = await compare([...checks, ...peer], { rounds, bytes: null, hasPeer })
  const check = { title: `check of an archive at ${name}`, rows: checked }
  printRows(check.title, check.rows)
  const rates = checked.map((row) => `${row.name} ${Math.round(archive.blocks / row.seconds)}`)
  process.stdout.write(`  blocks/s: ${rates.join(', ')}\n`)
  const bytes = archive.fileBytes
  const rows = await compare(await restorersOf(surroundings, dial), { rounds, bytes, hasPeer })
  const restore = { title: `an archive restored from ${name}`, rows }
  printRows(restore.title, restore.rows)
  return [check, restore]
}

async function fill(dials: readonly string[], fullBlocks: number): Promise<BenchArchive> {
  const clients = await Promise.all(dials.map((dial) => connectVenti(parseDial(dial), { replyTimeoutMs: 120_000 })))
  const archive = await makeArchive(clients, { fullBlocks, compressiblePart: 0.4, seed: 20190314 })
  await Promise.all(clients.map((client) => client.close()))
  return archive
}

export async function benchVerify(bench: VerifyBench, folder: string): Promise<readonly Part[]> {
  const real = realVenti()
  const sizeMiB = Math.ceil((bench.fullBlocks * 8192 * 1.5) / mebibyte) + 256
  const embedded = await startServer(bench.cli, join(folder, 'archive.img'), ['--size', `${sizeMiB}m`])
  const nowhere = await NullVenti.listen()
  let original: VentiServer | null = null
  try {
    if (real !== null) {
      await mkdir(join(folder, 'original'))
      const format = { partitionSizeBytes: sizeMiB * mebibyte, arenaSize: '512M' }
      original = await real.start(join(folder, 'original'), format)
    }
    const archive = await fill([embedded.dial, ...(original === null ? [] : [original.dial])], bench.fullBlocks)
    if (real !== null && original !== null) {
      // Left alone it writes its index for minutes; built in one go, what is measured begins with a settled server.
      await original.stop()
      original = await real.serve(join(folder, 'original', 'again'), join(folder, 'original', 'arenas'))
    }
    process.stdout.write(
      `archive: ${archive.blocks} blocks, ${archive.fullBlocks} of them 8 KiB of a file; ${archive.files} files, ` +
        `${(archive.bytes / mebibyte).toFixed(0)} MiB; medians of ${bench.rounds} rounds\n`,
    )
    const surroundings = { bench, folder, archive, real, nowhere }
    const parts = [...(await measureAt(surroundings, { name: 'the embedded server', dial: embedded.dial }))]
    const peak = Math.round(await peakOf(embedded.process.pid as number))
    process.stdout.write(`  embedded server: ${peak} MiB peak\n`)
    if (original !== null) {
      parts.push(...(await measureAt(surroundings, { name: "plan9port's venti", dial: original.dial })))
    } else process.stdout.write('\nbeside plan9port: not measured, PLAN9 does not name a built tree\n')
    return parts
  } finally {
    await nowhere.close()
    await original?.stop()
    await stopServer(embedded.process)
  }
}
