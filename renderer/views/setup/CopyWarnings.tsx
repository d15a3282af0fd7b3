// What went wrong in the copy so far, while the rest goes on: a target that was left behind, and why.

import type { SyncJobView } from '../../../shared/model/window.ts'
import { Note, ProblemPanel } from '../../components/ProblemPanel.tsx'
import { failedWords } from '../../text/copy-words.ts'
import { printable } from '../../text/format.ts'
import { attentionWords } from '../../text/run-words.ts'

export type CopyWarningsProps = { readonly job: SyncJobView }

export function CopyWarnings({ job }: CopyWarningsProps) {
  const failed = failedWords(job)
  return (
    <>
      {job.problem === null ? null : <ProblemPanel problem={job.problem} />}
      {failed === null ? null : (
        <Note tone="warn" title={failed.title}>
          {job.targets.map(({ dial, name, phase, error }) =>
            phase !== 'failed' || error === null ? null : (
              <span key={dial}>
                {printable(name)}: {printable(error)}
              </span>
            ),
          )}
          <span>{failed.text}</span>
        </Note>
      )}
      {isUnexplained(job, failed !== null) ? (
        <Note tone="warn" title="Every block is there, but something needs a look.">
          <span>{attentionWords(job)}</span>
        </Note>
      ) : null}
    </>
  )
}

/** It wants attention, and neither a target nor damage nor the check says why. */
function isUnexplained(job: SyncJobView, isTold: boolean): boolean {
  const { result, problem, damage, verified } = job
  return result === 'attention' && problem === null && !isTold && damage === 0 && verified.every(({ ok }) => ok)
}
