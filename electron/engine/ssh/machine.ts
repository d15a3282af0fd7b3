// A machine that somebody is logged in to over SSH, as those see it who read its disks or reach a venti through it. One
// connection serves all of them; machines.ts makes it, shares it and ends it.

import type { ClientChannel, SFTPWrapper } from 'ssh2'
import type { AppError } from '../../../shared/errors.ts'
import type { SshAddress } from './address.ts'

export interface Machine {
  /** For messages: USER@HOST, with the port where it is not 22. */
  readonly name: string
  /** The one SFTP channel of the connection, opened at the first call. Rejects with `ssh-refused` or `connection-lost`. */
  sftp(): Promise<SFTPWrapper>
  /** A stream to a port that this machine can reach. Rejects with `connect-failed` or `connection-lost`. */
  tunnel(host: string, port: number): Promise<ClientChannel>
  /** Resolves with the reason once the connection is gone, whoever ended it. */
  readonly lost: Promise<AppError>
  /** This borrower needs it no longer. */
  release(): void
}

/**
 * Logs in, or shares the connection there is. Rejects with `connect-failed`, `connect-timeout`, `ssh-host-key`, `ssh-login`,
 * `cancelled`.
 */
export type BorrowMachine = (address: SshAddress, signal?: AbortSignal) => Promise<Machine>
