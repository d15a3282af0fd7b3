// How a command reaches other machines: keys it accepts are kept in the state folder, questions go to the terminal, and
// without one (cron, a pipe) what needs an answer is refused.

import { Machines, setMachines } from '../engine/ssh/machines.ts'
import { trustFilesFor } from '../engine/ssh/trust-file.ts'
import type { Command } from './args.ts'
import { stateDirOf } from './commands/sync.ts'
import type { CommandContext } from './context.ts'
import { TerminalQuestions } from './terminal-questions.ts'

/** The caller closes it. `interrupt`: Ctrl-C at a question, which the terminal does not make a signal of then. */
export function reachMachines(
  command: Command,
  acceptNew: boolean,
  context: CommandContext,
  interrupt: () => void,
): Machines {
  const { stdin, stderr } = process
  const isAsking = stdin.isTTY && stderr.isTTY
  const stateDir = stateDirOf('stateDir' in command ? command.stateDir : null, context)
  const machines = new Machines({
    connector: async () => (await import('../engine/ssh/connect.ts')).connectSsh,
    ...trustFilesFor(stateDir, stateDirOf(null, context)),
    questions: isAsking ? new TerminalQuestions({ input: stdin, output: stderr, onInterrupt: interrupt }) : null,
    acceptNew,
    environment: context.environment,
  })
  // Whoever waits for a machine that does not answer, or for a person, hears of the end at once.
  context.signal.addEventListener('abort', () => machines.cancel())
  setMachines(machines)
  return machines
}
