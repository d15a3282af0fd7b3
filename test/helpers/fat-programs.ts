// dosfstools and mtools as judges of an image: what fsck.fat complains of, what mtype reads. Where they are not installed the
// tests that ask them are skipped, and say so.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

function programPath(name: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/local/sbin']
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null
}

const fsck = programPath('fsck.fat')
const mtype = programPath('mtype')
export const hasFsck = fsck !== null
export const hasMtype = mtype !== null

/** For `test.skipIf`: prints why once. */
export function missing(program: 'fsck.fat' | 'mtype'): boolean {
  const there = program === 'mtype' ? hasMtype : hasFsck
  if (!there) process.stderr.write(`skipped: ${program} is not installed\n`)
  return !there
}

function withImage<Result>(image: Uint8Array, ask: (path: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'fat-'))
  try {
    const path = join(folder, 'image')
    writeFileSync(path, image)
    return ask(path)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The remark about a label that stands in the boot sector only is no complaint: disk/format writes it so. */
const remarks = [
  /^fsck\.fat /,
  /^Label in boot sector is /,
  /^ {2}Auto-removing label/,
  /^Leaving filesystem unchanged/,
]

/** Its lines, the last one a count of files and clusters, with the path replaced by IMAGE. */
export function fsckLines(image: Uint8Array): string[] {
  return withImage(image, (path) => {
    const { stdout, stderr, error } = spawnSync(fsck!, ['-n', path], { encoding: 'utf8' })
    if (error !== undefined) throw error
    const lines = `${stdout}${stderr}`.split('\n').map((line) => line.replace(path, 'IMAGE'))
    return lines.filter((line) => line !== '' && !remarks.some((remark) => remark.test(line)))
  })
}

/** Nothing but the count. */
export function isCleanByFsck(lines: readonly string[]): boolean {
  return lines.length === 1 && /^IMAGE: \d+ files, \d+\/\d+ clusters$/.test(lines[0]!)
}

/** What mtype reads of a file in the root directory; throws when it refuses the image. */
export function mtypeFile(image: Uint8Array, name: string): Buffer {
  return withImage(image, (path) => {
    const { stdout, stderr, status, error } = spawnSync(mtype!, ['-i', path, `::${name}`], {
      env: { ...process.env, MTOOLS_SKIP_CHECK: '1' },
      maxBuffer: 64 * 1024 * 1024,
    })
    if (error !== undefined) throw error
    if (status !== 0) throw new Error(`mtype ${name}: ${stderr.toString()}`)
    return stdout
  })
}
