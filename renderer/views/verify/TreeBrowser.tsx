// The archive as vacfs would show it, read from the target block by block: look, preview, take out.

import { useId, useMemo, useState } from 'react'
import type { MirrorView, RootView } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { Note, ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { listCommand, printCommand } from '../../text/command-words.ts'
import { printable } from '../../text/format.ts'
import { newestResult } from './check-selectors.ts'
import { Extract } from './Extract.tsx'
import { faultMarks, noMarks } from './fault-marks.ts'
import { Preview } from './Preview.tsx'
import { RecoveryCard } from './RecoveryCard.tsx'
import { ScoreCommand } from './ScoreCommand.tsx'
import { TreeFacts } from './TreeFacts.tsx'
import { TreeRows } from './TreeRows.tsx'
import type { Row } from './tree-rows.ts'
import { useTree } from './use-tree.ts'
import type { RevealedScore } from './use-revealed-score.ts'
import styles from './Tree.module.css'

export type TreeBrowserProps = {
  readonly mirror: MirrorView
  readonly root: RootView
  readonly dial: string
  readonly name: string
  readonly revealed: RevealedScore
}

export function TreeBrowser({ mirror, root, dial, name, revealed }: TreeBrowserProps) {
  const result = useApp(newestResult(root.id, dial))
  const tree = useTree(root.id, dial, result)
  const control = useApp((state) => state.control)
  const marks = useMemo(() => faultMarks(result), [result])
  const headingId = useId()
  const [chosen, setChosen] = useState<Row['entry']>(null)
  const [previewed, setPreviewed] = useState<string | null>(null)
  const [isExtracting, setExtracting] = useState(false)
  const [showsCard, setShowsCard] = useState(false)
  const problems = [...tree.folders.values()].flatMap((folder) => folder.problems)
  const total = tree.folders.get('/')?.total ?? null
  const isFile = chosen !== null && chosen.kind !== 'directory'
  const path = chosen?.path ?? '/'
  const place = { score: root.score, dial, path }
  return (
    <section className={`sheet ${styles['tree']}`} aria-labelledby={headingId}>
      <h2 id={headingId}>What is in it, as {printable(name)} gives it back</h2>
      {tree.problem === null ? null : (
        <ProblemPanel problem={tree.problem} tone="warn">
          <Button onPress={tree.retry}>Try again</Button>
        </ProblemPanel>
      )}
      {problems.length === 0 ? null : (
        <Note tone="warn" title="Some names could not be read.">
          {problems.slice(0, 5).map(({ path: at, message }) => (
            <span key={`${at} ${message}`}>
              <code>{printable(at)}</code>: {printable(message)}
            </span>
          ))}
          {problems.length > 5 ? <span>and {problems.length - 5} more</span> : null}
        </Note>
      )}
      {total === 0 ? <p className="muted">The archive is empty.</p> : null}
      {total === null && tree.problem === null ? <output className="muted">Reading it from the target …</output> : null}
      {total === null || total === 0 ? null : (
        <>
          <TreeRows
            tree={tree}
            marks={marks}
            onChoose={(row) => setChosen(row.entry)}
            onActivate={(row) => setPreviewed(row.entry?.path ?? null)}
          />
          {marks !== noMarks && (result?.unlisted ?? 0) > 0 ? (
            <p className="small">More is missing than can be listed: the marks in the tree are of the first faults.</p>
          ) : null}
          <TreeFacts entry={chosen} mark={marks.get(path) ?? null} />
        </>
      )}
      <div className="row">
        <Button isDisabled={!control || total === null} onPress={() => setExtracting(true)}>
          Extract…
        </Button>
        <Button isDisabled={!isFile} onPress={() => setPreviewed(path)}>
          Preview
        </Button>
        <Button look="quiet" isDisabled={!control} onPress={() => setShowsCard(true)}>
          Recovery card
        </Button>
      </div>
      <ScoreCommand
        command={isFile ? printCommand(place) : listCommand(place)}
        revealed={revealed}
        label={isFile ? 'Prints this file on the command line' : 'Lists this directory on the command line'}
      />
      {previewed === null ? null : (
        <Preview key={previewed} root={root.id} dial={dial} path={previewed} onClose={() => setPreviewed(null)} />
      )}
      <Extract
        root={root}
        dial={dial}
        path={path}
        revealed={revealed}
        isOpen={isExtracting}
        onOpen={() => setExtracting(true)}
        onClose={() => setExtracting(false)}
      />
      <RecoveryCard
        mirror={mirror.name}
        root={root.id}
        dial={dial}
        name={name}
        isOpen={showsCard}
        onClose={() => setShowsCard(false)}
      />
    </section>
  )
}
