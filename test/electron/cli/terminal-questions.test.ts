// Questions at a terminal: one at a time, answers that must not be seen are not, and Ctrl-C is heard.

import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { TerminalQuestions } from '../../../electron/cli/terminal-questions.ts'

function terminal() {
  const input = Object.assign(new PassThrough(), { isRaw: false, setRawMode: (isRaw: boolean) => setRaw(isRaw) })
  const setRaw = (isRaw: boolean) => {
    input.isRaw = isRaw
    return input as never
  }
  const output = new PassThrough()
  let shown = ''
  output.setEncoding('utf8').on('data', (text: string) => (shown += text))
  const interrupts = { count: 0 }
  const questions = new TerminalQuestions({
    input: input as never,
    output,
    onInterrupt: () => interrupts.count++,
  })
  return {
    input,
    questions,
    interrupts,
    shown: () => shown,
    says: async (text: string) => await expect.poll(() => shown).toContain(text),
  }
}

const key = { machine: 'attic.example', keyType: 'ED25519', fingerprint: 'SHA256:abc' }
const secret = { kind: 'password', machine: 'glenda@attic', what: '', echo: false, attempt: 1 } as const

test('a host key is accepted with yes and nothing less', async () => {
  const { input, questions, shown, says } = terminal()
  const answer = questions.acceptHostKey(key)
  await says('SHA256:abc')
  expect(shown()).toContain('attic.example is not known yet. Its ED25519 key is SHA256:abc.')
  input.write('y\r')
  await says('Please write yes or no.')
  input.write('yes\r')
  expect(await answer).toBe(true)
  const refused = questions.acceptHostKey(key)
  input.write('no\r')
  expect(await refused).toBe(false)
})

test('a password is not shown, in raw mode only while it is typed, and may be mended', async () => {
  const { input, questions, shown, says } = terminal()
  const answer = questions.secret(secret)
  await says('Password for glenda@attic: ')
  expect(input.isRaw).toBe(true)
  input.write('hunterx\x7f2\r')
  expect(await answer).toBe('hunter2')
  expect(input.isRaw).toBe(false)
  expect(shown()).toBe('Password for glenda@attic: \n')
})

test('questions wait for each other; a second attempt says so', async () => {
  const { input, questions, shown, says } = terminal()
  const first = questions.secret(secret)
  const second = questions.secret({ ...secret, kind: 'passphrase', what: '/home/glenda/.ssh/id_ed25519', attempt: 2 })
  await says('Password')
  expect(shown()).not.toContain('Passphrase')
  input.write('a\r')
  expect(await first).toBe('a')
  await says('That was not right. Passphrase of the key /home/glenda/.ssh/id_ed25519 (for glenda@attic): ')
  input.write('b\r')
  expect(await second).toBe('b')
})

test('Ctrl-D gives no answer, Ctrl-C none and an end of the command', async () => {
  const { input, questions, interrupts, says } = terminal()
  const first = questions.secret(secret)
  await says('Password')
  input.write('\x04')
  expect([await first, interrupts.count]).toEqual([null, 0])
  const second = questions.secret(secret)
  input.write('\x03')
  expect([await second, interrupts.count]).toEqual([null, 1])
})

test('words of a server that a terminal would take for commands are not', async () => {
  const { input, questions, shown, says } = terminal()
  const answer = questions.secret({ ...secret, kind: 'answer', what: 'Code\u001b[2J?', echo: true })
  await says('glenda@attic asks: Code')
  expect(shown()).not.toContain('\u001b')
  input.write('12\r')
  expect(await answer).toBe('12')
  expect(shown()).toContain('12')
})
