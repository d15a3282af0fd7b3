// Whom we talk to: nothing but the exchange of keys happens before a host key is found to be right, and what a person accepts
// is kept in a file of our own. The matrix of known_hosts itself is in known-hosts.test.ts.

import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { fingerprintOf } from '../../../../electron/engine/ssh/key-blob.ts'
import { rejection } from '../../../helpers/client-calls.ts'
import { LoginServer } from '../../../helpers/login-server.ts'
import { Person, sshHome } from '../../../helpers/ssh-home.ts'
import { sshKeyPair } from '../../../helpers/ssh-keys.ts'

const password = 'secret'
const [keyA, keyB] = [sshKeyPair(), sshKeyPair()]
const rsa = sshKeyPair({ type: 'rsa' })
const blobOf = ({ public: line }: { public: string }): Buffer => Buffer.from(line.split(' ')[1] as string, 'base64')
const shownBy = (key: { public: string }): string => fingerprintOf(blobOf(key))

async function machineWith(...keys: { private: string }[]): Promise<LoginServer> {
  const server = await LoginServer.start(
    keys.map((key) => key.private),
    { password: ['glenda', password] },
  )
  onTestFinished(() => server.close())
  return server
}

const to = ({ port }: LoginServer) => ({ user: 'glenda', host: '127.0.0.1', port })
const line = ({ port }: LoginServer, key: { public: string }, marker = ''): string =>
  `${marker}[127.0.0.1]:${port} ${key.public}\n`

describe('a key that nobody knows', () => {
  test('is refused where nobody can be asked, and nobody is named to that machine', async () => {
    const machine = await machineWith(keyA)
    const { machines, trustFile } = await sshHome()
    const error = await rejection(machines().borrow(to(machine)))
    expect(error.code).toBe('ssh-host-key')
    expect(error.message).toContain(`127.0.0.1:${machine.port} is not known yet`)
    expect(error.message).toContain(shownBy(keyA))
    expect(error.message).toContain('--accept-new')
    expect(error.message).not.toContain('glenda')
    expect([machine.connections, machine.users]).toEqual([1, 0])
    await expect(stat(trustFile)).rejects.toThrow('ENOENT')
  })

  test('is put before a person with its fingerprint, refused', async () => {
    const machine = await machineWith(keyA)
    const { machines, trustFile } = await sshHome()
    const person = new Person(false, [password])
    const error = await rejection(machines({ questions: person }).borrow(to(machine)))
    expect([error.code, machine.users, person.asked]).toEqual(['ssh-host-key', 0, ['host key']])
    expect(person.hostKeys).toEqual([
      { machine: `127.0.0.1:${machine.port}`, keyType: 'ED25519', fingerprint: shownBy(keyA) },
    ])
    await expect(stat(trustFile)).rejects.toThrow('ENOENT')
  })

  test('is put before a person, accepted, kept, and not asked about again; known_hosts stays as it is', async () => {
    const machine = await machineWith(keyA)
    const { home, machines, trustFile } = await sshHome({ known_hosts: '# mine\n' })
    const person = new Person(true, [password, password])
    await machines({ questions: person }).borrow(to(machine))
    await machines({ questions: person }).borrow(to(machine))
    expect(person.asked).toEqual(['host key', 'password', 'password'])
    expect(await readFile(trustFile, 'utf8')).toContain(line(machine, keyA).split(' ').slice(0, 3).join(' ').trim())
    expect((await stat(trustFile)).mode & 0o077).toBe(0)
    expect(await readFile(join(home, '.ssh/known_hosts'), 'utf8')).toBe('# mine\n')
  })

  test('is kept without a question with acceptNew, but a changed one never', async () => {
    const machine = await machineWith(keyA)
    const { machines, trustFile } = await sshHome()
    const person = new Person(false, [password, password])
    await machines({ questions: person, acceptNew: true }).borrow(to(machine))
    expect(person.asked).toEqual(['password'])
    const text = await readFile(trustFile, 'utf8')
    await writeFile(trustFile, text.replace(blobOf(keyA).toString('base64'), blobOf(keyB).toString('base64')))
    const error = await rejection(machines({ questions: person, acceptNew: true }).borrow(to(machine)))
    expect([error.code, error.data['verdict'], machine.users]).toEqual(['ssh-host-key', 'changed', 1])
  })
})

test('a changed key is refused with both fingerprints and where the old one stands; nobody is asked or named', async () => {
  const machine = await machineWith(keyB)
  const { home, machines } = await sshHome({ known_hosts: line(machine, keyA) })
  const person = new Person(true, [password])
  const error = await rejection(machines({ questions: person }).borrow(to(machine)))
  expect(error.message).toContain(shownBy(keyA))
  expect(error.message).toContain(shownBy(keyB))
  expect(error.message).toContain(`${join(home, '.ssh/known_hosts')}, line 1`)
  expect(error.data['next']).toContain('ssh-keygen -R')
  expect([error.code, machine.users, person.asked]).toEqual(['ssh-host-key', 0, []])
})

test('a revoked key is refused, whatever another line says of it', async () => {
  const machine = await machineWith(keyA)
  const { machines } = await sshHome({ known_hosts: line(machine, keyA) + line(machine, keyA, '@revoked ') })
  const error = await rejection(
    machines({ questions: new Person(true, [password]), acceptNew: true }).borrow(to(machine)),
  )
  expect([error.code, error.data['verdict'], machine.users]).toEqual(['ssh-host-key', 'revoked', 0])
})

test('a machine with several keys shows the one that is known', async () => {
  const machine = await machineWith(keyA, rsa)
  const { machines } = await sshHome({ known_hosts: line(machine, rsa) })
  const person = new Person(false, [password])
  await machines({ questions: person }).borrow(to(machine))
  expect(person.asked).toEqual(['password'])
})

test('a known_hosts that cannot be read stops it: a revoked key may stand there', async () => {
  const machine = await machineWith(keyA)
  const { home, machines } = await sshHome()
  const person = new Person(true, [password])
  // A folder in its place: also root cannot read that.
  await (await import('node:fs/promises')).mkdir(join(home, '.ssh/known_hosts'))
  const error = await rejection(machines({ questions: person }).borrow(to(machine)))
  expect([error.code, machine.users, person.asked]).toEqual(['ssh-host-key', 0, []])
})

test('whoever gives up while a question stands there ends it; the time a person thinks is not counted', async () => {
  const machine = await machineWith(keyA)
  const { machines } = await sshHome()
  const stop = new AbortController()
  let answer: (isRight: boolean) => void = () => undefined
  const questions = {
    acceptHostKey: () => new Promise<boolean>((resolve) => (answer = resolve)),
    secret: async () => password,
  }
  const reached = machines({ questions, timeoutMs: 300 })
  const waiting = reached.borrow(to(machine), stop.signal)
  const patient = reached.borrow(to(machine))
  await expect.poll(() => machine.connections).toBe(1)
  await new Promise((resolve) => setTimeout(resolve, 500))
  stop.abort()
  expect((await rejection(waiting)).code).toBe('cancelled')
  answer(true)
  expect((await patient).name).toContain('glenda@')
})
