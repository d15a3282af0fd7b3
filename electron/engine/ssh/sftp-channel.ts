// What ssh2 knows of an SFTP channel and has no call for: how much the server gives at one request, and the receive window.
// ssh2 grants 2 MiB and renews it late, which holds a line of 50 ms down to 20 to 38 MiB/s; OpenSSH's own sftp comes to 40.
// Everything here is looked at before it is touched: should ssh2 change inside, reading is slower and nothing else.

import type { SFTPWrapper } from 'ssh2'

type Inside = {
  readonly _maxReadLen?: unknown
  readonly incoming?: { window?: unknown }
  readonly outgoing?: { readonly id?: unknown; readonly state?: unknown }
  readonly _protocol?: { readonly channelWindowAdjust?: unknown }
}

/** What every server has to give at once (draft-ietf-secsh-filexfer-02, 3). */
const commonReadBytes = 32 * 1024
/** The window is renewed when a quarter of it is used. */
const renewals = 4

/** Longer reads ssh2 would split into requests that wait for each other. */
export function largestReadBytes(sftp: SFTPWrapper): number {
  const { _maxReadLen: known } = sftp as unknown as Inside
  return typeof known === 'number' && known >= 4096 ? known : commonReadBytes
}

/** Lets the server send so many bytes ahead; to be called as bytes come in. */
export function keepWindowOpen(sftp: SFTPWrapper, bytes: number): void {
  const { incoming, outgoing, _protocol: protocol } = sftp as unknown as Inside
  if (typeof incoming?.window !== 'number' || typeof outgoing?.id !== 'number' || outgoing.state !== 'open') return
  const more = bytes - incoming.window
  if (more < bytes / renewals || typeof protocol?.channelWindowAdjust !== 'function') return
  incoming.window += more
  ;(protocol as { channelWindowAdjust: (id: number, amount: number) => void }).channelWindowAdjust(outgoing.id, more)
}
