// The browser that end-to-end tests and screenshots use: Debian's or whatever else is installed as Chromium. Nothing is
// downloaded; without one the tests skip and say why.

import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** None of these may reach for the network: the tests run where there is none. */
const quiet = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

let told = false

/** Path of the program; null (with the reason on standard error, once) when there is none. */
export function chromiumPath(): string | null {
  const given = process.env['CHROMIUM']
  if (given !== undefined && existsSync(given)) return given
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const found = folders.flatMap((folder) => names.map((name) => join(folder, name))).find((path) => existsSync(path))
  if (found !== undefined) return found
  if (!told) process.stderr.write('end to end: skipped, no chromium on the path (or in $CHROMIUM)\n')
  told = true
  return null
}

/** What it is started with; it refuses its own sandbox to root. */
export const chromiumArgs = (): string[] => [...quiet, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])]

export async function launchChromium(): Promise<Browser> {
  const executablePath = chromiumPath()
  if (executablePath === null) throw new Error('no chromium on the path (or in $CHROMIUM)')
  return await chromium.launch({ executablePath, args: chromiumArgs() })
}
