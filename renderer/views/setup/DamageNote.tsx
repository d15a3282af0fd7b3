// Damaged blocks that the copy left out: how many, the first few in words, and where all of them are.

import { Button } from '../../components/Button.tsx'
import { Note } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useQuery } from '../../store/use-request.ts'
import { capital, counted, printable } from '../../text/format.ts'
import styles from './Setup.module.css'

export type DamageNoteProps = { readonly mirror: string; readonly damage: number }

const shown = 3

export function DamageNote({ mirror, damage }: DamageNoteProps) {
  const go = useApp((state) => state.go)
  const { value } = useQuery('activity.list', { mirror, kinds: ['damage'], from: 0, count: Math.min(shown, damage) })
  const lines = (value?.lines ?? []).flatMap((line) => (line.kind === 'damage' ? [line] : []))
  return (
    <Note
      tone="warn"
      title={`${counted(damage, 'damaged place')} ${damage === 1 ? 'was' : 'were'} left out. Everything else goes on.`}
    >
      {lines.length === 0 ? null : (
        <ul className={styles['lines']}>
          {lines.map(({ id, words }) => (
            <li key={id}>{capital(printable(words))}.</li>
          ))}
        </ul>
      )}
      <span>
        A damaged block is never sent; as soon as a good copy of it is in the source, the next sync sends that.
      </span>
      <div className="row">
        <Button onPress={() => go('activity', { mirror, kinds: ['damage'] })}>Show in Activity</Button>
      </div>
    </Note>
  )
}
