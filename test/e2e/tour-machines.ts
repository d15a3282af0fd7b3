// The stops of the tour at other machines: a disk of one of them as source, with the real OpenSSH, and what is asked and said
// on the way there. Only where both Chromium's host and OpenSSH are.

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { diskIn } from '../helpers/disk-syncs.ts'
import { makeKey, OpenSsh, openSshPrograms } from '../helpers/openssh.ts'
import { BrowserHost } from './browser-host.ts'
import { launcher } from './launcher.ts'
import { startVenti } from './targets.ts'
import type { Section } from './tour.ts'
import { waitFor } from './waiting.ts'

const programs = launcher.kind === 'chromium' ? openSshPrograms() : null
const passphrase = 'of a tour'
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true })

async function fillMachine(page: Page, { user, port }: OpenSsh): Promise<void> {
  await page.getByRole('textbox', { name: 'Machine' }).fill('127.0.0.1')
  await page.getByRole('textbox', { name: 'User' }).fill(user)
  await page.getByRole('textbox', { name: 'Port' }).fill(String(port))
}

/** A home with a locked key, whose public half may log in. */
async function homeIn(folder: string, sshd: OpenSsh): Promise<string> {
  const home = join(folder, 'home')
  await mkdir(join(home, '.ssh'), { recursive: true, mode: 0o700 })
  makeKey(programs!, join(home, '.ssh/id_ed25519'), { passphrase })
  await writeFile(join(sshd.folder, 'authorized_keys'), await readFile(join(home, '.ssh/id_ed25519.pub')))
  return home
}

const machines: Section = async (folder, stop, options) => {
  const disk = await diskIn(folder)
  const attic = await startVenti()
  const sshd = await OpenSsh.start(programs!, join(folder, 'sshd'))
  onTestFinished(() => sshd.close())
  const home = await homeIn(folder, sshd)
  const host = await BrowserHost.start(join(folder, 'state'), [], { HOME: home, SSH_AUTH_SOCK: '' })
  const { page } = await host.openPage(options)
  await button(page, 'Set up a mirror').click()
  await button(page, 'Set up a mirror').click()
  await page.getByRole('radio', { name: 'On another machine, over SSH' }).click()
  await fillMachine(page, sshd)
  await page.getByRole('textbox', { name: 'Path of the source there' }).fill(disk.path)
  await button(page, 'Test the connection').click()
  await waitFor(page.getByRole('alertdialog', { name: /^Is this the key of / }))
  await stop(page, 'machines, an unknown key')
  await button(page, 'It is not').click()
  await waitFor(page.getByRole('alert').getByText(/is not known yet/))
  await stop(page, 'machines, a key refused')
  await button(page, 'Test the connection').click()
  await button(page, 'It is right').click()
  await waitFor(page.getByRole('alertdialog', { name: 'The passphrase of your key' }))
  await stop(page, 'machines, a passphrase')
  await page.getByRole('textbox', { name: 'Passphrase' }).fill(passphrase)
  await page.keyboard.press('Enter')
  await waitFor(page.getByText('This is a whole disk.'))
  await stop(page, 'machines, a disk there')
  await button(page, 'Take this: arenas').click()
  await waitFor(page.getByRole('heading', { name: 'This is what will be mirrored' }))
  await button(page, 'Continue').click()
  await page.getByRole('radio', { name: 'Through another machine (SSH tunnel)' }).click()
  await fillMachine(page, sshd)
  await page.getByRole('textbox', { name: 'The venti as seen from there' }).fill(`127.0.0.1:${attic.port}`)
  await button(page, 'Test').click()
  await waitFor(page.getByText('answers', { exact: true }))
  await stop(page, 'machines, a venti behind one')
}

export const machineSections: Readonly<Record<string, Section>> =
  programs === null ? {} : { 'other machines': machines }
