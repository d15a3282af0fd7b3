// From what is typed into the fields of a machine to the one text that names it: ssh://[user@]host[:port] with a path or with
// the venti behind it. Only what cannot be put together is refused here; the service judges the whole. Pure.

export type MachineFields = { readonly machine: string; readonly user: string; readonly port: string }
export type Composed = { readonly text: string | null; readonly problem: string | null }

export const noMachine: MachineFields = { machine: '', user: '', port: '' }

const usualVentiPort = '17034'
const nothing: Composed = { text: null, problem: null }

/** What is wrong with the fields of a machine; null: nothing, or nothing was typed yet. */
export function machineProblem({ machine, user, port }: MachineFields): string | null {
  const host = bareHost(machine)
  if (/[\s/!]/.test(host)) return 'A host name, an address, or an alias of ~/.ssh/config.'
  if (user.trim() !== '' && host.includes('@')) return 'There is a user in the name of the machine already.'
  if (/[\s:@/!]/.test(user.trim())) return 'A user name has no blanks and none of : @ / ! in it.'
  if (port.trim() !== '' && !(/^\d{1,5}$/.test(port.trim()) && Number(port) > 0 && Number(port) < 65_536)) {
    return 'A port is a number from 1 to 65535.'
  }
  return null
}

/** As people paste it. */
const bareHost = (machine: string): string =>
  machine
    .trim()
    .replace(/^ssh:\/\//i, '')
    .replace(/\/+$/, '')

function authorityOf({ machine, user, port }: MachineFields): string | null {
  const host = bareHost(machine)
  if (host === '' || machineProblem({ machine, user, port }) !== null) return null
  // An address with colons in it.
  const shown = /^[^[\]@]*:[^[\]@]*:/.test(host) ? `[${host}]` : host
  return `ssh://${user.trim() === '' ? '' : `${user.trim()}@`}${shown}${port.trim() === '' ? '' : `:${port.trim()}`}`
}

/** A file, device or partition there; `~/` is the login folder of the user. */
export function machinePath(fields: MachineFields, typed: string): Composed {
  const authority = authorityOf(fields)
  const path = typed.trim()
  if (path !== '' && !/^(?:\/|~\/)/.test(path)) {
    return { text: null, problem: 'The whole path, from the slash on, or ~/ and the rest.' }
  }
  if (authority === null || path === '') return nothing
  return { text: `${authority}${path.startsWith('~') ? `/${path}` : path}`, problem: null }
}

/** A venti as it is called from there: HOST, HOST:PORT or tcp!HOST!PORT. */
export function tunnelDial(fields: MachineFields, typed: string): Composed {
  const authority = authorityOf(fields)
  const venti = typed.trim().replace(/^(?:tcp|net)!/, '')
  if (venti === '') return nothing
  const [, host, port = usualVentiPort] = /^(\[[^\]]*\]|[^:!]+)(?:[:!](\w+))?$/.exec(venti) ?? []
  if (host === undefined) return { text: null, problem: 'HOST, HOST:PORT or tcp!HOST!PORT, as that machine calls it.' }
  return authority === null ? nothing : { text: `${authority}!${host}!${port}`, problem: null }
}

/** The machine of a place, to offer it for the next one; null: it is here. */
export function machineOf(path: string): MachineFields | null {
  const [, user = '', host, port = ''] = /^ssh:\/\/(?:([^@/]*)@)?(\[[^\]]*\]|[^:/]*)(?::(\d+))?\//i.exec(path) ?? []
  return host === undefined ? null : { machine: host, user, port }
}
