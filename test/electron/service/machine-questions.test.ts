// Questions about other machines: one at a time and in order, what becomes of those that nobody answers or needs any more,
// and, with the whole service and a machine of our own, that a secret goes to that machine and nowhere else.

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { MachineQuestions, patienceMs, type After } from '../../../electron/service/machine-questions.ts'
import type { SecretQuestion } from '../../../electron/engine/ssh/questions.ts'
import { fingerprintOf } from '../../helpers/fingerprint.ts'
import { rejection } from '../../helpers/client-calls.ts'
import type { MachineAnswer, MachineQuestion, MachineQuestionView } from '../../../shared/model/window.ts'
import { startFakeVenti, type FakeVenti } from '../../helpers/fake-venti.ts'
import { LoginServer, type LoginWays } from '../../helpers/login-server.ts'
import { scratchDir } from '../../helpers/scratch.ts'
import { noneOpen, question, through } from '../../helpers/machine-answers.ts'
import { serviceIn } from '../../helpers/service-runs.ts'
import { imageIn, stateDirIn, syncIn } from '../../helpers/sync-runs.ts'
import { sshKeyPair } from '../../helpers/ssh-keys.ts'

const hostKey = { machine: 'cellar', keyType: 'ED25519', fingerprint: 'SHA256:abc' }
const secret = (change: Partial<SecretQuestion> = {}): SecretQuestion => {
  return { kind: 'password', machine: 'glenda@cellar', what: 'glenda@cellar', echo: false, attempt: 1, ...change }
}
const text = (given: string): MachineAnswer => ({ kind: 'text', text: given })
const accept: MachineAnswer = { kind: 'accept' }
const refuse: MachineAnswer = { kind: 'refuse' }

function asking() {
  const told: MachineQuestionView[] = []
  const timers: { readonly ms: number; readonly ring: () => void; isOver: boolean }[] = []
  const after: After = (ms, ring) => {
    const timer = { ms, ring, isOver: false }
    timers.push(timer)
    return () => void (timer.isOver = true)
  }
  let sequence = 0
  const questions = new MachineQuestions({ nextSequence: () => ++sequence, tell: (view) => told.push(view), after })
  const open = (): MachineQuestion => questions.view.question as MachineQuestion
  const answer = (given: MachineAnswer): void => questions.answer(open().id, given)
  return { questions, told, timers, open, answer }
}

