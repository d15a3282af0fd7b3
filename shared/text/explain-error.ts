// Every error in three parts: what happened (the error's own message), what is safe, what to do next. The table is typed
// over all codes, so that a code without words does not compile. Used by the command line and the window alike.

import type { AppError, ErrorCode } from '../errors.ts'

export type Advice = { readonly safe: string; readonly next: string }
export type Explanation = Advice & { readonly happened: string }

const nothingDone = 'Nothing was read or written.'
const nothingWritten = 'The source is only ever read. Nothing was sent, and no saved position changed.'
const positionsKept =
  'Everything this target confirmed is kept, and its saved position stands no further; other targets are not affected.'

const advice: Readonly<Record<ErrorCode, Advice>> = {
  usage: { safe: nothingDone, next: 'Correct the command; "venti-mirror help" lists them all.' },
  cancelled: {
    safe: 'Everything confirmed so far is kept; the source was only read.',
    next: 'Run it again when it suits; a sync goes on where it stopped.',
  },
  'source-open': { safe: nothingWritten, next: 'Check the path and that this user may read it, then run it again.' },
  'source-read': {
    safe: 'The source is only ever read. Saved positions stand only behind blocks that were read and confirmed.',
    next: 'Check the disk and its cable (its system log, smartctl), then run it again; copy what matters first.',
  },
  'not-arena-partition': {
    safe: nothingWritten,
    next: 'Name the arenas partition itself, an image of it, DISK:NAME ("venti-mirror partitions DISK" lists them), FILE:START-END, or the venti configuration file.',
  },
  'bad-config': {
    safe: nothingWritten,
    next: 'Name a venti configuration with "arenas FILE" lines, or the arenas partition itself.',
  },
  'wrong-partition': {
    safe: 'Nothing was sent and no saved position changed: they belong to another partition.',
    next: 'Name the partition this mirror was made from, or start a mirror of its own for this one with --name.',
  },
  'dial-string': {
    safe: nothingDone,
    next: 'Write the server as tcp!HOST!17034, HOST, HOST!PORT or $venti.',
  },
  'connect-failed': {
    safe: positionsKept,
    next: 'Check that venti runs there, its address and port (17034) and any firewall between; then run it again.',
  },
  'connect-timeout': {
    safe: positionsKept,
    next: 'Check that the machine is on and reachable, or allow more time with --timeout; then run it again.',
  },
  handshake: {
    safe: positionsKept,
    next: 'Check that a venti, and not another service, listens at that address and port.',
  },
  protocol: {
    safe: positionsKept,
    next: 'Run it again; if it comes back, look into the log of that server and report both.',
  },
  'reply-timeout': {
    safe: positionsKept,
    next: 'See whether that server is busy or hung; run it again, with a longer --timeout if it is slow.',
  },
  'connection-lost': {
    safe: positionsKept,
    next: 'See whether that server is still running, then run it again: it goes on from the last confirmed block.',
  },
  'target-full': {
    safe: positionsKept,
    next: 'Give that venti another arena partition (nothing in a venti can be deleted to make room), then run it again.',
  },
  'target-read-only': {
    safe: positionsKept,
    next: 'Start that venti without -r (read-only), then run it again.',
  },
  'target-refused': {
    safe: positionsKept,
    next: 'Read the words of that server above and its log, put it right, then run it again.',
  },
  'target-is-source': {
    safe: 'Nothing was sent to it: a venti is no copy of itself.',
    next: 'Name another server with --to; if it really is another one, check $venti and --source-venti.',
  },
  'state-locked': {
    safe: 'Nothing was read or written; the other run goes on undisturbed.',
    next: 'Wait for it to end, or end it, then run this again.',
  },
  'state-write': {
    safe: 'Blocks already on the targets stay there; the saved state is the last complete one.',
    next: 'Make room or give this user the right to write in the state folder, then run it again: blocks are not sent twice for nothing.',
  },
  'state-missing': {
    safe: nothingDone,
    next: 'List the mirrors with "venti-mirror status"; start one with "venti-mirror sync SOURCE --to DIAL".',
  },
  'ssh-address': {
    safe: nothingDone,
    next: 'Write for example ssh://glenda@server.example/dev/sdb1, or ssh://glenda@server.example!venti!17034 for a venti behind it.',
  },
  'ssh-host-key': {
    safe: 'Nothing was sent to that machine, not even the user name.',
    next: 'Compare the fingerprint with the one its administrator gives you. If it is right, accept it; of a key changed on purpose, first remove the old one (ssh-keygen -R HOST).',
  },
  'ssh-login': {
    safe: 'Nothing was read or written there.',
    next: 'Check the user name, and that "ssh USER@HOST" logs in from here; load the key into the agent with ssh-add, or name it with IdentityFile in ~/.ssh/config.',
  },
  'ssh-refused': {
    safe: 'Nothing was written there.',
    next: 'Ask the administrator of that machine to allow it (Subsystem sftp, AllowTcpForwarding in its sshd_config), then run it again.',
  },
  'secret-refused': {
    safe: 'Nothing was written: it would have been kept as plain text.',
    next: 'Open the keyring of the system, or use an SSH agent, which needs nothing kept.',
  },
  'store-open': {
    safe: 'The file was not changed.',
    next: 'Check the path and the rights of this user, then run it again.',
  },
  'store-locked': {
    safe: 'The file was not changed; the server that has it goes on undisturbed.',
    next: 'Use the server that runs already, or end it first.',
  },
  'store-write': {
    safe: 'What a sync confirmed is in the file; later blocks may be missing and their senders were not told otherwise.',
    next: 'Make room or replace the disk, start the server again, then run the sync again.',
  },
  'listen-failed': {
    safe: 'The file was not changed.',
    next: 'Choose another address or port with --listen, or end what listens there.',
  },
  'file-exists': {
    safe: 'The existing file was not changed.',
    next: 'Choose another name, or leave out the sizes to go on with the file that is there.',
  },
  'no-such-partition': {
    safe: nothingDone,
    next: 'List what is on the disk with "venti-mirror partitions DISK", and name one of those as DISK:NAME.',
  },
  'not-fossil': {
    safe: 'It was only read.',
    next: 'Name the fossil partition itself; "venti-mirror partitions DISK" tells which one that is.',
  },
  'not-9fat': {
    safe: 'It was only read.',
    next: 'Name the 9fat partition itself; "venti-mirror partitions DISK" tells which one that is.',
  },
  'damaged-9fat': {
    safe: 'Nothing on the 9fat was changed.',
    next: 'Check that volume on the machine it belongs to (dosfsck, or copy its files off and format it), then try again.',
  },
  'mounted-9fat': {
    safe: 'Nothing on the 9fat was changed.',
    next: 'Unmount it (on Plan 9: unmount /n/9fat and end its dossrv), then try again.',
  },
  'full-9fat': {
    safe: 'Nothing on the 9fat was changed; it was planned in full before anything was written.',
    next: 'Make room on the 9fat (an old kernel, a longer rootscor moved away), then try again.',
  },
  'read-only-9fat': {
    safe: 'Nothing on the 9fat was changed.',
    next: 'Give this user the right to write there, or clear the read-only mark of the file, then try again.',
  },
  'changed-9fat': {
    safe: 'Nothing on the 9fat was changed by this run.',
    next: 'See that nobody else writes to the 9fat, then try again.',
  },
  'write-9fat': {
    safe: 'The wrcmd there is the old or the new line in full, and a copy of every sector to be changed is in the state folder.',
    next: 'Check the disk; run it again (it finishes what was begun), or put the sectors back with "venti-mirror wrcmd restore".',
  },
  'no-wrcmd': {
    safe: 'Nothing on the 9fat was changed.',
    next: 'Make one with "venti-mirror wrcmd set 9FAT --host DIAL --arena NAME --at 0xHEX --partition PATH".',
  },
  'bad-wrcmd': {
    safe: 'Nothing was sent, and neither wrcmd nor any saved position changed.',
    next: 'See what is wrong with "venti-mirror wrcmd check 9FAT", and put it right with "venti-mirror wrcmd set".',
  },
  'no-backup': {
    safe: 'Nothing on the 9fat was changed.',
    next: 'Name the state folder of the run that changed it with --state.',
  },
  'no-root': {
    safe: 'Nothing was recorded; the fossil was only read.',
    next: 'Take an archival snapshot there (fsys main snap -a), wait until it is archived, then run it again.',
  },
  'block-missing': {
    safe: 'The server was only asked; nothing was changed.',
    next: 'Sync the mirror, then check again; "venti-mirror verify SCORE --at DIAL --source SOURCE" says where it should be.',
  },
  'block-corrupt': {
    safe: 'The server was only asked; nothing was changed.',
    next: 'Check the disk of that venti (venti/checkarenas); writing the block again would not replace it.',
  },
  'not-a-tree': {
    safe: 'The server was only asked; nothing was changed.',
    next: 'Name the score of a root (vac:…) as in rootscor, a .vac file, or what "venti-mirror roots" lists.',
  },
  'bad-tree': {
    safe: 'The server was only asked; nothing was changed.',
    next: 'Its blocks are there but do not make sense together: check an older root, and report this one.',
  },
  'no-such-path': {
    safe: 'The server was only asked; nothing was changed.',
    next: 'List what is there with "venti-mirror ls SCORE --at DIAL"; fossil keeps the present tree under /active.',
  },
  'verify-failed': {
    safe: 'Nothing was changed on the target unless --repair was given.',
    next: 'See the list of blocks above; with --source SOURCE and --repair those that the source has are sent.',
  },
  'extract-refused': {
    safe: 'Nothing was written outside the folder named.',
    next: 'Name an empty folder, or one of an earlier extract of the same root.',
  },
  'extract-write': {
    safe: 'Files that were complete stay; nothing half-written stands under its final name.',
    next: 'Make room, or give this user the right to write there, then run it again: it goes on where it stopped.',
  },
  'update-feed': {
    safe: 'Nothing was downloaded or installed; this version goes on as it is.',
    next: 'Try again later, or open the page of new versions in a browser.',
  },
  'decode-failed': {
    safe: 'No block that fails its check is ever sent.',
    next: 'See what is damaged with "venti-mirror arenas SOURCE --check".',
  },
  bug: {
    safe: 'The source was only read; saved positions stand only behind confirmed blocks.',
    next: 'This is a mistake in Venti Mirror: please report it with this message and the command you ran.',
  },
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(advice, code)
}

/** What is safe and what to do, for a code alone: results keep no more than that of an error. */
export function adviceFor(code: ErrorCode): Advice {
  return advice[code]
}

/** Whether the words for this code are about what a sync keeps of a target: no comfort to who only reads from it. */
export function speaksOfPositions(code: ErrorCode): boolean {
  return adviceFor(code).safe === positionsKept
}

/** An error may bring better words of its own (a usage line) in `data.safe` and `data.next`. */
export function explainError(error: AppError): Explanation {
  const advised = adviceFor(error.code)
  const { safe, next } = error.data
  return {
    happened: error.message,
    safe: typeof safe === 'string' ? safe : advised.safe,
    next: typeof next === 'string' ? next : advised.next,
  }
}
