// The way back: that the other machine's venti is mirrored here too, so that each keeps a copy of the other. Its commands are
// shown to copy; where its disk can be reached from here, its wrcmd can be written.

import { useState } from 'react'
import type { MutualPlan, Place, WrcmdSet } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { CommandLine } from '../../components/CommandLine.tsx'
import { Note, ProblemPanel } from '../../components/ProblemPanel.tsx'
import { WrcmdLines } from '../../components/WrcmdLines.tsx'
import { WrcmdWrite } from '../../components/WrcmdWrite.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useAction, useQuery } from '../../store/use-request.ts'
import { printable } from '../../text/format.ts'
import { placeText } from '../../text/machine-words.ts'
import { mayAct } from '../overview/overview-selectors.ts'
import { PathChoice } from './PathChoice.tsx'
import styles from './Setup.module.css'
import { WrittenNote } from './WrittenNote.tsx'

export function OtherDirection() {
  const [disk, setDisk] = useState<Place | null>(null)
  const { value: plan, problem, isBusy, again } = useQuery('setup.mutual', { disk: disk?.id ?? null })
  return (
    <section className="sheet stack" aria-labelledby="other-direction">
      <h2 id="other-direction">The other direction</h2>
      {problem === null ? null : <ProblemPanel problem={problem} />}
      {plan === null && problem === null ? <p className="muted">Looking …</p> : null}
      {plan === null ? null : <Plan plan={plan} />}
      {/* Without a second machine there is nothing to mirror back. */}
      {plan !== null && plan.commands.length === 0 && disk === null ? null : (
        <OtherDisk disk={disk} isBusy={isBusy} onDisk={setDisk} />
      )}
      {plan === null || disk === null ? null : (
        <OtherWrcmd key={disk.id} plan={plan} isBusy={isBusy} onWritten={again} />
      )}
    </section>
  )
}

function Plan({ plan: { words, commands } }: { readonly plan: MutualPlan }) {
  return (
    <>
      {words.map((one) => (
        <p key={one} className="muted">
          {printable(one)}
        </p>
      ))}
      {commands.map((command) => (
        <CommandLine key={command} command={command} label="For the other machine" />
      ))}
    </>
  )
}

type OtherDiskProps = {
  readonly disk: Place | null
  readonly isBusy: boolean
  readonly onDisk: (place: Place | null) => void
}

function OtherDisk({ disk, isBusy, onDisk }: OtherDiskProps) {
  const canAct = useApp(mayAct)
  const [path, setPath] = useState('')
  const { run: ask, clear, problem, isBusy: isLooking } = useAction('places.look')
  const look = async (asked: string): Promise<void> => {
    setPath(asked)
    const found = await ask({ path: asked })
    if (found !== null) onDisk(found.place)
  }
  return (
    <details className={styles['other']} open={disk !== null}>
      <summary>The other machine’s disk, or an image of it, can be reached from here</summary>
      <div className="stack">
        <PathChoice
          label="Path of the other machine’s disk"
          hint="With its 9fat and its arenas. Its wrcmd is shown as it is and as it should be; nothing is written before you say so."
          placeholder="/dev/sdc"
          verb="Look at it"
          isBusy={isLooking || isBusy}
          isDisabled={!canAct}
          value={path}
          onChange={setPath}
          onLook={(asked) => void look(asked)}
          onWhere={() => clear()}
        />
        {problem === null ? null : <ProblemPanel problem={problem} />}
      </div>
    </details>
  )
}

type OtherWrcmdProps = { readonly plan: MutualPlan; readonly isBusy: boolean; readonly onWritten: () => void }

function OtherWrcmd({ plan, isBusy, onWritten }: OtherWrcmdProps) {
  const canAct = useApp(mayAct)
  const [asks, setAsks] = useState(false)
  const [written, setWritten] = useState<WrcmdSet | null>(null)
  const { ninefat, source, host, wrcmd } = plan
  if (isBusy && written === null) return <output className="muted">Looking at its 9fat …</output>
  if (ninefat === null) return null
  const isRight = wrcmd !== null && ninefat.line === wrcmd
  return (
    <>
      <h3 className={styles['subheading']}>
        Its wrcmd, on <code>{placeText(ninefat.place.path)}</code>
      </h3>
      {ninefat.problem === null ? null : <ProblemPanel problem={ninefat.problem} />}
      {written === null ? null : <WrittenNote written={written} line={ninefat.line} />}
      {wrcmd === null ? null : isRight ? (
        <code className={styles['wrcmd']}>{printable(wrcmd)}</code>
      ) : (
        <WrcmdLines before={ninefat.line} after={wrcmd} />
      )}
      {isRight && written === null ? <Note tone="ok" title="This is the right line already." /> : null}
      {wrcmd === null || isRight || source === null ? null : (
        <div className="row">
          <Button isDisabled={!canAct || isBusy} onPress={() => setAsks(true)}>
            Write it there…
          </Button>
        </div>
      )}
      <CommandLine command={ninefat.shell} label="Checks it on the command line" />
      {asks && source !== null ? (
        <WrcmdWrite
          place={ninefat.place.id}
          source={source.id}
          before={ninefat.line}
          hosts={[{ dial: host, name: host }]}
          onClose={() => setAsks(false)}
          onWritten={(set) => {
            setAsks(false)
            setWritten(set)
            onWritten()
          }}
        />
      ) : null}
    </>
  )
}
