// Logging in: with what, in which order, what is asked of a person and what is said when nothing helps. The server is one of
// our own in this process; the real OpenSSH has a file of its own.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { rejection } from '../../../helpers/client-calls.ts'
import { LoginServer, type LoginWays } from '../../../helpers/login-server.ts'
import { Person, sshHome, type SshHome } from '../../../helpers/ssh-home.ts'
import { sshKeyPair } from '../../../helpers/ssh-keys.ts'

const hostKey = sshKeyPair()
const password = 'not for any log: 8f3a'
const passphrase = 'nor this one: 77aa'

async function server(ways: LoginWays): Promise<LoginServer> {
  const started = await LoginServer.start([hostKey.private], ways)
  onTestFinished(() => started.close())
  return started
}

const addressOf = ({ port }: LoginServer, user: string | null = 'glenda') => ({ user, host: '127.0.0.1', port })
const knownLine = ({ port }: LoginServer): string => `[127.0.0.1]:${port} ${hostKey.public}\n`

async function homeFor(known: LoginServer, files: Readonly<Record<string, string>> = {}): Promise<SshHome> {
  return await sshHome({ known_hosts: knownLine(known), ...files })
}

test('a password, asked for once and used again for the next connection', async () => {
  const machine = await server({ password: ['glenda', password] })
  const { machines } = await homeFor(machine)
  const person = new Person(false, [password])
  const reached = machines({ questions: person, lingerMs: 0 })
  const first = await reached.borrow(addressOf(machine))
  expect(first.name).toBe(`glenda@127.0.0.1:${machine.port}`)
  machine.dropConnections()
  expect((await first.lost).code).toBe('connection-lost')
  await reached.borrow(addressOf(machine))
  expect(person.asked).toEqual(['password'])
  expect(machine.attempts).toEqual(['none glenda', 'password glenda', 'none glenda', 'password glenda'])
})

test('a wrong password is asked for three times, then it is said what was tried and what the machine takes', async () => {
  const machine = await server({ password: ['glenda', password] })
  const { machines } = await homeFor(machine)
  const person = new Person(false, ['a', 'b', 'c', 'd'])
  const error = await rejection(machines({ questions: person }).borrow(addressOf(machine)))
  expect([error.code, person.asked.length]).toEqual(['ssh-login', 3])
  expect(person.secrets.map(({ attempt }) => attempt)).toEqual([1, 2, 3])
  expect(error.message).toBe(
    `glenda@127.0.0.1:${machine.port} does not let glenda log in: tried a password; it takes password`,
  )
})

test('what a machine asks is shown in its words without control characters, and answered', async () => {
  const machine = await server({ interactive: [{ prompt: 'Code\u001b[2J: ', answer: '123', echo: true }] })
  const { machines } = await homeFor(machine)
  const person = new Person(false, ['123'])
  await machines({ questions: person }).borrow(addressOf(machine))
  expect(person.secrets[0]).toMatchObject({ kind: 'answer', what: 'Who goes there Code [2J:', echo: true })
})

test('a key in a file needs nobody; the locked one beside it is not asked about', async () => {
  const open = sshKeyPair()
  const locked = sshKeyPair({ passphrase })
  const machine = await server({ publicKeys: [open.public] })
  const { machines } = await homeFor(machine, { id_ed25519: open.private, id_rsa: locked.private })
  const person = new Person(false)
  await machines({ questions: person }).borrow(addressOf(machine))
  expect(person.asked).toEqual([])
})

