// What a path turned out to be when it cannot be taken as it is: why, and on a disk its partitions, with those that can.

import type { PartitionKind } from '../../../shared/model/partition.ts'
import type { PartitionChoice, PlaceId, SourceLook } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { Chip, type ChipProps } from '../../components/Chip.tsx'
import { Note } from '../../components/ProblemPanel.tsx'
import { exactSize, printable, size } from '../../text/format.ts'
import { placeText } from '../../text/machine-words.ts'
import { kindWords, lookWords, type LookWords } from '../../text/setup-words.ts'
import { Problems } from './Problems.tsx'
import styles from './Setup.module.css'

export type FoundHereProps = {
  readonly look: SourceLook
  /** Which kind can be taken. */
  readonly wanted: PartitionKind
  /** In the place of what it says of a source. */
  readonly words?: LookWords | null
  readonly isBusy: boolean
  readonly onTake: (place: PlaceId) => void
}

export function FoundHere({ look, wanted, words = lookWords(look), isBusy, onTake }: FoundHereProps) {
  const isDisk = look.kind === 'disk'
  const isThere = look.partitions.some(({ kind }) => kind === wanted)
  return (
    <div className="stack" aria-live="polite">
      {words === null ? null : (
        <Note tone={isDisk && isThere ? 'ok' : 'warn'} title={words.title}>
          <span>{words.text}</span>
        </Note>
      )}
      {isDisk && look.partitions.length > 0 ? (
        <Partitions look={look} wanted={wanted} isBusy={isBusy} onTake={onTake} />
      ) : null}
      <Problems problems={look.problems} />
    </div>
  )
}

const tones: Partial<Record<PartitionKind, ChipProps['tone']>> = { arenas: 'ok', '9fat': 'sealed', fossil: 'sealed' }

function Partitions({ look, wanted, isBusy, onTake }: Omit<FoundHereProps, 'words'>) {
  return (
    <div className={styles['scroll']}>
      <table>
        <caption className="visually-hidden">Partitions of {placeText(look.place.path)}</caption>
        <thead>
          <tr>
            <th scope="col">Partition</th>
            <th scope="col">Kind</th>
            <th scope="col">What was found</th>
            <th scope="col" className="number">
              Size
            </th>
            <th scope="col">
              <span className="visually-hidden">Choose</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {look.partitions.map((partition) => (
            <Row
              key={partition.place.id}
              partition={partition}
              isWanted={partition.kind === wanted}
              isBusy={isBusy}
              onTake={onTake}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

type RowProps = Pick<FoundHereProps, 'isBusy' | 'onTake'> & {
  readonly partition: PartitionChoice
  readonly isWanted: boolean
}

function Row({ partition, isWanted, isBusy, onTake }: RowProps) {
  const { name, kind, found, sizeBytes, place } = partition
  return (
    <tr>
      <th scope="row" className={styles['cell']}>
        {printable(name)}
      </th>
      <td>
        <Chip tone={tones[kind] ?? 'plain'}>{kindWords[kind]}</Chip>
      </td>
      <td className={isWanted ? undefined : 'muted'}>{printable(found)}</td>
      <td className={`number ${styles['whole']}`} title={exactSize(sizeBytes)}>
        {size(sizeBytes)}
      </td>
      <td className={`number ${styles['whole']}`}>
        {isWanted ? (
          <Button
            look="primary"
            isPending={isBusy}
            aria-label={`Take this: ${printable(name)}`}
            onPress={() => onTake(place.id)}
          >
            Take this
          </Button>
        ) : null}
      </td>
    </tr>
  )
}
