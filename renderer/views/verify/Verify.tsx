// Can the backup be read? Roots on the left; on the right what is known of the one chosen on a target: its check, its tree.

import { useState } from 'react'
import type { MirrorView, RootId, RootView } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { CommandLine } from '../../components/CommandLine.tsx'
import { Heading } from '../../components/Heading.tsx'
import { Note, ProblemPanel } from '../../components/ProblemPanel.tsx'
import { currentMirror, useApp } from '../../store/hooks.tsx'
import { useQuery } from '../../store/use-request.ts'
import { rootsCommands } from '../../text/command-words.ts'
import { counted, printable } from '../../text/format.ts'
import { CheckPanel } from './CheckPanel.tsx'
import { PasteScore } from './PasteScore.tsx'
import { RootList } from './RootList.tsx'
import { TargetChoice } from './TargetChoice.tsx'
import { TreeBrowser } from './TreeBrowser.tsx'
import { useRevealedScore } from './use-revealed-score.ts'
import styles from './Verify.module.css'

export function Verify() {
  const mirror = useApp(currentMirror)
  if (mirror === null) return <NoMirror />
  return <VerifyMirror key={mirror.name} mirror={mirror} />
}

function NoMirror() {
  const go = useApp((state) => state.go)
  return (
    <>
      <Heading of="verify">Can the backup be read?</Heading>
      <div className="sheet stack">
        <p>There is no mirror yet, so there is nothing to check. Set one up first: that takes a few minutes.</p>
        <div className="row">
          <Button look="primary" onPress={() => go('setup')}>
            Set up a mirror
          </Button>
        </div>
      </div>
    </>
  )
}

function VerifyMirror({ mirror }: { readonly mirror: MirrorView }) {
  const [isPasting, setPasting] = useState(false)
  const control = useApp((state) => state.control)
  const { value, problem, isBusy, again } = useQuery(
    'roots.list',
    { mirror: mirror.name },
    // A sync records roots and brings blocks.
    mirror.lastRun?.id ?? null,
  )
  const chosen = useApp((state) => state.rootChosen)
  const dialChosen = useApp((state) => state.dialChosen)
  const chooseRoot = useApp((state) => state.chooseRoot)
  const chooseDial = useApp((state) => state.chooseDial)
  const roots = value?.roots ?? []
  const root = roots.find(({ id }) => id === chosen) ?? roots[0] ?? null
  const target = mirror.targets.find(({ dial }) => dial === dialChosen) ?? mirror.targets[0]
  const pasted = (id: RootId): void => {
    chooseRoot(id)
    setPasting(false)
    again()
  }
  return (
    <>
      <div className="row between">
        <div>
          <Heading of="verify">Can the backup be read?</Heading>
          <p className="muted">Every block under a root score, on the target itself.</p>
        </div>
        <Button isDisabled={!control} onPress={() => setPasting(true)}>
          Paste a score…
        </Button>
      </div>
      <PasteScore mirror={mirror.name} isOpen={isPasting} onClose={() => setPasting(false)} onPasted={pasted} />
      {problem === null ? null : (
        <ProblemPanel problem={problem}>
          <Button onPress={again}>Try again</Button>
        </ProblemPanel>
      )}
      {(value?.problems ?? []).length === 0 ? null : (
        <Note tone="warn" title="Not every place that holds root scores could be read.">
          {value?.problems.map((one) => (
            <span key={one}>{printable(one)}</span>
          ))}
          <div className="row">
            <Button isPending={isBusy} onPress={again}>
              List them again
            </Button>
          </div>
        </Note>
      )}
      {root === null || target === undefined ? (
        <NoRoots isBusy={isBusy} isKnown={value !== null} mirror={mirror} />
      ) : (
        <div className={styles['split']}>
          <div className={styles['side']}>
            <RootList roots={roots} chosen={root.id} dial={target.dial} onChoose={chooseRoot} />
            <RootsCommands mirror={mirror} roots={roots.length} />
          </div>
          <div key={root.id} className={styles['detail']}>
            {mirror.targets.length > 1 ? (
              <TargetChoice targets={mirror.targets} root={root} dial={target.dial} onChoose={chooseDial} />
            ) : null}
            <Detail
              key={target.dial}
              mirror={mirror}
              root={root}
              dial={target.dial}
              name={target.name}
              onChecked={again}
            />
          </div>
        </div>
      )}
    </>
  )
}

function RootsCommands({ mirror, roots }: { readonly mirror: MirrorView; readonly roots: number }) {
  return (
    <details className={styles['commands']}>
      <summary>{counted(roots, 'root')}; the list on the command line</summary>
      <div className="stack">
        {rootsCommands(mirror).map((command) => (
          <CommandLine key={command} command={command} label="Lists these roots on the command line" />
        ))}
      </div>
    </details>
  )
}

type NoRootsProps = { readonly isBusy: boolean; readonly isKnown: boolean; readonly mirror: MirrorView }

function NoRoots({ isBusy, isKnown, mirror }: NoRootsProps) {
  if (isBusy) return <output className="muted">Looking for roots in rootscor, the fossil and the arenas …</output>
  if (!isKnown) return null
  return (
    <div className="sheet stack">
      <h2>No root score is known</h2>
      <p>
        No archive was found in rootscor, in the fossil or in the arenas. vac prints a score when it has written one;
        fossil writes one with each archival snapshot (fsys main snap -a).
      </p>
      <p className="muted">If you have a score from elsewhere, paste it with the button above.</p>
      {rootsCommands(mirror).map((command) => (
        <CommandLine key={command} command={command} />
      ))}
    </div>
  )
}

type DetailProps = {
  readonly mirror: MirrorView
  readonly root: RootView
  readonly dial: string
  readonly name: string
  readonly onChecked: () => void
}

function Detail({ mirror, root, dial, name, onChecked }: DetailProps) {
  const revealed = useRevealedScore(root)
  const subject = { mirror, root, dial, name, revealed }
  return (
    <>
      <CheckPanel {...subject} onChecked={onChecked} />
      <TreeBrowser {...subject} />
    </>
  )
}
