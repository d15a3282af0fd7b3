// The wrcmd on a 9fat: whether a sync may follow it, the line, the line taken apart, what is wrong and what was meant.

import { useState } from 'react'
import type { SetupDraft, WrcmdLook, WrcmdSet } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { Chip } from '../../components/Chip.tsx'
import { CommandLine } from '../../components/CommandLine.tsx'
import { Note, ProblemPanel } from '../../components/ProblemPanel.tsx'
import { WrcmdWrite } from '../../components/WrcmdWrite.tsx'
import { useApp } from '../../store/hooks.tsx'
import { counted, printable } from '../../text/format.ts'
import { placeText } from '../../text/machine-words.ts'
import { canSetWrcmd, wrcmdFacts, wrcmdHosts, wrcmdVerdict } from '../../text/setup-words.ts'
import { mayAct } from '../overview/overview-selectors.ts'
import { Facts } from './Facts.tsx'
import { useSetupAction } from './use-setup-action.ts'
import styles from './Setup.module.css'
import { WrittenNote } from './WrittenNote.tsx'

export type WrcmdReportProps = { readonly look: WrcmdLook; readonly draft: SetupDraft; readonly canChange: boolean }

export function WrcmdReport({ look, draft, canChange }: WrcmdReportProps) {
  const canAct = useApp(mayAct)
  const again = useSetupAction('setup.ninefat')
  const { place, line, problems, proposal, remarks, roots, shell, problem } = look
  const { tone, title, text } = wrcmdVerdict(look)
  const facts = wrcmdFacts(look)
  return (
    <section className="sheet stack" aria-label="The 9fat chosen">
      <div className="row between">
        <div className="row">
          <code className={styles['path']}>{placeText(place.path)}</code>
          {problem === null ? <Chip tone="plain">{`${counted(roots, 'root')} in rootscor`}</Chip> : null}
        </div>
        {canChange ? (
          <Button isDisabled={!canAct} isPending={again.isBusy} onPress={() => void again.run({ place: place.id })}>
            {again.isBusy ? 'Checking …' : 'Check again'}
          </Button>
        ) : null}
      </div>
      {again.problem === null ? null : <ProblemPanel problem={again.problem} />}
      {problem === null ? (
        <Note tone={tone} title={title}>
          <span>{text}</span>
        </Note>
      ) : (
        <ProblemPanel problem={problem} />
      )}
      {line === null || line === '' ? null : (
        <div>
          <h2>The line in wrcmd</h2>
          <code className={styles['wrcmd']}>{printable(line)}</code>
        </div>
      )}
      {facts.length === 0 ? null : <Facts facts={facts} />}
      {problems.length === 0 ? null : (
        <ul className={styles['lines']} aria-label="What is wrong with the line">
          {problems.map(({ severity, message }) => (
            <li key={message}>
              <Chip tone={severity === 'error' ? 'bad' : 'late'}>{severity}</Chip> {printable(message)}
            </li>
          ))}
        </ul>
      )}
      {canChange ? <WriteLine look={look} draft={draft} onLook={() => void again.run({ place: place.id })} /> : null}
      {proposal === null ? null : (
        <div>
          <h2>What was probably meant</h2>
          <CommandLine command={proposal} label="The line that would be right" />
        </div>
      )}
      {remarks.length === 0 ? null : (
        <ul className={`small ${styles['lines']}`} aria-label="Remarks">
          {[...new Set(remarks)].map((remark) => (
            <li key={remark}>{printable(remark)}</li>
          ))}
        </ul>
      )}
      <CommandLine command={shell} />
    </section>
  )
}

type WriteLineProps = { readonly look: WrcmdLook; readonly draft: SetupDraft; readonly onLook: () => void }

/** Where the line is wrong, or there is none yet. */
function WriteLine({ look, draft, onLook }: WriteLineProps) {
  const canAct = useApp(mayAct)
  const [asks, setAsks] = useState(false)
  const [written, setWritten] = useState<WrcmdSet | null>(null)
  const { source } = draft
  return (
    <>
      {written === null ? null : <WrittenNote written={written} line={look.line} />}
      {source === null || !canSetWrcmd(look) ? null : (
        <div className="row">
          <Button isDisabled={!canAct} onPress={() => setAsks(true)}>
            Write the right line…
          </Button>
          <span className="small">Both lines are shown first.</span>
        </div>
      )}
      {asks && source !== null ? (
        <WrcmdWrite
          place={look.place.id}
          source={source.place.id}
          before={look.line}
          hosts={wrcmdHosts(look, draft)}
          onClose={() => setAsks(false)}
          onWritten={(set) => {
            setAsks(false)
            setWritten(set)
            onLook()
          }}
        />
      ) : null}
    </>
  )
}
