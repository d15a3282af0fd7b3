// The host of a wrcmd as it is written: always net!host!port, because ventiprog puts other targets between the two "!".

import { AppError } from '../../../shared/errors.ts'
import { parseDial, type Environment } from '../venti/client/dial.ts'

/** What a person typed, in three parts; a network directory of Plan 9 (/net.alt/tcp) is kept. Rejects with `dial-string`. */
export function wrcmdHost(given: string, environment: Environment = {}): string {
  const dial = parseDial(given, environment)
  if (dial.kind !== 'tcp') {
    throw new AppError('dial-string', `dial string ${JSON.stringify(given)}: wrarena reaches a venti over tcp only`)
  }
  const text = given.trim() === '$venti' ? (environment['venti'] ?? '').trim() : given.trim()
  const network = text.split('!', 1)[0] as string
  return `${network.includes('/') ? network : 'tcp'}!${dial.host}!${dial.port}`
}
