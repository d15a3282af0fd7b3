// A folder that looks to electron-builder like an unpacked Electron for Linux, where the real one cannot be had: a program
// with the sentinel and the wire of fuses that every Electron has, and the few files that are copied along.

import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** As Electron has it in its program: sentinel, version of the wire, number of fuses, a character for each. */
const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'

export async function standInElectron(folder: string, version: string, fuses = 9): Promise<string> {
  await mkdir(join(folder, 'locales'), { recursive: true })
  await mkdir(join(folder, 'resources'), { recursive: true })
  const program = Buffer.concat([
    // Prints what it was started with, an argument a line.
    Buffer.from('#!/bin/sh\nfor one in "$@"; do printf \'[%s]\\n\' "$one"; done\nexit 0\n'),
    Buffer.from(sentinel),
    Buffer.from([1, fuses]),
    Buffer.from('1'.repeat(fuses)),
  ])
  await writeFile(join(folder, 'electron'), program)
  await chmod(join(folder, 'electron'), 0o755)
  await writeFile(join(folder, 'version'), version)
  await writeFile(join(folder, 'LICENSE'), 'licence of Electron\n')
  await writeFile(join(folder, 'LICENSES.chromium.html'), '<p>licences of Chromium</p>\n')
  await writeFile(join(folder, 'locales', 'en-US.pak'), '')
  return folder
}
