// What a check found missing or damaged, by reason, each with the action that heals it, and every block on demand.

import { useState } from 'react'
import type { FaultyBlock } from '../../../shared/model/verify.ts'
import type { CheckResult, MirrorView } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { Note, ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useAction } from '../../store/use-request.ts'
import { count, counted, hex, printable } from '../../text/format.ts'
import { blockKind, faultGroups, type FaultGroup } from '../../text/verify-words.ts'
import styles from './Verify.module.css'

/** More rows tell nobody anything; the command line lists them all. */
const maxRows = 200

export type CheckFindingsProps = {
  readonly result: CheckResult
  readonly mirror: MirrorView
  readonly name: string
  readonly dial: string
  readonly onRepair: () => void
}

export function CheckFindings({ result, mirror, name, dial, onRepair }: CheckFindingsProps) {
  const groups = faultGroups(result, name)
  // One repair sends all that can be sent, whatever the reason; one sync as well.
  const toSend = groups.flatMap(({ healing, faults }) => (healing === 'repair' ? faults : [])).length
  const firstOf = (healing: FaultGroup['healing']) => groups.find((one) => one.healing === healing)
  return (
    <>
      {groups.map((group, index) => (
        <Group
          key={group.reason}
          group={group}
          isFirst={index === 0}
          acts={firstOf(group.healing) === group}
          toSend={toSend}
          mirror={mirror}
          dial={dial}
          onRepair={onRepair}
        />
      ))}
      {result.problems.length === 0 ? null : (
        <Note tone="bad" title={`${counted(result.problems.length, 'place')} of the archive make no sense`}>
          {result.problems.slice(0, maxRows).map(({ path, message }) => (
            <span key={`${path} ${message}`}>
              <code>{printable(path)}</code>: {printable(message)}
            </span>
          ))}
        </Note>
      )}
      {result.unlisted === 0 ? null : (
        <p className="muted">{counted(result.unlisted, 'further fault')} are not listed.</p>
      )}
    </>
  )
}

type GroupProps = {
  readonly group: FaultGroup
  /** The one thing to press first. */
  readonly isFirst: boolean
  /** False where the button of another group heals this one too. */
  readonly acts: boolean
  /** Blocks that a repair sends. */
  readonly toSend: number
  readonly mirror: MirrorView
  readonly dial: string
  readonly onRepair: () => void
}

function Group({ group, isFirst, acts, toSend, mirror, dial, onRepair }: GroupProps) {
  const [isShown, setShown] = useState(false)
  const control = useApp((state) => state.control)
  const sync = useAction('sync.start')
  const { faults, headline, explanation, healing } = group
  const look = isFirst ? 'primary' : 'plain'
  return (
    <Note tone={healing === 'none' ? 'bad' : 'warn'} title={headline}>
      <span>{explanation}</span>
      <div className="row">
        {acts && healing === 'repair' ? (
          <Button look={look} isDisabled={!control} onPress={onRepair}>
            {sendWords(toSend, faults.length)}
          </Button>
        ) : null}
        {acts && healing === 'sync' ? (
          <Button
            look={look}
            isDisabled={!control || mirror.job !== null}
            isPending={sync.isBusy}
            onPress={() => void sync.run({ mirror: mirror.name, dials: [dial] })}
          >
            {mirror.job === null ? 'Sync again' : 'A sync is running'}
          </Button>
        ) : null}
        <Button look="quiet" aria-expanded={isShown} onPress={() => setShown(!isShown)}>
          {isShown ? 'Hide blocks' : 'Show blocks'}
        </Button>
      </div>
      {sync.problem === null ? null : <ProblemPanel problem={sync.problem} />}
      {isShown ? <Blocks faults={faults} /> : null}
    </Note>
  )
}

function sendWords(toSend: number, here: number): string {
  if (toSend === 1) return 'Send it and check again'
  return toSend === here ? `Send these ${count(toSend)} and check again` : `Send all ${count(toSend)} and check again`
}

function Blocks({ faults }: { readonly faults: readonly FaultyBlock[] }) {
  return (
    <section className={styles['blocks']} aria-label="Blocks" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">File or directory</th>
            <th scope="col" className={styles['kind']}>
              Block
            </th>
            <th scope="col">In the source</th>
            <th scope="col">Score</th>
          </tr>
        </thead>
        <tbody>
          {faults.slice(0, maxRows).map(({ score, type, path, arena, offset, detail }) => (
            <tr key={`${score} ${type}`}>
              <td>
                <code>{printable(path)}</code>
                {detail === null ? null : <div className="small">{printable(detail)}</div>}
              </td>
              <td className={styles['kind']}>{blockKind(type)}</td>
              <td>{arena === null ? 'nowhere' : `${printable(arena)} at ${hex(offset ?? 0)}`}</td>
              <td>
                <code title={score}>{score.length > 20 ? `${score.slice(0, 8)}…${score.slice(-4)}` : score}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {faults.length > maxRows ? (
        <p className="small">and {count(faults.length - maxRows)} more; the command line lists them all</p>
      ) : null}
    </section>
  )
}
