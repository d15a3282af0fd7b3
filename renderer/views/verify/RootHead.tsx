// What is looked at: which root on which target, its score as it may be shown, and what the newest check of it there said.

import type { RefObject } from 'react'
import type { CheckResult, RootView } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { age, duration, printable } from '../../text/format.ts'
import { lookWords, rootOrigin, rootTitle } from '../../text/verify-words.ts'
import type { RevealedScore } from './use-revealed-score.ts'
import styles from './Verify.module.css'

export type RootHeadProps = {
  readonly root: RootView
  readonly dial: string
  readonly name: string
  readonly now: number
  /** Of the check of this session, if there was one. */
  readonly result: CheckResult | null
  readonly revealed: RevealedScore
  readonly headingId: string
  readonly heading: RefObject<HTMLHeadingElement | null>
}

export function RootHead({ root, dial, name, now, result, revealed, headingId, heading }: RootHeadProps) {
  const control = useApp((state) => state.control)
  const last = root.checks.find((one) => one.dial === dial)
  const facts = [
    ...(last === undefined ? ['never checked there'] : [`checked ${age(last.at, now)}`, lookWords[last.depth]]),
    ...(result === null || last === undefined ? [] : [duration(result.durationMs)]),
  ]
  return (
    <>
      <div className="row between">
        <h2 id={headingId} ref={heading} tabIndex={-1} className={styles['subject']}>
          {rootTitle(root, now)} on {printable(name)}
        </h2>
        <span className="small" title={last?.at}>
          {facts.join(' · ')}
        </span>
      </div>
      <div className={`row between ${styles['score']}`}>
        <span className="small">
          <code>{revealed.score}</code> · {rootOrigin(root)}
          {root.name === null || root.name === '' ? '' : ` · ${printable(root.name)}`}
        </span>
        <Button look="quiet" isDisabled={!control} aria-pressed={revealed.isRevealed} onPress={revealed.toggle}>
          {revealed.isRevealed ? 'Mask the score' : 'Reveal the score'}
        </Button>
      </div>
      {revealed.problem === null ? null : <ProblemPanel problem={revealed.problem} />}
    </>
  )
}