test('a locked key: the passphrase is asked for when the machine takes the key, and again when it was wrong', async () => {
  const locked = sshKeyPair({ passphrase })
  const machine = await server({ publicKeys: [locked.public] })
  const { home, machines } = await homeFor(machine, { id_ed25519: locked.private })
  const person = new Person(false, ['wrong', passphrase])
  await machines({ questions: person }).borrow(addressOf(machine))
  expect(person.secrets.map(({ kind, what, attempt }) => [kind, what, attempt])).toEqual([
    ['passphrase', join(home, '.ssh/id_ed25519'), 1],
    ['passphrase', join(home, '.ssh/id_ed25519'), 2],
  ])
  const wrong = new Person(false, ['a', 'b', 'c', 'd'])
  const error = await rejection(machines({ questions: wrong }).borrow(addressOf(machine)))
  expect([error.code, wrong.asked.length]).toEqual(['ssh-login', 3])
  expect(error.message).toContain(`The passphrase given for the key ${join(home, '.ssh/id_ed25519')} was wrong 3 times`)
  const nobody = await rejection(machines().borrow(addressOf(machine)))
  expect(nobody.message).toContain('is locked, and there is nobody to ask for its passphrase')
})

test('a key and a password, where the machine wants both', async () => {
  const open = sshKeyPair()
  const machine = await server({ publicKeys: [open.public], password: ['glenda', password], wantsBoth: true })
  const { machines } = await homeFor(machine, { id_ed25519: open.private })
  await machines({ questions: new Person(false, [password]) }).borrow(addressOf(machine))
  expect(machine.attempts.at(-1)).toBe('password glenda')
})

test('~/.ssh/config says where an alias is, who logs in and with which key', async () => {
  const open = sshKeyPair()
  const machine = await server({ publicKeys: [open.public] })
  const { home, machines } = await sshHome({ known_hosts: knownLine(machine), mirror_key: open.private })
  await writeFile(
    join(home, '.ssh/config'),
    `Host attic\n  HostName 127.0.0.1\n  Port ${machine.port}\n  User glenda\n  IdentityFile ~/.ssh/mirror_key\n`,
  )
  const borrowed = await machines().borrow({ user: null, host: 'attic', port: null })
  expect(borrowed.name).toBe(`glenda@127.0.0.1:${machine.port}`)
})

test('ProxyJump: through one machine to the next, each with a key of its own that is known', async () => {
  const inner = await server({ password: ['glenda', password], forwards: true })
  const outer = await server({ password: ['bob', password], forwards: true })
  const { home, machines } = await sshHome({ known_hosts: knownLine(inner) + knownLine(outer) })
  await writeFile(
    join(home, '.ssh/config'),
    `Host inner\n  HostName 127.0.0.1\n  Port ${inner.port}\n  User glenda\n  ProxyJump bob@127.0.0.1:${outer.port}\n`,
  )
  const person = new Person(false, [password, password])
  const borrowed = await machines({ questions: person }).borrow({ user: null, host: 'inner', port: null })
  expect(person.secrets.map(({ machine }) => machine)).toEqual([
    `bob@127.0.0.1:${outer.port}`,
    `glenda@127.0.0.1:${inner.port}`,
  ])
  expect([outer.tunnels, inner.users]).toEqual([1, 1])
  // The one in between goes away.
  outer.dropConnections()
  expect((await borrowed.lost).code).toBe('connection-lost')
})

test('old algorithms are refused in words, before anybody is named', async () => {
  const machine = await LoginServer.start([hostKey.private], {
    password: ['glenda', password],
    algorithms: { kex: ['diffie-hellman-group14-sha1'] },
  })
  onTestFinished(() => machine.close())
  const { machines } = await homeFor(machine)
  const error = await rejection(machines({ questions: new Person(true, [password]) }).borrow(addressOf(machine)))
  expect([error.code, machine.users]).toEqual(['ssh-refused', 0])
  expect(error.message).toContain('offers no key exchange algorithm that is still safe')
})

test('nothing typed is in an error, a trust file or what can be printed of the machines', async () => {
  const machine = await server({ password: ['glenda', password] })
  const { trustFile, machines } = await sshHome()
  const person = new Person(true, [`${password}x`, `${password}y`, `${password}z`])
  const reached = machines({ questions: person })
  const error = await rejection(reached.borrow(addressOf(machine)))
  const { inspect } = await import('node:util')
  const everything = [inspect(error, { depth: 20 }), JSON.stringify(error), inspect(reached, { depth: 20 })]
  everything.push(await readFile(trustFile, 'utf8'))
  for (const text of everything) expect(text).not.toContain('8f3a')
})
