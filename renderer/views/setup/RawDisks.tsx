// The raw disks of the computer that the service runs on, each with what keeps it closed and what to do about that.

import { Button } from '../../components/Button.tsx'
import { Chip } from '../../components/Chip.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useQuery } from '../../store/use-request.ts'
import { exactSize, printable, size } from '../../text/format.ts'
import { mayAct } from '../overview/overview-selectors.ts'
import styles from './Setup.module.css'

export type RawDisksProps = { readonly isBusy: boolean; readonly onLook: (path: string) => void }

export function RawDisks({ isBusy, onLook }: RawDisksProps) {
  const canAct = useApp(mayAct)
  const { value: disks, problem, isBusy: isAsking, again } = useQuery('places.disks', {})
  return (
    <section className="sheet stack" aria-labelledby="raw-disks">
      <div className="row between">
        <h2 id="raw-disks">Disks of this computer</h2>
        <Button look="quiet" isPending={isAsking} onPress={again}>
          Look again
        </Button>
      </div>
      {problem === null ? null : <ProblemPanel problem={problem} />}
      {disks === null ? (
        problem === null ? (
          <p className="muted">Looking …</p>
        ) : null
      ) : disks.length === 0 ? (
        <p className="muted">
          No raw disk can be seen from here. Where the venti’s disk is an image, choose that file above.
        </p>
      ) : (
        <div className={styles['scroll']}>
          <table>
            <thead>
              <tr>
                <th scope="col">Disk</th>
                <th scope="col" className="number">
                  Size
                </th>
                <th scope="col">State</th>
                <th scope="col">
                  <span className="visually-hidden">Look</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {disks.map(({ path, model, sizeBytes, canOpen, problem: wrong, advice }) => (
                <tr key={path}>
                  <th scope="row" className={styles['cell']}>
                    <code>{printable(path)}</code>
                    {model === null ? null : <div className="small">{printable(model)}</div>}
                  </th>
                  <td
                    className={`number ${styles['whole']}`}
                    title={sizeBytes === null ? undefined : exactSize(sizeBytes)}
                  >
                    {sizeBytes === null ? '–' : size(sizeBytes)}
                  </td>
                  <td>
                    {canOpen ? <Chip tone="ok">can be read</Chip> : <Chip tone="late">closed</Chip>}
                    {wrong === null ? null : <div>{printable(wrong)}</div>}
                    {advice === null ? null : <div className="small">{printable(advice)}</div>}
                  </td>
                  <td className="number">
                    <Button
                      isDisabled={!canAct || !canOpen}
                      isPending={isBusy}
                      aria-label={`Look at ${path}`}
                      onPress={() => onLook(path)}
                    >
                      Look
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
