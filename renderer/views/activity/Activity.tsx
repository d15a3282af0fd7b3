// What happened: runs, rollovers, checks and damage, newest first, a page at a time, and all of it to take away as a file.

import { useRef, useState } from 'react'
import type { ActivityLine } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { Heading } from '../../components/Heading.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { currentMirror, useApp } from '../../store/hooks.tsx'
import { useNow } from '../../store/use-now.ts'
import { useQuery } from '../../store/use-request.ts'
import { activityKinds, type ActivityKind } from '../../store/activity-slice.ts'
import { activityDays } from '../../text/activity-words.ts'
import { count, counted } from '../../text/format.ts'
import { ActivityFilter } from './ActivityFilter.tsx'
import { ActivityRow } from './ActivityRow.tsx'
import { ExportButtons } from './ExportButtons.tsx'
import styles from './Activity.module.css'

const pageLines = 50

export function Activity() {
  const mirror = useApp(currentMirror)
  const ofAll = useApp((state) => state.activityOfAll)
  const filter = useApp((state) => state.activityFilter)
  const name = ofAll ? null : (mirror?.name ?? null)
  // A page of one mirror's activity says nothing about another's.
  const [page, setPage] = useState({ name, from: 0 })
  const from = page.name === name ? page.from : 0
  const setFrom = (next: number): void => setPage({ name, from: next })
  const kinds = filter.length === 0 ? activityKinds : filter
  const asked = { mirror: name, kinds }
  return (
    <>
      <div className="row between">
        <div>
          <Heading of="activity">What happened</Heading>
          <p className="muted">Every sync, rollover, check and damaged place, newest first.</p>
        </div>
        <ExportButtons asked={asked} />
      </div>
      <ActivityFilter onChange={() => setFrom(0)} />
      {/* Asked again when the mirror has changed: something may have happened. */}
      <Lines
        asked={{ ...asked, from, count: pageLines }}
        isFiltered={filter.length > 0}
        stamp={mirror?.sequence ?? 0}
        onPage={setFrom}
      />
    </>
  )
}

type LinesProps = {
  readonly asked: {
    readonly mirror: string | null
    readonly kinds: readonly ActivityKind[]
    readonly from: number
    readonly count: number
  }
  readonly isFiltered: boolean
  readonly stamp: number
  readonly onPage: (from: number) => void
}

function Lines({ asked, isFiltered, stamp, onPage }: LinesProps) {
  const { value, problem, isBusy, again } = useQuery('activity.list', asked, stamp)
  const list = useRef<HTMLDivElement>(null)
  const turn = (from: number): void => {
    onPage(Math.max(0, from))
    // The page begins at its top, also for the keyboard.
    list.current?.scrollIntoView({ block: 'nearest' })
    list.current?.focus({ preventScroll: true })
  }
  if (problem !== null) {
    return (
      <ProblemPanel problem={problem}>
        <Button onPress={again}>Try again</Button>
      </ProblemPanel>
    )
  }
  if (value === null) return <output className="muted">{isBusy ? 'Reading the logs …' : ''}</output>
  if (value.total === 0) return <Nothing isFiltered={isFiltered} />
  const last = Math.min(value.total, asked.from + value.lines.length)
  return (
    <div ref={list} tabIndex={-1} className={styles['page']} aria-busy={isBusy}>
      <Days lines={value.lines} />
      <div className="row between">
        <span className="small">
          {count(asked.from + 1)} to {count(last)} of {counted(value.total, 'line')}
        </span>
        {value.total <= asked.count ? null : (
          <div className="row">
            <Button isDisabled={asked.from === 0} onPress={() => turn(asked.from - asked.count)}>
              Newer
            </Button>
            <Button isDisabled={last >= value.total} onPress={() => turn(asked.from + asked.count)}>
              Older
            </Button>
          </div>
        )}
      </div>
    </div>
  )
}

function Days({ lines }: { readonly lines: readonly ActivityLine[] }) {
  const now = useNow()
  return activityDays(lines, now).map(({ title, lines: ofDay }) => (
    <section key={title} className={styles['day']} aria-label={title}>
      <h2 className={styles['title']}>{title}</h2>
      <ul className={styles['lines']}>
        {ofDay.map((line) => (
          <ActivityRow key={line.id} line={line} />
        ))}
      </ul>
    </section>
  ))
}

function Nothing({ isFiltered }: { readonly isFiltered: boolean }) {
  const filterActivity = useApp((state) => state.filterActivity)
  const isDamage = useApp(({ activityFilter }) => activityFilter.length === 1 && activityFilter[0] === 'damage')
  const go = useApp((state) => state.go)
  const hasMirror = useApp((state) => state.mirrors.length > 0)
  if (isFiltered) {
    return (
      <div className="sheet stack">
        <h2>{isDamage ? 'No damaged place is known' : 'Nothing of these kinds'}</h2>
        <div className="row">
          <Button onPress={() => filterActivity([])}>Show all kinds</Button>
        </div>
      </div>
    )
  }
  return (
    <div className="sheet stack">
      <h2>Nothing yet</h2>
      <p className="muted">
        {hasMirror
          ? 'The first sync or check stands here as soon as it has ended.'
          : 'There is no mirror yet. Set one up, and what it does stands here.'}
      </p>
      <div className="row">
        <Button look="primary" onPress={() => go(hasMirror ? 'overview' : 'setup')}>
          {hasMirror ? 'Go to the sync' : 'Set up a mirror'}
        </Button>
      </div>
    </div>
  )
}