describe('the questions', () => {
  test('are put one at a time, in the order in which they came', async () => {
    const { questions, told, open, answer } = asking()
    const first = questions.acceptHostKey(hostKey)
    const second = questions.secret(secret())
    const third = questions.secret(secret({ kind: 'answer', what: 'Code:', echo: true }))
    expect(open()).toEqual({ id: open().id, kind: 'host-key', ...hostKey })
    answer(accept)
    expect(open()).toEqual({ id: open().id, ...secret() })
    answer(text('right'))
    expect(open().kind).toBe('answer')
    answer(refuse)
    expect(await Promise.all([first, second, third])).toEqual([true, 'right', null])
    expect(told.map((view) => [view.sequence, view.question?.kind ?? null, view.waiting])).toEqual([
      [2, 'host-key', 0],
      [3, 'host-key', 1],
      [4, 'host-key', 2],
      [5, 'password', 1],
      [6, 'answer', 0],
      [7, null, 0],
    ])
  })

  test('asked twice at the same time are one, but for those that a machine makes up', async () => {
    const { questions, answer } = asking()
    const same = [questions.secret(secret()), questions.secret(secret()), questions.secret(secret())]
    expect(questions.view.waiting).toBe(0)
    answer(text('right'))
    expect(await Promise.all(same)).toEqual(['right', 'right', 'right'])
    const codes = [1, 2].map(async () => await questions.secret(secret({ kind: 'answer', what: 'Code:' })))
    expect(questions.view.waiting).toBe(1)
    answer(text('1'))
    answer(text('2'))
    expect(await Promise.all(codes)).toEqual(['1', '2'])
  })

  test('that nobody answers within ten minutes end with a clear error, and the next one comes up', async () => {
    const { questions, timers, open } = asking()
    const key = rejection(questions.acceptHostKey(hostKey))
    const password = rejection(questions.secret(secret()))
    expect(timers.map(({ ms }) => ms)).toEqual([patienceMs, patienceMs])
    timers[0]!.ring()
    expect(open().kind).toBe('password')
    timers[1]!.ring()
    expect(await key).toMatchObject({
      code: 'ssh-host-key',
      message:
        'the key of cellar is not known yet: it shows the ED25519 key SHA256:abc. Nobody said within 10 minutes whether that is right',
    })
    expect(await password).toMatchObject({
      code: 'ssh-login',
      message: 'glenda@cellar: nobody gave the password within 10 minutes',
    })
    expect(questions.view.question).toBeNull()
  })

  test('that nobody needs any more are gone, also from the middle; those that others need stay', async () => {
    const { questions, timers, open, answer } = asking()
    const [one, other] = [new AbortController(), new AbortController()]
    const key = questions.acceptHostKey(hostKey)
    const gone = rejection(questions.secret(secret(), one.signal))
    const shared = [
      rejection(questions.secret(secret({ attempt: 2 }), other.signal)),
      questions.secret(secret({ attempt: 2 })),
    ]
    one.abort()
    other.abort()
    expect([(await gone).code, questions.view.waiting]).toEqual(['cancelled', 1])
    answer(refuse)
    expect(open()).toMatchObject({ attempt: 2 })
    answer(text('right'))
    expect([await key, ((await shared[0]) as { code: string }).code, await shared[1]]).toEqual([
      false,
      'cancelled',
      'right',
    ])
    expect(timers.every(({ isOver }) => isOver)).toBe(true)
  })

  test('end with the service, and none comes after that', async () => {
    const { questions, open } = asking()
    const waiting = [rejection(questions.acceptHostKey(hostKey)), rejection(questions.secret(secret()))]
    questions.close()
    expect((await Promise.all(waiting)).map(({ code }) => code)).toEqual(['cancelled', 'cancelled'])
    expect(open()).toBeNull()
    expect((await rejection(questions.secret(secret()))).code).toBe('cancelled')
  })

  test('take no answer that is late or is none', async () => {
    const { questions, open, answer } = asking()
    const key = questions.acceptHostKey(hostKey)
    const { id } = open()
    expect(() => answer(text('yes'))).toThrow('this is no answer to the question that is open')
    answer(accept)
    expect(() => questions.answer(id, accept)).toThrow('this question is not open any more')
    const password = questions.secret(secret())
    expect(() => questions.answer(id, text('a'))).toThrow('this question is not open any more')
    expect(() => answer(accept)).toThrow('this is no answer')
    answer(refuse)
    expect([await key, await password]).toEqual([true, null])
  })

  test('for the passphrase of one key file come once, unless it was wrong', async () => {
    const { questions, open, answer } = asking()
    const at = (host: string, attempt = 1): SecretQuestion =>
      secret({ kind: 'passphrase', what: '/home/glenda/.ssh/id_rsa', machine: host, attempt })
    const both = [questions.secret(at('a')), questions.secret(at('b'))]
    expect(questions.view.waiting).toBe(1)
    answer(text('wrong'))
    expect(await Promise.all(both)).toEqual(['wrong', 'wrong'])
    const again = questions.secret(at('a', 2))
    expect(open()).toMatchObject({ attempt: 2 })
    answer(text('right'))
    expect([await again, await questions.secret(at('c'))]).toEqual(['right', 'right'])
    expect(questions.view.question).toBeNull()
  })
})

const password = 'not for any log: 8f3a'
const wrongPassword = 'nor is this: 91cc'
const ownKey = sshKeyPair()

async function machine(ways: Partial<LoginWays> = {}): Promise<LoginServer> {
  const server = await LoginServer.start([ownKey.private], { password: ['glenda', password], forwards: true, ...ways })
  onTestFinished(() => server.close())
  return server
}

async function fake(): Promise<FakeVenti> {
  const venti = await startFakeVenti()
  onTestFinished(() => venti.close())
  return venti
}

async function filesOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const texts = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => await readFile(join(entry.parentPath, entry.name), 'utf8'))
  return (await Promise.all(texts)).join('\n')
}

