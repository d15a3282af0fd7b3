// What each command is for and how it is called: the texts of --help and the usage lines of errors. Nothing is read here.

import { maxDrillFiles } from '../../shared/model/verify.ts'

export const commandNames = [
  'arenas',
  'sync',
  'status',
  'serve',
  'partitions',
  'wrcmd',
  'roots',
  'verify',
  'ls',
  'cat',
  'extract',
  'recover',
  'window',
  'demo',
] as const

/** What ls --json holds in memory; without --json a listing has no end of its own. */
export const maxJsonEntries = 100_000

/** Next to venti's own 17034; a fixed one, so that a port forward can be written down. */
export const defaultWindowPort = 17036

export type CommandName = (typeof commandNames)[number]

type CommandHelp = { readonly usage: string; readonly summary: string; readonly text: string }

const commands: Readonly<Record<CommandName, CommandHelp>> = {
  arenas: {
    usage: 'venti-mirror arenas SOURCE [--check] [--offsets] [--json] [--progress]',
    summary: 'list the arenas of a partition and what is damaged',
    text: `
Lists every arena of SOURCE: offset (the number for wrarena -o), state, blocks, room used, end offset, seal, and every
damage. Answers at once, also for terabytes: it reads the tails, and the log only behind what they count.

SOURCE is an arenas partition or an image of it, DISK:NAME (a partition of a disk or of an image, as "venti-mirror
partitions" names it), FILE:START-END (bytes; k, m, g, t and 0x are understood), or a venti configuration file, which
stands for all arena partitions it names. It is only ever read.

  --check      read the whole log: decode every block, compare it with its score, recompute every seal
  --offsets    print lines "x NAME OFFSET SOURCE", as ventioffsets does; damage goes to standard error
  --json       print one JSON document
  --progress   show progress on standard error also when it is no terminal

Exit status: 0 in order, 1 not readable, 2 wrong usage, 3 damage was found.`,
  },
  sync: {
    usage:
      'venti-mirror sync SOURCE|NAME [--to DIAL]... [--state DIR] [--name NAME] [--audit] [--dry-run] [--limit RATE]\n' +
      '                         [--9fat PATH|--no-9fat] [--fossil PATH] [--verify [--wait MINUTES]]\n' +
      '                         [--source-venti DIAL] [--source-http HOST:PORT] [--flush-source]\n' +
      '                         [--checkpoint SECONDS] [--timeout SECONDS] [--json] [--progress]',
    summary: 'send what is new in a source to one or more ventis',
    text: `
Sends every block of SOURCE that a target does not have yet, arena after arena, to all targets with one read of the
source. How far each target is stands in the state folder and moves only after that target confirmed a sync, so an
interrupted run goes on where it stopped. A block that does not match its score is left out and reported.

SOURCE is what "venti-mirror arenas" takes; NAME is a mirror of an earlier run, synced to the targets it has.

  --to DIAL            a venti to send to: tcp!HOST!PORT, HOST, HOST!PORT, $venti; may be given several times
  --state DIR          state folder (default: this platform's folder for application data)
  --name NAME          name of the mirror in the state folder, when the automatic choice is not wanted
  --audit              ask every target about every block below its cursor as well, and send what it lacks
  --dry-run            print what would be sent, and whether it fits, and send nothing
  --limit RATE         at most RATE bytes a second to each target: 500k, 10m
  --9fat PATH          the 9fat with the wrcmd and rootscor of the script ventiprog: an offset in wrcmd is taken over
                       once a sample of the blocks below it was found on the target it names (with --audit all);
                       after the sync, rootscor gets the two lines the script would append, and wrcmd the new offset.
                       The mirror remembers the path
  --no-9fat            leave wrcmd and rootscor alone this time
  --fossil PATH        record the last root of this fossil in rootscor first, as fossilize does
  --verify             then check on every target that is up to date that an archive is whole there, as "venti-mirror
                       verify" does: that of the fossil's last root, else of the newest line of rootscor, else of the
                       newest root in the arenas
  --wait MINUTES       with --verify: where only blocks are missing that are on their way (not on the disk of the source
                       yet, as the root of an archive just made), sync what is new and check again until the archive
                       is whole, at most for so long. It stays one run: wrcmd and its two lines in rootscor follow at
                       its end, the root of --fossil is recorded before the wait
  --source-venti DIAL  the venti that serves the source: told to write its newest blocks to disk first, never a target
  --source-http ADDR   its status pages (HOST:PORT, the httpaddr of its venti.conf): says how many blocks are still only
                       in its memory
  --flush-source       have it write those to disk over the status pages, and wait for them
  --checkpoint SECONDS save how far each target is this often (default 5)
  --timeout SECONDS    give up on a target that does not answer for so long (default 10 to connect, 30 for a
                       reply, 300 for a sync; a sync gets four times what is named here)
  --json               print one JSON document
  --progress           show progress on standard error also when it is no terminal

Ctrl-C stops within two seconds and keeps everything; a second one ends the program at once.
Exit status: 0 every block is on every target, 1 failed or interrupted, 2 wrong usage, 3 finished, but damaged blocks
were left out, a target is behind, an archive is not whole (--verify), or wrcmd or rootscor could not be written (the
blocks are there all the same).`,
  },
  status: {
    usage: 'venti-mirror status [NAME] [--state DIR] [--json]',
    summary: 'show each mirror: how far, how old, what is damaged',
    text: `
Shows every mirror in the state folder, or the one called NAME: its source, how far each target is and when it last
confirmed a sync, what is new in the source since, recorded damage and the last run. Connects to nothing.

  --state DIR  state folder (default: this platform's folder for application data)
  --json       print one JSON document

Exit status: 0 healthy, 1 state not readable, 2 wrong usage, 3 damage is recorded or the last sync to a target failed.`,
  },
  serve: {
    usage: 'venti-mirror serve FILE [--listen DIAL] [--size SIZE] [--arena-size SIZE] [--no-compress]',
    summary: 'be a venti server that stores into a file',
    text: `
Serves FILE, an ordinary arena partition, as a venti: something to mirror to on this computer. A FILE that is not there
is made, sparse. Anything written and confirmed by a sync survives kill -9 and power loss.
A real venti can take FILE over.

  --listen DIAL      address to listen on (default tcp!127.0.0.1!17034; tcp!*!17034 is every interface)
  --size SIZE        make FILE with this size (default 10g)
  --arena-size SIZE  size of its arenas (default 512m, less in a small file)
  --no-compress      store blocks as they come

Venti knows no passwords: whoever reaches the port can write, and can read every block whose score is known.
Ctrl-C ends it after everything is on disk.
Exit status: 0 ended on request, 1 failed, 2 wrong usage.`,
  },
  partitions: {
    usage: 'venti-mirror partitions [DISK] [--json] [--show-scores]',
    summary: 'list what is on a disk or an image',
    text: `
Lists the partitions of DISK, a raw disk or an image of one, each recognised by what is in it: 9fat, nvram, fossil, arenas,
isect, bloom, swap, another FAT, or unknown. Understands GPT and MBR disks with a Plan 9 partition, the tables inside those,
and partitions by themselves. Each one is named DISK:NAME for every other command: venti-mirror arenas disk.img:arenas.
A few sectors are read and nothing is written.

Without DISK it lists the raw disks of this computer, whether each can be opened, and what to do if not.

  --json         print one JSON document
  --show-scores  print fossil's last root score in full: whoever has it can read everything under it

Exit status: 0 in order, 1 not readable, 2 wrong usage, 3 the tables of the disk have problems (they are listed).`,
  },
  wrcmd: {
    usage:
      'venti-mirror wrcmd show 9FAT [--json]\n' +
      '       venti-mirror wrcmd check 9FAT [--source SOURCE] [--json]\n' +
      '       venti-mirror wrcmd set 9FAT [--host DIAL] [--arena NAME|--offset N] [--at 0xHEX] [--partition PATH]\n' +
      '                              [--source SOURCE] [--state DIR] [--dry-run] [--json]\n' +
      '       venti-mirror wrcmd restore 9FAT [--list] [--backup ID] [--force] [--state DIR] [--json]',
    summary: 'show, check, set or put back the command of ventiprog on a 9fat',
    text: `
wrcmd on the 9fat holds the one command that the script ventiprog runs: which arena is sent to which venti, and from
which offset on. Here it is read as data and never run.

  show      print the line and its parts, and what is wrong with the text
  check     the same against the arenas: -o must be where one starts, the offset where a block begins, not past the end
  set       write one line that ventiprog can go on from; what is not named stays as it is. Checked first, and refused
            when it would be wrong. Without a wrcmd it is made from --host, --arena or --offset, --at, and --partition
            (or the partition of the last command in rootscor)
  restore   put back every sector that the newest edit of that 9fat replaced, or that of --backup ID

9FAT is the partition, an image of it, or DISK:9fat; for the last the arenas are found on the same disk.

  --source SOURCE   where the arenas are, if not on the same disk
  --host DIAL       the venti to send to, written as tcp!HOST!PORT
  --arena NAME      an arena by its name; --offset N by the byte where it starts (the number for -o)
  --at 0xHEX        from which offset inside that arena on; 0x0 is its beginning
  --partition PATH  the arenas partition, as the machine that runs ventiprog calls it
  --dry-run         print the line and write nothing
  --list            list the backups and put nothing back
  --force           put sectors back that somebody else has changed since
  --state DIR       state folder, where backups are (default: this platform's folder for application data)
  --json            print one JSON document

Exit status: 0 in order (there may be warnings), 1 not readable or refused, 2 wrong usage, 3 check or show found
something wrong.`,
  },
  roots: {
    usage:
      'venti-mirror roots SOURCE|FOSSIL|9FAT|DISK [--at DIAL [--timeout SECONDS]] [--show-scores] [--json] [--progress]\n' +
      '       venti-mirror roots FOSSIL --append-to 9FAT [--partition PATH] [--venti TEXT] [--state DIR] [--json]',
    summary: 'list root scores: of a rootscor, a fossil, arenas or a whole disk',
    text: `
Lists the root scores found in what is named, newest first: the lines of rootscor on a 9fat, the last archive of a
fossil, the root blocks in arenas with their name and type, where and when they were written, or all of these on a whole
disk. Nothing is executed. With --at, a venti is asked for every block below each of them, to say which are whole there.
Whoever has a root score can read everything under it: only their ends are shown unless asked.

  --at DIAL         say of each root whether everything below it is on this venti; what several archives share is
                    asked for once
  --timeout SECONDS give up on that venti when it does not answer for so long (default 10 to connect, 30 for a reply)
  --show-scores     print the scores in full
  --append-to 9FAT  record fossil's last root in the rootscor there, as the script fossilize does
  --partition PATH  the fossil partition as that machine calls it (default: as in the newest score line there)
  --venti TEXT      the value of $venti (default: as in the newest score line there)
  --state DIR       state folder, where the backup goes (default: this platform's folder for application data)
  --json            print one JSON document
  --progress        show progress on standard error also when it is no terminal

Exit status: 0 all of it was looked at, 1 not readable or not recorded, 2 wrong usage, 3 part of it could not be read
or (--at) an archive is not whole there.`,
  },
  verify: {
    usage:
      'venti-mirror verify SCORE --at DIAL [--full] [--source SOURCE [--repair] [--source-venti DIAL]] [--wait MINUTES]\n' +
      '                           [--drill N [--seed S]] [--from-start] [--state DIR] [--timeout SECONDS] [--show-scores]\n' +
      '                           [--json] [--progress]',
    summary: 'check that everything below a root score is on a venti',
    text: `
Walks the whole archive on the venti, from the root score down: every block that leads to others is read and compared with
its score, every other one is asked for. Each block is looked at once. With --source, every block that is missing is looked
up in the arenas it should have come from: where it stands there and why it is not on the venti. A check that was
interrupted goes on within a week: the blocks of data that it found are not asked for again.

SCORE is a root score as vac:HEX or HEX, or a file that begins with one and ends in .vac.

  --at DIAL            the venti: tcp!HOST!PORT, HOST, HOST!PORT, $venti
  --full               read every block back and compare it with its score; a venti may know a block and have lost it
  --source SOURCE      what "venti-mirror sync" mirrors to that venti, to explain what is missing
  --repair             send the missing blocks that SOURCE has (nothing else), sync, and read each of them back
  --source-venti DIAL  the venti that serves SOURCE: asked for blocks that its arenas do not have yet, never repaired
  --wait MINUTES       look again while blocks that are missing may still come, for so long
  --drill N            restore drill: read N files (at most ${maxDrillFiles}) chosen at random whole from the venti, and compare them
                       byte for byte with SOURCE; without --source, every block of them with its score
  --seed S             choose the files that an earlier drill with this seed chose
  --from-start         ask for every block, also for those that an interrupted check found
  --state DIR          state folder: cursors of the mirror, the results kept, and how far an interrupted check came
                       (default: this platform's folder for application data)
  --timeout SECONDS    give up on a venti that does not answer for so long (default 10 to connect, 30 for a reply)
  --show-scores        print the root score in full: whoever has it can read everything under it
  --json               print one JSON document
  --progress           show progress on standard error also when it is no terminal

Exit status: 0 everything is there, 1 it could not be checked, 2 wrong usage, 3 something is missing, damaged or wrong.`,
  },
  ls: {
    usage: 'venti-mirror ls SCORE[/PATH] --at DIAL [-l|--long] [--recursive] [--timeout SECONDS] [--json]',
    summary: 'list a directory of an archive on a venti',
    text: `
Lists what an archive of vac or fossil on a venti holds, read from there block by block and each one checked. A fossil
keeps the present tree under /active, earlier days under /archive.

SCORE is a root score as vac:HEX or HEX, or a file that begins with one and ends in .vac.

  --at DIAL          the venti: tcp!HOST!PORT, HOST, HOST!PORT, $venti
  -l, --long         mode, owner, group, size, time of the last change (UTC), name
  --recursive        everything below as well, by path
  --timeout SECONDS  give up on a venti that does not answer for so long (default 10 to connect, 30 for a reply)
  --json             print one JSON document (at most ${maxJsonEntries} entries)

Control characters in names are shown as \\xNN.
Exit status: 0 listed, 1 not readable, 2 wrong usage, 3 part of it could not be read (which part is said).`,
  },
  cat: {
    usage: 'venti-mirror cat SCORE/PATH --at DIAL [--timeout SECONDS]',
    summary: 'print a file of an archive on a venti',
    text: `
Writes the bytes of one file to standard output, as they are, each block checked. SCORE/PATH and DIAL as for
"venti-mirror ls".

  --at DIAL          the venti: tcp!HOST!PORT, HOST, HOST!PORT, $venti
  --timeout SECONDS  give up on a venti that does not answer for so long

Exit status: 0 all of it, 1 not readable (what was printed before is right, but not all), 2 wrong usage.`,
  },
  extract: {
    usage:
      'venti-mirror extract SCORE[/PATH] DIR --at DIAL [--force] [--max-file SIZE] [--timeout SECONDS]\n' +
      '                            [--json] [--progress]',
    summary: 'restore files of an archive on a venti into a folder',
    text: `
Restores what is in the directory SCORE[/PATH], or the one file there, into the folder DIR, made if it is not there.
Every block is checked. Times and permissions are kept (DIR's own stay as they are); owners, setuid and setgid are not.

Nothing is written outside DIR: names that are no names, or that this system cannot hold, are reported and left out, and
no symbolic link in DIR is followed. A file is written under another name and gets its own when it is complete. Files
that are there already with the same size, time and content are skipped, so an interrupted extract goes on where it
stopped; other files in the way are left alone and reported. Devices and pipes are reported and not made, and so are
symbolic links of which the archive has only the beginning (vac keeps 8 bytes).

  --at DIAL          the venti: tcp!HOST!PORT, HOST, HOST!PORT, $venti
  --force            replace files that are in the way and differ (never folders)
  --max-file SIZE    leave out files larger than SIZE; one that is larger than the room left is left out in any case
  --timeout SECONDS  give up on a venti that does not answer for so long
  --json             print one JSON document
  --progress         show progress on standard error also when it is no terminal

Exit status: 0 all of it is there, 1 failed or interrupted, 2 wrong usage, 3 finished, but some files could not be
restored (each is listed with the reason).`,
  },
  recover: {
    usage: 'venti-mirror recover SCORE --at DIAL [--state DIR] [--timeout SECONDS] [--json] [--progress]',
    summary: 'read a whole archive back and say how to restore a fossil from it',
    text: `
Reads every block of the archive back from the venti, as "venti-mirror verify --full" does: the day the source is lost only
reading proves that all of it is there. Only when it is whole, prints the commands that bring it back from that venti: those
that make a fossil of it on Plan 9 (fossil/flfmt -v), or for an archive of vac those that mount or unpack it, and the one
of this program that restores its files into a folder here. Nothing is written to the venti or to any disk.

SCORE is a root score as vac:HEX or HEX, or a file that begins with one and ends in .vac. The commands hold it in full:
whoever has it can read everything under it.

  --at DIAL          the venti: tcp!HOST!PORT, HOST, HOST!PORT, $venti
  --state DIR        state folder, where the result is kept (default: this platform's folder for application data)
  --timeout SECONDS  give up on a venti that does not answer for so long (default 10 to connect, 30 for a reply)
  --json             print one JSON document
  --progress         show progress on standard error also when it is no terminal

Exit status: 0 whole, with the commands, 1 it could not be checked, 2 wrong usage, 3 something is missing, damaged or wrong
(it is listed, and there are no commands).`,
  },
  window: {
    usage: 'venti-mirror window [--port N] [--allow-host HOST:PORT]... [--state DIR] [--open|--no-open] [--json]',
    summary: 'show the window in a browser',
    text: `
Serves the window to a browser on this computer: set-up, daily sync, arena map, verification. Prints a link that works
once and lets one browser in until the program ends; Enter prints another. Only 127.0.0.1 is listened on. One page at a
time has control, others look on. Closing the page or losing the connection changes nothing in what is running.

On a computer without a screen, run it there and forward the port from where you sit, then open the link there:
ssh -L ${defaultWindowPort}:127.0.0.1:${defaultWindowPort} HOST

  --port N                listen on N, 0 for any (default ${defaultWindowPort}, or any when that is taken)
  --allow-host HOST:PORT  also answer to this name: what the browser's address bar shows when the port is forwarded from
                          another number (--allow-host localhost:8000); may be given several times
  --state DIR             state folder (default: this platform's folder for application data)
  --open                  open the browser (default: where there is a display and a terminal)
  --no-open               only print the link
  --json                  print one JSON document with the link

Ctrl-C stops what is running at its next checkpoint and ends; started again, it goes on from there.
Exit status: 0 ended on request, 1 failed (as when a window on the same state folder is open already: it says where),
2 wrong usage.`,
  },
  demo: {
    usage: 'venti-mirror demo [--keep DIR] [--json] [--progress]',
    summary: 'show it all on a sample partition, in a few seconds',
    text: `
Plays the whole story on the sample partition that comes with the program, against a venti server it starts itself on
127.0.0.1: arena map, bulk copy, nothing new, a day's increment, arenas that fill up, an interrupted copy that resumes,
a damaged block. Every step says what it shows and checks it. Nothing outside one temporary folder is touched.

  --keep DIR   work in DIR (empty or not there yet) and leave everything in it to look at
  --json       print one JSON document
  --progress   show progress on standard error also when it is no terminal

Exit status: 0 every check passed, 1 one did not, 2 wrong usage.`,
  },
}

