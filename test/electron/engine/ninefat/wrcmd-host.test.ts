// However a server is named, wrcmd gets the three parts that ventiprog needs.

import { expect, test } from 'vitest'
import { wrcmdHost } from '../../../../electron/engine/ninefat/wrcmd-host.ts'

test.each<[string, string]>([
  ['backup', 'tcp!backup!17034'],
  ['backup:17035', 'tcp!backup!17035'],
  ['net!Backup!venti', 'tcp!backup!17034'],
  ['tcp!127.1!0x428a', 'tcp!127.0.0.1!17034'],
  ['/net.alt/tcp!127.1!17034', '/net.alt/tcp!127.0.0.1!17034'],
  ['/net.alt/tcp!h', '/net.alt/tcp!h!17034'],
  ['::1', 'tcp!::1!17034'],
  ['$venti', 'tcp!from.env!5'],
])('%s', (given, expected) => {
  expect(wrcmdHost(given, { venti: 'tcp!from.env!5' })).toBe(expected)
})

test.each(['unix!/tmp/venti', '/tmp/venti', '', 'tcp!h!x', 'il!h!17034', '$venti', 'ssh://attic!h!17034'])(
  '%j is refused',
  (given) => {
    expect(() => wrcmdHost(given)).toThrow(expect.objectContaining({ code: 'dial-string' }) as Error)
  },
)
