// Other machines as a person comes to them: a target behind one whose key is not known yet. The fingerprint that is shown is
// that of the key, saying no sends nothing, and what was asked is asked again of a page that is loaded anew.

import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { buildCli } from '../helpers/cli-process.ts'
import { fingerprintOf } from '../helpers/fingerprint.ts'
import { LoginServer } from '../helpers/login-server.ts'
import { scratchDir } from '../helpers/scratch.ts'
import { sshKeyPair } from '../helpers/ssh-keys.ts'
import { closeBrowser } from './browser-host.ts'
import { launcher, openWindow } from './launcher.ts'
import { startVenti } from './targets.ts'
import { testMs, waitEnabled, waitFor, waitGone } from './waiting.ts'

beforeAll(buildCli)
afterAll(closeBrowser)

const password = 'not for any log: 8f3a'
const hostKey = sshKeyPair()
const button = (page: Page, name: RegExp | string) => page.getByRole('button', { name, exact: true })
const isFocused = (element: Element): boolean => element === document.activeElement

async function askThrough(page: Page, server: LoginServer, venti: number): Promise<void> {
  await page.getByRole('radio', { name: 'Through another machine (SSH tunnel)' }).click()
  await page.getByRole('textbox', { name: 'Machine' }).fill('127.0.0.1')
  await page.getByRole('textbox', { name: 'User' }).fill('glenda')
  await page.getByRole('textbox', { name: 'Port' }).fill(String(server.port))
  await page.getByRole('textbox', { name: 'The venti as seen from there' }).fill(`127.0.0.1:${venti}`)
  await button(page, 'Test').click()
}

describe.skipIf(launcher.kind === null)('a target behind another machine', { timeout: testMs }, () => {
  test('is asked for its key and a password, and greeted through the tunnel', async () => {
    const folder = await scratchDir()
    const server = await LoginServer.start([hostKey.private], { password: ['glenda', password], forwards: true })
    onTestFinished(() => server.close())
    const attic = await startVenti()
    const { page, context } = await openWindow({ stateDir: join(folder, 'state') })
    await button(page, 'Set up a mirror').click()
    await button(page, 'Try it with sample data').first().click()
    await button(page, 'Continue').click()

    const title = `Is this the key of 127.0.0.1:${server.port}?`
    const question = page.getByRole('alertdialog', { name: title })
    await askThrough(page, server, attic.port)
    await waitFor(question.getByText(fingerprintOf(hostKey.public)))
    expect(await question.getByRole('button', { name: 'It is not' }).evaluate(isFocused)).toBe(true)
    await page.keyboard.press('Enter')
    await waitFor(page.getByRole('alert').getByText('Nothing was sent to that machine, not even the user name.'))
    await waitFor(page.getByRole('alert').getByText(/is not known yet: it shows the ED25519 key/))
    expect(server.users).toBe(0)

    await button(page, 'Test').click()
    await waitFor(question)
    if (launcher.kind === 'chromium') {
      const second = await context.newPage()
      await second.goto(page.url())
      await waitFor(second.getByText(`Whether the key of 127.0.0.1:${server.port} is right has to be said.`))
      expect(await second.getByRole('button', { name: 'It is right' }).count()).toBe(0)
      await second.close()
    }
    await page.reload()
    await waitFor(question)
    await question.getByRole('button', { name: 'It is right' }).click()
    const secret = page.getByRole('alertdialog', { name: `The password for glenda@127.0.0.1:${server.port}` })
    await secret.getByLabel('Password').fill('wrong')
    await page.keyboard.press('Enter')
    await waitFor(secret.getByText('That password was not right.'))
    expect(await secret.getByLabel('Password').inputValue()).toBe('')
    expect(await secret.getByLabel('Password').getAttribute('type')).toBe('password')
    await secret.getByLabel('Password').fill(password)
    await secret.getByRole('button', { name: 'Log in' }).click()
    await waitGone(secret)

    await askThrough(page, server, attic.port)
    await waitFor(page.getByText('answers', { exact: true }))
    expect(await page.getByRole('textbox', { name: 'Name for it' }).inputValue()).toBe('127.0.0.1')
    await waitEnabled(button(page, 'Add this target'))
    await button(page, 'Add this target').click()
    const far = `tcp!127.0.0.1!${attic.port} through glenda@127.0.0.1:${server.port}`
    await waitFor(page.getByRole('list', { name: 'Targets' }).getByText(far))
    expect(server.tunnels).toBeGreaterThan(0)
  })
})
