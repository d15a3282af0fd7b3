// The exact commands that bring an archive back from a venti: for rc on a Plan 9 machine and for this computer. Pure. The
// score stands in them in full and nowhere else (R10). Authority: Plan 9 fossil(4), vac(1), vacfs(4), flfmt.c.

import { isIP } from 'node:net'
import type { RecoverCommands, RestoreWay } from '../../../shared/model/recover.ts'
import type { RootScore } from '../../../shared/model/score.ts'
import { sshAddressText } from '../ssh/address.ts'
import type { Dial } from '../venti/client/dial.ts'

const fossilPartition = '/dev/sdXX/fossil'
/** What flfmt takes without -b. */
const usualBlockSize = 8192

const isOwnAddress = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.')

/** `why` says what a person has to put in its place. */
function plan9Dial(dial: Dial): { readonly text: string; readonly why: string | null } {
  if (dial.kind === 'unix') {
    const why = `${dial.text} is a socket of this computer: put the address and port that its venti has on the network in the place of HOST`
    return { text: 'tcp!HOST!17034', why }
  }
  if (dial.kind === 'ssh') {
    const seenFrom = `${dial.host} is seen from ${sshAddressText(dial.hop)}`
    const why = `${seenFrom}: put the address that the Plan 9 machine has for that venti in the place of HOST`
    return { text: `tcp!HOST!${dial.port}`, why }
  }
  const why = isOwnAddress(dial.host)
    ? `${dial.host} is this computer itself: put its address as the Plan 9 machine sees it in the place of HOST`
    : null
  return { text: `tcp!${why === null ? dial.host : 'HOST'}!${dial.port}`, why }
}

/** Without the ! that some shells take for their history. */
export function hereDial(dial: Dial): string {
  if (dial.kind === 'unix') return /^[\w./-]+$/.test(dial.path) ? dial.path : `'${dial.path.replaceAll("'", `'\\''`)}'`
  // Within '' no shell takes a ! for anything.
  if (dial.kind === 'ssh') return `'${dial.text}'`
  return isIP(dial.host) === 6 ? `"[${dial.host}]:${dial.port}"` : `${dial.host}:${dial.port}`
}

export function recoverCommands(root: RootScore, dial: Dial, way: RestoreWay): RecoverCommands {
  const { text, why } = plan9Dial(dial)
  const place = `vac:${root}${way.kind === 'fossil' ? '/active' : way.under}`
  const here = [`venti-mirror extract ${place} restored --at ${hereDial(dial)}`]
  const address = why === null ? [] : [why]
  if (way.kind === 'files') {
    return {
      plan9: [
        `venti=${text}`,
        `echo vac:${root} >/tmp/root.vac`,
        'vacfs /tmp/root.vac  # it is in /n/vac then; or, to unpack it here: unvac /tmp/root.vac',
      ],
      here,
      notes: address,
    }
  }
  const size = way.blockSize === usualBlockSize ? '' : `-b ${way.blockSize} `
  return {
    plan9: [`venti=${text}`, `fossil/flfmt ${size}-v ${root} ${fossilPartition}`],
    here,
    notes: [
      ...address,
      `put the partition in the place of ${fossilPartition}: flfmt makes a new fossil there, and what was in it is gone`,
      'the console commands of the old fossil are not in the archive: write them with fossil/conf -w before it is started',
      'a fossil reads from this venti as long as it lives: keep $venti set where it is started',
      'fossil/last prints the score of nothing until the next archive: keep this score until then',
    ],
  }
}