export function usageLine(command: CommandName | null): string {
  return command === null
    ? 'venti-mirror COMMAND [ARGUMENT]... (venti-mirror help lists the commands)'
    : commands[command].usage
}

/** Whether it may have to log in to another machine: for a source, a 9fat, or a venti behind one. */
export function reachesMachines(command: CommandName): boolean {
  return command !== 'serve' && command !== 'window' && command !== 'demo'
}

const reachingText = `  --accept-new  keep the key of a machine reached over SSH that nobody knows yet, without a question (a changed one is
                refused in any case)`

function textOf(command: CommandName): string {
  const { text } = commands[command]
  if (!reachesMachines(command)) return text
  const status = text.indexOf('Exit status:')
  return `${text.slice(0, status).trimEnd()}\n\n${reachingText}\n\n${text.slice(status)}`
}

export function helpText(command: CommandName | null): string {
  if (command !== null) return `Usage: ${commands[command].usage}\n${textOf(command)}`
  const list = commandNames.map((name) => `  ${name.padEnd(11)} ${commands[name].summary}`)
  return [
    'Venti Mirror keeps a second Plan 9 venti up to date.',
    '',
    'Usage: venti-mirror COMMAND [ARGUMENT]...',
    '',
    ...list,
    '  help       venti-mirror help COMMAND: more about one of them',
    '',
    'A source or 9fat may be on another machine, ssh://[USER@]HOST[:PORT]/PATH (also /PATH:PARTITION), and a venti behind one,',
    'ssh://[USER@]HOST[:PORT]!VENTIHOST!SERVICE. Keys of machines come from ~/.ssh/known_hosts and from those accepted here: an',
    'unknown one is asked about at the terminal, or kept at once with --accept-new; a changed one is always refused.',
    '',
    'With --json a command prints exactly one JSON document. --version prints the version.',
    'Try it without a venti of your own: venti-mirror demo',
  ].join('\n')
}
