// What known_hosts says of a key, by the table that ssh itself is held to in host-keys-openssh.test.ts.

import { describe, expect, test } from 'vitest'
import { fingerprintOf, keyTypeOf, keyTypeWord, knownTypesFirst } from '../../../../electron/engine/ssh/key-blob.ts'
import { decodeKnownHosts, judgeKey, knownTypesOf } from '../../../../electron/engine/ssh/known-hosts.ts'
import { hostKeyCases, knownHostsText } from '../../../helpers/host-key-cases.ts'
import { blobOf, ecdsaKey, ed25519Key, otherEd25519Key, rsaKey, textOf } from '../../../helpers/host-keys.ts'

const offered = { name: 'box.example', keyType: 'ssh-ed25519', fingerprint: ed25519Key.fingerprint }

describe('a key against known_hosts', () => {
  test.each(hostKeyCases)('$name: $verdict', (one) => {
    const { entries } = decodeKnownHosts(knownHostsText(one), 'known_hosts')
    expect(judgeKey(entries, 'box.example', one.port ?? 22, blobOf(ed25519Key), 'ssh-ed25519').kind).toBe(one.verdict)
  })

  test('a verdict says which key was shown, and where the others stand', () => {
    const text = `# mine\nbox.example ${textOf(ecdsaKey)}\nother ${textOf(rsaKey)}\n*.example ${textOf(otherEd25519Key)}\n`
    const { entries } = decodeKnownHosts(text, '/home/glenda/.ssh/known_hosts')
    expect(judgeKey(entries, 'Box.Example', 22, blobOf(ed25519Key), 'ssh-ed25519')).toEqual({
      kind: 'changed',
      ...offered,
      known: [
        { keyType: ecdsaKey.type, fingerprint: ecdsaKey.fingerprint, file: '/home/glenda/.ssh/known_hosts', line: 2 },
        {
          keyType: otherEd25519Key.type,
          fingerprint: otherEd25519Key.fingerprint,
          file: '/home/glenda/.ssh/known_hosts',
          line: 4,
        },
      ],
    })
  })

  test('the types known for a host, those of its plain name where the port has none of its own', () => {
    const text = `box.example ${textOf(rsaKey)}\n[box.example]:2222 ${textOf(ecdsaKey)}\n@revoked * ${textOf(ed25519Key)}\n*.example ${textOf(rsaKey)}`
    const { entries } = decodeKnownHosts(text, 'known_hosts')
    expect([22, 2222, 2223].map((port) => knownTypesOf(entries, 'box.example', port))).toEqual([
      ['ssh-rsa'],
      ['ecdsa-sha2-nistp256'],
      ['ssh-rsa'],
    ])
    expect(knownTypesOf(entries, 'elsewhere', 22)).toEqual([])
  })

  test('what is no entry is reported with its line and what is wrong', () => {
    const text = `box.example ${textOf(rsaKey)}\nbox\n@who * x y\n@revoked @revoked ${textOf(rsaKey)}\nbox 1024 35 17\nbox ssh-rsa !\nbox ssh-dss ${rsaKey.base64}\n|1|x|y ${textOf(rsaKey)}`
    const { entries, badLines } = decodeKnownHosts(text, 'f')
    expect(entries.map(({ line }) => line)).toEqual([1])
    expect(badLines).toEqual(
      [
        'the line is cut off',
        'unknown marker "@who"',
        'more than one marker',
        'a key of SSH protocol 1',
        'the key is not base64',
        'the key is not a whole key of type "ssh-dss"',
        'the hashed name is not |1|SALT|HASH',
      ].map((problem, index) => ({ file: 'f', line: index + 2, problem })),
    )
  })

  test('a pattern made to take long does not', () => {
    const { entries } = decodeKnownHosts(`${'*a'.repeat(2000)}*b ${textOf(rsaKey)}`, 'f')
    expect(knownTypesOf(entries, 'a'.repeat(4000), 22)).toEqual([])
  })
})

describe('a public key', () => {
  const keys = [ed25519Key, otherEd25519Key, ecdsaKey, rsaKey]

  test('has the type and the fingerprint that ssh-keygen shows', () => {
    expect(keys.map((key) => [keyTypeOf(blobOf(key)), fingerprintOf(blobOf(key))])).toEqual(
      keys.map(({ type, fingerprint }) => [type, fingerprint]),
    )
  })

  test('is none when a byte is missing or one too many, wherever it is cut', () => {
    for (const key of keys) {
      const blob = blobOf(key)
      for (let end = 0; end < blob.length; end++) expect(keyTypeOf(blob.subarray(0, end))).toBeNull()
      expect(keyTypeOf(new Uint8Array([...blob, 0]))).toBeNull()
    }
  })

  test('is called by the word people use', () => {
    const types = ['ssh-rsa', 'ssh-dss', 'ecdsa-sha2-nistp521', 'sk-ssh-ed25519@openssh.com', 'ssh-new@example.com']
    expect(types.map(keyTypeWord)).toEqual(['RSA', 'DSA', 'ECDSA', 'ED25519', 'ssh-new@example.com'])
  })

  test('of a known type is asked for first, and nothing else changes', () => {
    const algorithms = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'rsa-sha2-512', 'rsa-sha2-256']
    expect(knownTypesFirst(algorithms, [])).toEqual(algorithms)
    expect(knownTypesFirst(algorithms, ['ssh-dss', 'ssh-rsa'])).toEqual([
      'rsa-sha2-512',
      'rsa-sha2-256',
      'ssh-ed25519',
      'ecdsa-sha2-nistp256',
    ])
  })
})
