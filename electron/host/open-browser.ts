// Shows the window in the user's browser. The command line of a program can be read by everyone on the computer, so the link
// with its token does not go there: the browser is given a file that only this user can read, and that leads on.

import { spawn } from 'node:child_process'
import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAtomically } from '../engine/state/atomic-write.ts'

type Surroundings = {
  readonly platform: NodeJS.Platform
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Somebody sits at a terminal. */
  readonly isTerminal: boolean
  /** A browser refuses to run as root, or should. */
  readonly isRoot: boolean
}

/** Whether a browser that is started here shows where the user sits. */
export function hasScreen({ platform, environment, isTerminal, isRoot }: Surroundings): boolean {
  const isSet = (name: string): boolean => (environment[name] ?? '') !== ''
  if (!isTerminal || isRoot || isSet('SSH_CONNECTION') || isSet('SSH_TTY')) return false
  return platform === 'win32' || platform === 'darwin' || isSet('DISPLAY') || isSet('WAYLAND_DISPLAY')
}

export function openerOf(platform: NodeJS.Platform, path: string): readonly [command: string, ...args: string[]] {
  if (platform === 'win32') return ['explorer.exe', path]
  return [platform === 'darwin' ? 'open' : 'xdg-open', path]
}

/** Leads to `link` at once; the link is made of nothing that would have to be escaped. */
export function leadingPage(link: string): string {
  return `<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${link}">
<title>Venti Mirror</title>
<p><a href="${link}">Venti Mirror</a>
`
}

export type OpenedBrowser = {
  /** Whether a program that shows pages could be started. */
  readonly started: boolean
  /** Removes the file. */
  readonly forget: () => Promise<void>
}

/** Never rejects: the link is in the terminal too. */
export async function openBrowser(link: string, folder: string): Promise<OpenedBrowser> {
  const path = join(folder, 'open-window.html')
  const forget = (): Promise<void> => unlink(path).catch(() => undefined)
  try {
    await writeAtomically(path, leadingPage(link))
    const [command, ...args] = openerOf(process.platform, path)
    await new Promise<void>((resolve, reject) => {
      const child = spawn(command, args, { stdio: 'ignore', detached: true })
      child.once('error', reject)
      child.once('spawn', resolve)
      child.unref()
    })
    return { started: true, forget }
  } catch {
    await forget()
    return { started: false, forget }
  }
}
