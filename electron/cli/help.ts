// What each command is for and how it is called: the texts of --help and the usage lines of errors. Nothing is read here.

export const commandNames = ['arenas', 'sync', 'status', 'serve', 'demo'] as const

export type CommandName = (typeof commandNames)[number]

type CommandHelp = { readonly usage: string; readonly summary: string; readonly text: string }

const commands: Readonly<Record<CommandName, CommandHelp>> = {
  arenas: {
    usage: 'venti-mirror arenas SOURCE [--check] [--offsets] [--json] [--progress]',
    summary: 'list the arenas of a partition and what is damaged',
    text: `
Lists every arena of SOURCE: offset (the number for wrarena -o), state, blocks, room used, end offset, seal, and every
damage. Answers at once, also for terabytes: it reads the tails, and the log only behind what they count.

SOURCE is an arenas partition or an image of it, FILE:START-END (bytes; k, m, g, t and 0x are understood), or a venti
configuration file, which stands for all arena partitions it names. It is only ever read.

  --check      read the whole log: decode every block, compare it with its score, recompute every seal
  --offsets    print lines "x NAME OFFSET SOURCE", as ventioffsets does; damage goes to standard error
  --json       print one JSON document
  --progress   show progress on standard error also when it is no terminal

Exit status: 0 in order, 1 not readable, 2 wrong usage, 3 damage was found.`,
  },
  sync: {
    usage:
      'venti-mirror sync SOURCE|NAME [--to DIAL]... [--state DIR] [--name NAME] [--audit] [--dry-run] [--limit RATE]\n' +
      '                         [--source-venti DIAL] [--checkpoint SECONDS] [--timeout SECONDS] [--json] [--progress]',
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
  --source-venti DIAL  the venti that serves the source: told to write its newest blocks to disk first, never a target
  --checkpoint SECONDS save how far each target is this often (default 5)
  --timeout SECONDS    give up on a target that does not answer for so long (default 10 to connect, 30 for a
                       reply, 300 for a sync; a sync gets four times what is named here)
  --json               print one JSON document
  --progress           show progress on standard error also when it is no terminal

Ctrl-C stops within two seconds and keeps everything; a second one ends the program at once.
Exit status: 0 every block is on every target, 1 failed or interrupted, 2 wrong usage, 3 finished, but damaged blocks
were left out or a target is behind.`,
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

export function helpText(command: CommandName | null): string {
  if (command !== null) return `Usage: ${commands[command].usage}\n${commands[command].text}`
  const list = commandNames.map((name) => `  ${name.padEnd(8)} ${commands[name].summary}`)
  return [
    'Venti Mirror keeps a second Plan 9 venti up to date.',
    '',
    'Usage: venti-mirror COMMAND [ARGUMENT]...',
    '',
    ...list,
    '  help     venti-mirror help COMMAND: more about one of them',
    '',
    'With --json a command prints exactly one JSON document. --version prints the version.',
    'Try it without a venti of your own: venti-mirror demo',
  ].join('\n')
}
