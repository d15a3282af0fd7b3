// Other machines in words and as addresses: what is typed into the fields, what is shown of it, and what is asked.

import { describe, expect, test } from 'vitest'
import {
  machineOf,
  machinePath,
  machineProblem,
  noMachine,
  tunnelDial,
  type MachineFields,
} from '../../renderer/text/machine-address.ts'
import {
  dialText,
  fingerprintCommand,
  placeText,
  questionTitle,
  secretWords,
  waitingWords,
  type Secret,
} from '../../renderer/text/machine-words.ts'
import { nameOfDial } from '../../renderer/text/setup-words.ts'
import type { MachineQuestion, QuestionId } from '../../shared/model/window.ts'
import { parseSshPath } from '../../electron/engine/ssh/address.ts'
import { parseDial } from '../../electron/engine/venti/client/dial.ts'

const fields = (machine: string, user = '', port = ''): MachineFields => ({ machine, user, port })

describe('what is typed becomes one address', () => {
  test.each<[MachineFields, string, string | null]>([
    [fields('cellar'), '/dev/sdb', 'ssh://cellar/dev/sdb'],
    [fields(' cellar ', ' glenda ', ' 2222 '), ' /dev/sdb:arenas ', 'ssh://glenda@cellar:2222/dev/sdb:arenas'],
    [fields('glenda@cellar:2222'), '~/arenas.img', 'ssh://glenda@cellar:2222/~/arenas.img'],
    [fields('ssh://glenda@cellar/'), '/usr/venti', 'ssh://glenda@cellar/usr/venti'],
    [fields('fe80::1', 'glenda'), '/dev/sdb', 'ssh://glenda@[fe80::1]/dev/sdb'],
    [fields('[::1]', '', '22'), '/dev/sdb', 'ssh://[::1]:22/dev/sdb'],
    [fields(''), '/dev/sdb', null],
    [fields('cellar'), '', null],
    [fields('cellar'), 'dev/sdb', null],
    [fields('cellar', 'a:b'), '/dev/sdb', null],
    [fields('cellar', '', '70000'), '/dev/sdb', null],
  ])('%j with the path %s: %s', (given, path, text) => {
    expect(machinePath(given, path).text).toBe(text)
    // The engine takes it for the same.
    if (text !== null) expect(parseSshPath(text)?.path).toBe(path.trim().replace(/^~/, '/~'))
  })

  test.each<[string, string | null]>([
    ['127.0.0.1:17034', 'ssh://glenda@cellar!127.0.0.1!17034'],
    ['venti', 'ssh://glenda@cellar!venti!17034'],
    ['tcp!venti!17035', 'ssh://glenda@cellar!venti!17035'],
    ['venti!venti', 'ssh://glenda@cellar!venti!venti'],
    ['[::1]:17034', 'ssh://glenda@cellar![::1]!17034'],
    ['', null],
    ['a!b!c', null],
  ])('a venti that is called as %s from there: %s', (venti, text) => {
    expect(tunnelDial(fields('cellar', 'glenda'), venti).text).toBe(text)
    if (text !== null) expect(parseDial(text).kind).toBe('ssh')
    expect(tunnelDial(noMachine, venti).text).toBeNull()
  })

  test('what cannot be put together is said beside its field', () => {
    expect(machineProblem(noMachine)).toBeNull()
    expect(machineProblem(fields('cellar', 'glenda', '22'))).toBeNull()
    expect(machineProblem(fields('a b'))).toMatch(/host name/)
    expect(machineProblem(fields('glenda@cellar', 'other'))).toMatch(/already/)
    expect(machineProblem(fields('cellar', 'a@b'))).toMatch(/user name/)
    expect(machineProblem(fields('cellar', '', '0'))).toMatch(/1 to 65535/)
    expect(machinePath(fields('cellar'), 'dev/sdb').problem).toMatch(/whole path/)
    expect(tunnelDial(fields('cellar'), 'a!b!c').problem).toMatch(/HOST:PORT/)
  })

  test('the machine of one place is offered for the next', () => {
    expect(machineOf('ssh://glenda@cellar:2222/dev/sdb:arenas')).toEqual(fields('cellar', 'glenda', '2222'))
    expect(machineOf('ssh://[::1]/dev/sdb')).toEqual(fields('[::1]'))
    expect(machineOf('/dev/sdb')).toBeNull()
  })
})

test('short forms say all that the address says', () => {
  expect(
    ['/dev/sdb:arenas', 'ssh://glenda@cellar:2222/dev/sdb:arenas', 'ssh://cellar/~/a.img', 'ssh://[::1]/dev/sdb'].map(
      placeText,
    ),
  ).toEqual(['/dev/sdb:arenas', '/dev/sdb:arenas on glenda@cellar:2222', '~/a.img on cellar', '/dev/sdb on [::1]'])
  expect(['tcp!attic!17034', 'unix!/tmp/a', 'ssh://glenda@cellar!127.0.0.1!17034'].map(dialText)).toEqual([
    'tcp!attic!17034',
    'unix!/tmp/a',
    'tcp!127.0.0.1!17034 through glenda@cellar',
  ])
  const dials = ['ssh://glenda@cellar:22!127.0.0.1!17034', 'ssh://cellar!venti!17034', 'ssh://[::1]!localhost!17034']
  expect(dials.map(nameOfDial)).toEqual(['cellar', 'venti', '[::1]'])
})

const id = 'a' as QuestionId
const key: MachineQuestion = {
  id,
  kind: 'host-key',
  machine: 'cellar:2222',
  keyType: 'ED25519',
  fingerprint: 'SHA256:x',
}
const secretOf = (kind: Secret['kind'], what: string): Secret => {
  return { id, kind, machine: 'glenda@cellar', what, echo: false, attempt: 1 }
}

test('each question has its words', () => {
  const all = [
    key,
    secretOf('passphrase', '/home/glenda/.ssh/id_rsa'),
    secretOf('password', ''),
    secretOf('answer', 'Code:'),
  ]
  expect(all.map(questionTitle)).toEqual([
    'Is this the key of cellar:2222?',
    'The passphrase of your key',
    'The password for glenda@cellar',
    'glenda@cellar asks',
  ])
  expect(new Set(all.map(waitingWords)).size).toBe(4)
  expect(secretWords(secretOf('passphrase', '/home/glenda/.ssh/id_rsa')).lead).toBe(
    'glenda@cellar takes the key /home/glenda/.ssh/id_rsa, and that is locked.',
  )
  expect(secretWords(secretOf('answer', 'Code \u202e')).lead).toBe(String.raw`Code \u202e`)
  expect(['ED25519', 'RSA', 'ECDSA', 'sk-new@example.com'].map((keyType) => fingerprintCommand({ keyType }))).toEqual([
    'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
    'ssh-keygen -lf /etc/ssh/ssh_host_rsa_key.pub',
    'ssh-keygen -lf /etc/ssh/ssh_host_ecdsa_key.pub',
    'ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub',
  ])
})
