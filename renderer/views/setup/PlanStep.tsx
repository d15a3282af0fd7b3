// What the first copy will do: how much to which target, whether it fits, how long it takes at the speed just measured, what
// to know before; and the button that begins it.

import { useState } from 'react'
import type { SetupDraft, SetupPlan } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { Chip } from '../../components/Chip.tsx'
import { CommandLine } from '../../components/CommandLine.tsx'
import { Field } from '../../components/Field.tsx'
import { Note } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useAction, useQuery } from '../../store/use-request.ts'
import { capital, count, exactSize, printable, size } from '../../text/format.ts'
import { placeText } from '../../text/machine-words.ts'
import { arenasWords, isMirrorName, planHeadline, planTime } from '../../text/setup-words.ts'
import { mayAct } from '../overview/overview-selectors.ts'
import { useSetupFacts } from './setup-selectors.ts'
import { StepFrame } from './StepFrame.tsx'
import { isFixed } from './steps.ts'
import { useSetupAction } from './use-setup-action.ts'
import styles from './Setup.module.css'

export type PlanStepProps = { readonly draft: SetupDraft }

export function PlanStep({ draft }: PlanStepProps) {
  const facts = useSetupFacts(draft)
  const canAct = useApp(mayAct)
  const keep = useApp((state) => state.keepSetup)
  const { value: plan, problem, isBusy, again } = useQuery('setup.plan', {})
  const [name, setName] = useState(draft.name)
  const naming = useSetupAction('setup.name')
  const start = useAction('setup.copy')
  const isGood = isMirrorName(name)
  const begin = async (): Promise<void> => {
    if (name !== draft.name && (await naming.run({ name })) === null) return
    const begun = await start.run({})
    if (begun !== null) keep(begun.draft)
  }
  const saveName = async (): Promise<void> => {
    if (isGood && name !== draft.name && (await naming.run({ name })) !== null) again()
  }
  return (
    <StepFrame
      step="plan"
      facts={facts}
      title={plan === null ? 'What the first copy will do' : planHeadline(plan)}
      lead={
        plan === null
          ? problem === null
            ? 'Looking at the source and asking the targets …'
            : ''
          : capital(`${planTime(plan)}.`)
      }
      problem={problem ?? naming.problem ?? start.problem}
      {...(isFixed(draft)
        ? {}
        : {
            next: (
              <Button
                look="primary"
                isDisabled={!canAct || !isGood || plan === null}
                isPending={isBusy || naming.isBusy || start.isBusy}
                onPress={() => void begin()}
              >
                {start.isBusy || naming.isBusy ? 'Starting …' : 'Start the copy'}
              </Button>
            ),
          })}
    >
      {problem === null ? null : (
        <div className="row">
          <Button onPress={again}>Look again</Button>
        </div>
      )}
      {plan === null ? null : <Plan plan={plan} />}
      <section className="sheet stack" aria-label="The mirror">
        <div className={styles['add']}>
          <Field
            label="Name of the mirror"
            value={name}
            onChange={setName}
            isDisabled={isFixed(draft)}
            hint="Reports and “venti-mirror sync NAME” call it so."
            problem={isGood ? null : 'Letters, digits, dots and hyphens, at most 64; a letter or a digit first.'}
            onEnter={() => void saveName()}
          />
          {isFixed(draft) || name === draft.name ? null : (
            <div className={styles['beside']}>
              <Button isDisabled={!canAct || !isGood} isPending={naming.isBusy} onPress={() => void saveName()}>
                Set
              </Button>
            </div>
          )}
        </div>
        <dl className={styles['rows']}>
          <div>
            <dt>Source</dt>
            <dd>
              <code>{placeText(draft.source?.place.path ?? '')}</code>
            </dd>
          </div>
          <div>
            <dt>wrcmd and rootscor</dt>
            <dd>{draft.ninefat === null ? 'no 9fat' : <code>{placeText(draft.ninefat.place.path)}</code>}</dd>
          </div>
          <div>
            <dt>Fossil</dt>
            <dd>{draft.fossil === null ? 'none' : <code>{placeText(draft.fossil.path)}</code>}</dd>
          </div>
        </dl>
        {plan === null ? null : <CommandLine command={plan.command} label="The same plan on the command line" />}
      </section>
    </StepFrame>
  )
}

function Plan({ plan }: { readonly plan: SetupPlan }) {
  return (
    <>
      <section className="sheet stack" aria-labelledby="to-targets">
        <div className="row between">
          <h2 id="to-targets">To each target</h2>
          <span className="small">{arenasWords(plan.totals)}</span>
        </div>
        <div className={styles['scroll']}>
          <table>
            <thead>
              <tr>
                <th scope="col">Target</th>
                <th scope="col">Room</th>
                <th scope="col" className="number">
                  Blocks
                </th>
                <th scope="col" className="number">
                  Size
                </th>
              </tr>
            </thead>
            <tbody>
              {plan.targets.map(({ dial, name, blocks, bytes, fits, freeBytes, problem }) => (
                <tr key={dial}>
                  <th scope="row" className={styles['cell']}>
                    {printable(name)}
                  </th>
                  <td>
                    {problem !== null ? (
                      <Chip tone="late">does not answer now</Chip>
                    ) : fits === null ? (
                      <Chip tone="plain">it does not say</Chip>
                    ) : fits ? (
                      <Chip tone="ok">{`fits: ${size(freeBytes ?? 0)} free`}</Chip>
                    ) : (
                      <Chip tone="bad">{`does not fit: ${size(freeBytes ?? 0)} free`}</Chip>
                    )}
                  </td>
                  <td className="number">{count(blocks)}</td>
                  <td className="number" title={exactSize(bytes)}>
                    {size(bytes)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <p className="small">Blocks that a target has already are found by asking for them, and not sent again.</p>
      </section>
      {plan.warnings.length === 0 ? null : (
        <Note tone="warn" title="To know before it begins">
          <ul className={styles['lines']}>
            {[...new Set(plan.warnings)].map((warning) => (
              <li key={warning}>{printable(warning)}</li>
            ))}
          </ul>
        </Note>
      )}
    </>
  )
}
