// The files behind the verdicts: read and never written but for our own, which is made for this user alone and only grows.

import { symlink, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { refusedHostKey } from '../../../../electron/engine/ssh/host-key-refusal.ts'
import { HostKeys } from '../../../../electron/engine/ssh/host-keys.ts'
import type { Verdict } from '../../../../electron/engine/ssh/known-hosts.ts'
import { blobOf, ecdsaKey, ed25519Key, otherEd25519Key, rsaKey, textOf } from '../../../helpers/host-keys.ts'
import { scratchDir } from '../../../helpers/scratch.ts'

const key = blobOf(ed25519Key)

describe('files of known keys', () => {
  test('count together: known in one is known, different in all is changed, none is unknown', async () => {
    const folder = await scratchDir()
    const [first, second, absent] = ['known_hosts', 'known_hosts2', 'no/such'].map((name) => join(folder, name))
    await writeFile(first!, `box ${textOf(otherEd25519Key)}\n`)
    await writeFile(second!, `box ${textOf(ed25519Key)}\n`)
    const kindIn = async (...files: string[]): Promise<string> =>
      (await new HostKeys({ files, trustFile: null }).judge('box', 22, key)).kind
    expect(await Promise.all([kindIn(first!, second!), kindIn(first!, absent!), kindIn(absent!), kindIn()])).toEqual([
      'known',
      'changed',
      'unknown',
      'unknown',
    ])
  })

  test('that cannot be read are an error, not an unknown key', async () => {
    const folder = await scratchDir()
    await mkdir(join(folder, 'known_hosts'))
    const keys = new HostKeys({ files: [join(folder, 'known_hosts')], trustFile: null })
    const error = {
      code: 'ssh-host-key',
      message: expect.stringMatching(/^cannot read .*known_hosts, which says .*EISDIR/),
    }
    await expect(keys.judge('box', 22, key)).rejects.toMatchObject(error)
    await expect(keys.knownTypes('box', 22)).rejects.toMatchObject(error)
  })

  // A link to itself: neither there nor away, also for root.
  test.skipIf(process.platform === 'win32')('nor is one that leads nowhere', async () => {
    const path = join(await scratchDir(), 'known_hosts')
    await symlink(path, path)
    await expect(new HostKeys({ files: [path], trustFile: null }).judge('box', 22, key)).rejects.toMatchObject({
      message: expect.stringContaining('ELOOP'),
    })
  })

  test('are read anew for each question', async () => {
    const path = join(await scratchDir(), 'known_hosts')
    const keys = new HostKeys({ files: [path], trustFile: null })
    expect((await keys.judge('box', 22, key)).kind).toBe('unknown')
    await writeFile(path, `box ${textOf(ed25519Key)}\nnonsense\n`)
    expect((await keys.judge('box', 22, key)).kind).toBe('known')
    expect(await keys.badLines()).toEqual([{ file: path, line: 2, problem: 'the line is cut off' }])
  })

  test('what is sent as a key and is none is refused', async () => {
    const keys = new HostKeys({ files: [], trustFile: null })
    const judged = keys.judge('box', 2222, key.subarray(1))
    await expect(judged).rejects.toMatchObject({
      code: 'ssh-host-key',
      message: 'what [box]:2222 sent as its host key is not a key',
    })
  })
})

describe('a key that is accepted', () => {
  test('is known from then on, by its host and port, and no other file is touched', async () => {
    const folder = await scratchDir()
    const [known, trustFile] = [join(folder, 'known_hosts'), join(folder, 'state', 'known_hosts')]
    await writeFile(known, `box ${textOf(rsaKey)}\n`)
    const keys = new HostKeys({ files: [known], trustFile })
    await keys.trust('New.Example', 22, key)
    await keys.trust('new.example', 2222, blobOf(ecdsaKey))
    await keys.trust('fe80::1', 22, key)
    const text = await readFile(trustFile, 'utf8')
    expect(text.split('\n').slice(1)).toEqual([
      `new.example ${textOf(ed25519Key)}`,
      `[new.example]:2222 ${textOf(ecdsaKey)}`,
      `fe80::1 ${textOf(ed25519Key)}`,
      '',
    ])
    expect(text).toMatch(/^# Machines that were accepted in Venti Mirror/)
    expect(await keys.judge('new.example', 22, key)).toMatchObject({ kind: 'known', at: { file: trustFile, line: 2 } })
    expect(await keys.knownTypes('new.example', 2222)).toEqual(['ecdsa-sha2-nistp256'])
    expect(await readFile(known, 'utf8')).toBe(`box ${textOf(rsaKey)}\n`)
    expect((await readdir(folder)).toSorted()).toEqual(['known_hosts', 'state'])
    if (process.platform !== 'win32') expect((await stat(trustFile)).mode & 0o777).toBe(0o600)
  })

  test('is not glued to a line that a crash cut off, and that line counts for nothing', async () => {
    const trustFile = join(await scratchDir(), 'known_hosts')
    await writeFile(trustFile, `# mine\nbox ${textOf(otherEd25519Key).slice(0, -10)}`)
    const keys = new HostKeys({ files: [], trustFile })
    expect((await keys.judge('box', 22, key)).kind).toBe('unknown')
    await keys.trust('box', 22, key)
    expect((await keys.judge('box', 22, key)).kind).toBe('known')
    expect(await keys.badLines()).toHaveLength(1)
  })

  test.each(['', '*', '!box', 'a,b', 'box\nother', '@revoked', '|1|a', '[box]', 'a b'])(
    'is not kept under the name %j',
    async (name) => {
      const folder = await scratchDir()
      const keys = new HostKeys({ files: [], trustFile: join(folder, 'known_hosts') })
      await expect(keys.trust(name, 22, key)).rejects.toMatchObject({ code: 'ssh-host-key' })
      expect(await readdir(folder)).toEqual([])
    },
  )

  test('is not kept where there is no file for it', async () => {
    const keys = new HostKeys({ files: [], trustFile: null })
    await expect(keys.trust('box', 22, key)).rejects.toMatchObject({ code: 'ssh-host-key' })
  })
})

describe('a refusal', () => {
  async function refusal(text: string, host: string, port: number): Promise<{ message: string; data: object }> {
    const path = join(await scratchDir(), 'known_hosts')
    await writeFile(path, text)
    const verdict = await new HostKeys({ files: [path], trustFile: null }).judge(host, port, key)
    const { message, data } = refusedHostKey(
      `${host}:${port}`,
      verdict as Exclude<Verdict, { readonly kind: 'known' | 'unknown' }>,
    )
    return JSON.parse(JSON.stringify({ message, data }).replaceAll(path, '/FILE')) as { message: string; data: object }
  }

  test('of a changed key has both fingerprints, where the old one stands, and what to do', async () => {
    expect(await refusal(`\n[box]:2222 ${textOf(otherEd25519Key)}\n`, 'box', 2222)).toEqual({
      message: `the key of box:2222 has changed: it shows the ED25519 key ${ed25519Key.fingerprint}, known is the ED25519 key ${otherEd25519Key.fingerprint} (/FILE, line 2). Somebody may be between here and that machine`,
      data: {
        machine: 'box:2222',
        verdict: 'changed',
        keyType: 'ssh-ed25519',
        fingerprint: ed25519Key.fingerprint,
        knownKeyType: 'ssh-ed25519',
        knownFingerprint: otherEd25519Key.fingerprint,
        file: '/FILE',
        line: 2,
        next: "Ask the administrator of that machine whether its key was changed, and compare the fingerprints. If it was, remove the old key (ssh-keygen -R '[box]:2222' -f /FILE), then try again and accept the new one.",
      },
    })
  })

  test('of a key of another type names all that are known', async () => {
    const { message } = await refusal(`box ${textOf(rsaKey)}\nb* ${textOf(ecdsaKey)}\n`, 'box', 22)
    expect(message).toBe(
      `the key of box:22 is not the one that is known: it shows the ED25519 key ${ed25519Key.fingerprint}, known are the RSA key ${rsaKey.fingerprint} (/FILE, line 1), the ECDSA key ${ecdsaKey.fingerprint} (/FILE, line 2). Somebody may be between here and that machine`,
    )
  })

  test('of a revoked key says who said so', async () => {
    const { message, data } = await refusal(`@revoked * ${textOf(ed25519Key)}\n`, 'box', 22)
    expect(message).toBe(`box:22 shows the ED25519 key ${ed25519Key.fingerprint}, which is revoked (/FILE, line 1)`)
    expect(data).toMatchObject({
      verdict: 'revoked',
      file: '/FILE',
      line: 1,
      next: expect.stringMatching(/do not log in/),
    })
  })
})
