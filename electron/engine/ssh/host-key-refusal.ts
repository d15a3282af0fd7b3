// Why a machine was not talked to any further because of its key, in words for the person who has to decide: what it showed,
// what was expected and where that is written down, and what to do if the key was changed on purpose.

import { AppError } from '../../../shared/errors.ts'
import { keyTypeWord } from './key-blob.ts'
import type { KnownKey, Verdict } from './known-hosts.ts'

type Changed = Extract<Verdict, { readonly kind: 'changed' }>
type Revoked = Extract<Verdict, { readonly kind: 'revoked' }>

const place = ({ file, line }: KnownKey): string => `${file}, line ${line}`

function described({ keyType, fingerprint }: { readonly keyType: string; readonly fingerprint: string }): string {
  return `${keyTypeWord(keyType)} key ${fingerprint}`
}

/** For a shell: brackets and blanks are in it. */
function quoted(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** `ssh-host-key`. `machine` is its name as messages have it: HOST or HOST:PORT. */
export function refusedHostKey(machine: string, verdict: Changed | Revoked): AppError {
  const { kind, keyType, fingerprint } = verdict
  const common = { machine, verdict: kind, keyType, fingerprint }
  return verdict.kind === 'revoked' ? revokedError(common, verdict) : changedError(common, verdict)
}

type Common = { readonly machine: string; readonly verdict: string }

function revokedError(common: Common, verdict: Revoked): AppError {
  const text = `${common.machine} shows the ${described(verdict)}, which is revoked (${place(verdict.at)})`
  const next =
    'Somebody marked this key as stolen or withdrawn: do not log in. The administrator of that machine has to give it a new key.'
  const { file, line } = verdict.at
  return new AppError('ssh-host-key', text, { data: { ...common, file, line, next } })
}

function changedError(common: Common, verdict: Changed): AppError {
  const { known, keyType, name } = verdict
  // The one to compare with is of the same type, if there is one.
  const expected = known.find((key) => key.keyType === keyType) ?? known[0]!
  const what = expected.keyType === keyType ? 'has changed' : 'is not the one that is known'
  const all = known.map((key) => `the ${described(key)} (${place(key)})`).join(', ')
  const text = `the key of ${common.machine} ${what}: it shows the ${described(verdict)}, known ${known.length === 1 ? 'is' : 'are'} ${all}. Somebody may be between here and that machine`
  const files = [...new Set(known.map(({ file }) => file))]
  const commands = files.map((file) => `ssh-keygen -R ${quoted(name)} -f ${quoted(file)}`).join('; ')
  const next = `Ask the administrator of that machine whether its key was changed, and compare the fingerprints. If it was, remove the old key (${commands}), then try again and accept the new one.`
  return new AppError('ssh-host-key', text, {
    data: {
      ...common,
      knownKeyType: expected.keyType,
      knownFingerprint: expected.fingerprint,
      file: expected.file,
      line: expected.line,
      next,
    },
  })
}
