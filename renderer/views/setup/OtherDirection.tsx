// The way back: that the other machine's venti is mirrored here too, so that each keeps a copy of the other.

import { CommandLine } from '../../components/CommandLine.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useQuery } from '../../store/use-request.ts'
import { printable } from '../../text/format.ts'

export function OtherDirection() {
  const { value: plan, problem } = useQuery('setup.mutual', {})
  return (
    <section className="sheet stack" aria-labelledby="other-direction">
      <h2 id="other-direction">The other direction</h2>
      {problem === null ? null : <ProblemPanel problem={problem} />}
      {plan === null && problem === null ? <p className="muted">Looking …</p> : null}
      {plan === null
        ? null
        : plan.words.map((words) => (
            <p key={words} className="muted">
              {printable(words)}
            </p>
          ))}
      {plan === null
        ? null
        : plan.commands.map((command) => <CommandLine key={command} command={command} label="For the other machine" />)}
      {plan === null || plan.wrcmd === null ? null : (
        <CommandLine command={plan.wrcmd} label="The line for the wrcmd of the other machine" />
      )}
    </section>
  )
}
