// How a target answered: what it is, or what keeps it from being one.

import type { TargetTest } from '../../../shared/model/window.ts'
import { Chip } from '../../components/Chip.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { testFacts } from '../../text/setup-words.ts'
import { Facts } from './Facts.tsx'

export type TestResultProps = { readonly test: TargetTest }

export function TestResult({ test }: TestResultProps) {
  const { ok, problem, isSource } = test
  return (
    <>
      {problem === null ? null : <ProblemPanel problem={problem} tone={isSource ? 'bad' : 'warn'} />}
      {ok ? <Facts facts={testFacts(test)} /> : null}
    </>
  )
}

/** In a word. Null: not asked yet. */
export function TestChip({ test, isBusy }: { readonly test: TargetTest | null; readonly isBusy: boolean }) {
  if (isBusy) return <Chip tone="plain">asking …</Chip>
  if (test === null) return <Chip tone="plain">not asked yet</Chip>
  if (test.ok) return <Chip tone="ok">answers</Chip>
  return test.isSource ? <Chip tone="bad">is the source itself</Chip> : <Chip tone="late">does not answer</Chip>
}
