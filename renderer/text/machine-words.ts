// Other machines in words: what is asked about them before somebody can log in, and how a place on one of them and a venti
// behind one are called. Short forms say everything that the address says, so that no two addresses look alike. Pure.

import type { MachineQuestion } from '../../shared/model/window.ts'
import { printable } from './format.ts'

type HostKey = Extract<MachineQuestion, { readonly kind: 'host-key' }>
export type Secret = Exclude<MachineQuestion, HostKey>

export function questionTitle(question: MachineQuestion): string {
  const machine = printable(question.machine)
  switch (question.kind) {
    case 'host-key':
      return `Is this the key of ${machine}?`
    case 'passphrase':
      return 'The passphrase of your key'
    case 'password':
      return `The password for ${machine}`
    case 'answer':
      return `${machine} asks`
  }
}

/** For a page that only looks on. */
export function waitingWords(question: MachineQuestion): string {
  const machine = printable(question.machine)
  switch (question.kind) {
    case 'host-key':
      return `Whether the key of ${machine} is right has to be said.`
    case 'passphrase':
      return `The passphrase of a key for ${machine} has to be given.`
    case 'password':
      return `The password for ${machine} has to be given.`
    case 'answer':
      return `${machine} asks something that has to be answered.`
  }
}

export type SecretWords = {
  readonly lead: string
  readonly label: string
  /** Where what is typed goes. */
  readonly hint: string
  readonly again: string
}

const toMachine = 'It goes to that machine alone, and is forgotten when this program ends.'

/** `again`: the answer before was not right. */
export function secretWords({ kind, machine: given, what: givenWhat }: Secret): SecretWords {
  const [machine, what] = [printable(given), printable(givenWhat)]
  switch (kind) {
    case 'passphrase':
      return {
        lead: `${machine} takes the key ${what}, and that is locked.`,
        label: 'Passphrase',
        hint: 'It opens the key on this computer, goes nowhere else, and is forgotten when this program ends.',
        again: 'That passphrase does not open the key.',
      }
    case 'password':
      return {
        lead: 'No key of yours was taken there, so it asks for the password of that user.',
        label: 'Password',
        hint: toMachine,
        again: 'That password was not right.',
      }
    case 'answer':
      return { lead: what, label: 'Answer', hint: toMachine, again: 'That was not right.' }
  }
}

/** What prints the same fingerprint on the machine itself; of a type with files of other names: of all. */
export function fingerprintCommand({ keyType }: Pick<HostKey, 'keyType'>): string {
  const file = /^[A-Z\d]+$/.test(keyType) ? keyType.toLowerCase() : '*'
  return `ssh-keygen -lf /etc/ssh/ssh_host_${file}_key.pub`
}

/** "/dev/sdb:arenas on glenda@cellar:2222"; a path of this computer as it is. */
export function placeText(path: string): string {
  const [, machine, there] = /^ssh:\/\/([^/]*)(\/.*)$/is.exec(path) ?? []
  if (machine === undefined || there === undefined) return printable(path)
  return printable(`${there.replace(/^\/~\//, '~/')} on ${machine}`)
}

/** "tcp!127.0.0.1!17034 through glenda@cellar"; a dial string without a machine on the way as it is. */
export function dialText(dial: string): string {
  const [, hop, behind] = /^ssh:\/\/([^!/]*)!(.*)$/is.exec(dial) ?? []
  return printable(hop === undefined || behind === undefined ? dial : `tcp!${behind} through ${hop}`)
}