describe('the service', () => {
  test('asks for the key and the password of a machine on the way, once for a session, and keeps no secret', async () => {
    const folder = await scratchDir()
    const [server, venti] = [await machine(), await fake()]
    const service = serviceIn(folder)
    await service.ask('setup.begin', {})
    const dial = through(server, venti)
    const testing = service.ask('setup.test', { dial })

    const key = await question(service)
    expect(key).toMatchObject({
      kind: 'host-key',
      machine: `127.0.0.1:${server.port}`,
      keyType: 'ED25519',
      fingerprint: fingerprintOf(ownKey.public),
    })
    expect(server.users).toBe(0)
    // A page that is loaded anew is shown it as well.
    expect((await service.ask('app.view', {})).question.question).toEqual(key)
    await service.ask('machine.answer', { id: key.id, answer: accept })
    const first = await question(service, key.id)
    expect(first).toMatchObject({ kind: 'password', machine: `glenda@127.0.0.1:${server.port}`, attempt: 1 })
    await service.ask('machine.answer', { id: first.id, answer: text(wrongPassword) })
    const second = await question(service, first.id)
    expect(second).toMatchObject({ kind: 'password', attempt: 2 })
    await service.ask('machine.answer', { id: second.id, answer: text(password) })
    expect(await testing).toMatchObject({ ok: true, dial, problem: null })

    // The line is used again, and when it is gone what was right is known.
    server.dropConnections()
    expect(await service.ask('setup.test', { dial })).toMatchObject({ ok: true })
    expect(server.attempts.filter((one) => one.startsWith('password'))).toHaveLength(3)
    expect(service.events.filter(({ event }) => event === 'machine.question').length).toBeLessThanOrEqual(6)
    await service.refusal('machine.answer', { id: second.id, answer: text(password) })
    await service.refusal('machine.answer', { id: second.id, answer: { kind: 'text', text: password, extra: 1 } })
    await service.refusal('machine.answer', { id: password, answer: password })
    const all = service.text + (await filesOf(stateDirIn(folder)))
    expect(all).toContain(ownKey.public.split(' ')[1])
    for (const one of [password, wrongPassword]) expect(all).not.toContain(one)
  })

  test('says so when the key is not right, and has sent nothing then', async () => {
    const folder = await scratchDir()
    const [server, venti] = [await machine(), await fake()]
    const service = serviceIn(folder)
    await service.ask('setup.begin', {})
    const testing = service.ask('setup.test', { dial: through(server, venti) })
    const { id } = await question(service)
    await service.ask('machine.answer', { id, answer: refuse })
    const { ok, problem } = await testing
    expect([ok, problem?.code, server.users]).toEqual([false, 'ssh-host-key', 0])
    expect(problem?.happened).toMatch(/is not known yet: it shows the ED25519 key SHA256:\S{43}\. It was not accepted$/)
    expect(problem?.safe).toBe('Nothing was sent to that machine, not even the user name.')
  })

  test('ends the question with the sync that is cancelled', async () => {
    const folder = await scratchDir()
    const [server, near, far] = [await machine(), await fake(), await fake()]
    await syncIn(folder, await imageIn(folder, 'seq-day1'), [near])
    const service = serviceIn(folder)
    const dial = through(server, far)
    await service.ask('mirror.addTarget', { mirror: 'source', dial, name: 'far' })
    const job = await service.ask('sync.start', { mirror: 'source', dials: [dial] })
    await question(service)
    await service.ask('job.cancel', { job })
    expect(await service.synced(job)).toMatchObject({ result: 'cancelled' })
    await noneOpen(service)
    expect(server.users).toBe(0)
  })

  test('shows a page the question that what it reads at its start waits for, and the whole after the answer', async () => {
    const folder = await scratchDir()
    const server = await machine()
    const source = `ssh://glenda@127.0.0.1:${server.port}/dev/sdb:arenas`
    const draft = { step: 'source', name: 'far', isSample: false, targets: [], noNinefat: false, mirror: null }
    await mkdir(stateDirIn(folder))
    const saved = { schema: 1, ...draft, source, ninefat: null, fossil: null }
    await writeFile(join(stateDirIn(folder), 'setup.json'), JSON.stringify(saved))
    const service = serviceIn(folder)
    const early = await service.ask('app.view', {})
    expect([early.question.question?.kind, early.setup]).toEqual(['host-key', null])
    const whole = service.told('app.changed', () => true)
    await service.ask('machine.answer', { id: early.question.question!.id, answer: refuse })
    await whole
    const { setup } = await service.ask('app.view', {})
    expect(setup?.source).toMatchObject({ place: { path: source }, totals: null })
    expect(setup?.source?.problems[0]).toMatch(/It was not accepted/)
  })

  test('keeps folders to this computer', async () => {
    const folder = await scratchDir()
    const service = serviceIn(folder)
    for (const channel of ['places.list', 'places.folder'] as const) {
      const { code, happened } = await service.refusal(channel, { path: 'ssh://cellar/usr' })
      expect([code, happened]).toEqual(['usage', expect.stringContaining('on another machine')])
    }
    expect(await readdir(folder)).not.toContain('ssh:')
  })

  test('lets a machine that lost its patience go, with the question', async () => {
    const folder = await scratchDir()
    const [server, venti] = [await machine(), await fake()]
    const service = serviceIn(folder)
    await service.ask('setup.begin', {})
    const testing = service.ask('setup.test', { dial: through(server, venti) })
    await question(service)
    server.dropConnections()
    expect((await testing).problem).toMatchObject({
      code: 'ssh-login',
      happened: expect.stringContaining('ended the connection before the question was answered'),
    })
    await noneOpen(service)
  })
})
