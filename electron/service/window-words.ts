// What explain-error and the engine say in the words of the command line, in those of the window: nobody who looks at a page
// can give an option. Command lines themselves are shown beside each action, and are not said here.

import type { ErrorCode } from '../../shared/errors.ts'
import { adviceFor, type Advice } from '../../shared/text/explain-error.ts'

const usualStart = 'Look at the list of mirrors; set up a new one where it is gone.'
const namePartition = 'Choose the disk to see what is on it, and of that'

const inTheWindow: Partial<Readonly<Record<ErrorCode, Partial<Advice>>>> = {
  usage: { next: 'Correct what was entered, and try again.' },
  cancelled: { next: 'Start it again when it suits; a sync goes on where it stopped.' },
  'not-arena-partition': {
    next: 'Choose the arenas partition itself, the disk it is on, an image of it, or the configuration file of the venti.',
  },
  'bad-config': {
    next: 'Choose a configuration of a venti with lines "arenas FILE", or the arenas partition itself.',
  },
  'wrong-partition': {
    next: 'Put back the partition that this mirror was made from, or set up a mirror of its own for this one.',
  },
  'connect-timeout': { next: 'Check that the machine is on and reachable; then try again.' },
  'reply-timeout': { next: 'See whether that server is busy or hung; then try again.' },
  'target-is-source': {
    next: 'Choose another server: one that keeps its blocks on other disks than the source.',
  },
  'state-missing': { next: usualStart },
  'state-locked': { next: 'Wait for it to end, or end it, then try again.' },
  'listen-failed': { next: 'End what listens there, or choose another folder for the store.' },
  'file-exists': { next: 'Choose another folder.' },
  'no-such-partition': { next: `${namePartition} the partition that is meant.` },
  'not-fossil': { next: `${namePartition} the fossil partition.` },
  'not-9fat': { next: `${namePartition} the 9fat partition.` },
  'write-9fat': {
    next: 'Check the disk; then try again: what was begun is finished first.',
  },
  'no-wrcmd': { next: 'Have the program write one: choose that 9fat, and set the line that is shown.' },
  'bad-wrcmd': {
    next: 'See what is wrong with the line on that 9fat, and set the one that would be right.',
  },
  'no-backup': { next: 'Look into the data folder of the run that changed it.' },
  'block-missing': { next: 'Sync the mirror, then check again: the check says where each block should be.' },
  'not-a-tree': { next: 'Choose a root from the list, or paste one from rootscor or from a .vac file.' },
  'no-such-path': { next: 'Go back to the folder above, and choose what is there now.' },
  'verify-failed': {
    safe: 'Nothing was changed on the target unless the check was to send what is missing.',
    next: 'See the list of blocks; those that the source has are sent when the check is run with repair.',
  },
  'extract-refused': { next: 'Choose an empty folder, or one of an earlier extract of the same root.' },
  'extract-write': {
    next: 'Make room, or give this user the right to write there, then start it again: it goes on where it stopped.',
  },
  'decode-failed': { next: 'See what is damaged in the list of activity.' },
  bug: { next: 'This is a mistake in Venti Mirror: please report it with this message and what you did.' },
}

export function windowAdvice(code: ErrorCode): Advice {
  return { ...adviceFor(code), ...inTheWindow[code] }
}

/** What the engine says with an option in it; the first of the pair as it stands there. */
const phrases: readonly (readonly [RegExp, string])[] = [
  [/; name it with --source\./g, '.'],
  [/it is the server given with --source-venti /g, "it is the source's own server "],
  [/add (--source-venti DIAL or )?--flush-source, or run the sync again/g, 'run the sync again'],
  [/ \(--audit does both\)/g, ''],
  [/no target: name at least one with --to DIAL/g, 'no target is named'],
  [/ on a 9fat: name that with --9fat PATH/g, ' on a 9fat, and this mirror has none'],
  [
    /have its venti write what is new to disk \(--source-venti, --flush-source\), and sync again, or let it --wait/g,
    'sync again in a few minutes, when its venti has written what is new to disk',
  ],
  [
    /If this is another venti, sync it with --name OTHER; if the mirror should begin anew, move \S.* away/g,
    'If this is another venti, set up a mirror of its own for it',
  ],
  [/, or allow more time with --timeout/g, ''],
  [/--repair needs --source/g, 'a repair needs the source'],
]

export function windowText(text: string): string {
  return phrases.reduce((words, [phrase, better]) => words.replaceAll(phrase, better), text)
}

/** A message about one target, where the target is named beside it. */
export function withoutDial(dial: string, message: string): string {
  const prefix = `${dial}: `
  return message.startsWith(prefix) ? message.slice(prefix.length) : message
}

/** A note of a run, with what the user calls the target in front. */
export function namedNote(targets: readonly { readonly dial: string; readonly name: string }[], line: string): string {
  const own = targets.find(({ dial }) => line.startsWith(`${dial}: `))
  return own === undefined ? line : `${own.name}: ${withoutDial(own.dial, line)}`
}
