// The lines that are shown, all pages of them, as a file.

import { Button } from '../../components/Button.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import type { ActivityKind } from '../../store/activity-slice.ts'
import { useAction } from '../../store/use-request.ts'
import { saveText } from './save-text.ts'

export type ExportButtonsProps = {
  readonly asked: { readonly mirror: string | null; readonly kinds: readonly ActivityKind[] }
}

export function ExportButtons({ asked }: ExportButtonsProps) {
  const { run, problem, isBusy } = useAction('activity.export')
  const save = async (format: 'json' | 'csv'): Promise<void> => {
    const made = await run({ ...asked, format })
    if (made !== null) saveText(made.fileName, made.text)
  }
  return (
    <div className="stack">
      <div className="row">
        <Button isPending={isBusy} onPress={() => void save('csv')}>
          Export as CSV
        </Button>
        <Button isPending={isBusy} onPress={() => void save('json')}>
          Export as JSON
        </Button>
      </div>
      {problem === null ? null : <ProblemPanel problem={problem} />}
    </div>
  )
}
