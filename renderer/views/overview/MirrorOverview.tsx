// One mirror on one page: the answer and the button, the three ages, the arenas, the targets, what happened last.

import { useCallback, useEffect } from 'react'
import type { MirrorView } from '../../../shared/model/window.ts'
import { ArenaMap } from '../../components/arena-map/ArenaMap.tsx'
import { useHandOver } from '../../components/arena-map/use-hand-over.ts'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useAction } from '../../store/use-request.ts'
import { forecastWords } from '../../text/overview-words.ts'
import { Ages } from './Ages.tsx'
import { Hero } from './Hero.tsx'
import { LastRun } from './LastRun.tsx'
import { isOpen, mayAct, newestSyncOf } from './overview-selectors.ts'
import { RolloverNote } from './RolloverNote.tsx'
import { SampleDay } from './SampleDay.tsx'
import { TargetTable } from './TargetTable.tsx'
import { useNow } from './use-now.ts'
import styles from './MirrorOverview.module.css'

export type MirrorOverviewProps = { readonly mirror: MirrorView }

export function MirrorOverview({ mirror }: MirrorOverviewProps) {
  const { name, sequence } = mirror
  const now = useNow()
  const canAct = useApp(mayAct)
  const job = useApp(newestSyncOf(name))
  const arenas = useApp((state) => state.arenas[name])
  const map = arenas?.map ?? null
  const mapProblem = arenas?.problem ?? null
  const loadArenas = useApp((state) => state.loadArenas)
  const { run: look, isBusy: isRefreshing, problem: refreshProblem } = useAction('mirror.refresh')
  const refresh = useCallback(() => void look({ mirror: name }), [look, name])
  const handOver = useHandOver(job)
  const running = isOpen(job) ? job : null

  // Once on opening, and for each mirror that is chosen.
  useEffect(() => {
    if (canAct) refresh()
  }, [canAct, refresh])

  // While a run goes on the map moves with it; it is asked for again when the run has ended.
  const isHeld = running !== null && map !== null
  useEffect(() => {
    if (!isHeld) void loadArenas(name, sequence)
  }, [isHeld, loadArenas, name, sequence])

  return (
    <>
      <Hero mirror={mirror} job={job} isRefreshing={isRefreshing} onRefresh={refresh} now={now} />
      {refreshProblem === null ? null : <ProblemPanel problem={refreshProblem} />}
      <SampleDay mirror={mirror} isRunning={running !== null || isRefreshing} canAct={canAct} />
      <Ages mirror={mirror} now={now} />
      <section className={`sheet ${styles['arenas']}`} aria-label="Arenas">
        {map === null ? (
          mapProblem === null ? (
            <output className="muted">Reading the arena table …</output>
          ) : null
        ) : (
          <ArenaMap map={map} job={running} handOver={handOver} forecast={forecastWords(mirror.forecast)} />
        )}
        {mapProblem === null ? null : <ProblemPanel problem={mapProblem} />}
        <RolloverNote mirror={mirror} job={job} handOver={handOver} now={now} />
      </section>
      <TargetTable mirror={mirror} isRunning={running !== null} now={now} />
      <LastRun mirror={mirror} now={now} />
    </>
  )
}
