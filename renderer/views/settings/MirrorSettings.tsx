// Of one mirror: where it reads and keeps its books, how fast it sends, whether it checks after each sync.

import { useState } from 'react'
import type { MirrorView } from '../../../shared/model/window.ts'
import { Button } from '../../components/Button.tsx'
import { CommandLine } from '../../components/CommandLine.tsx'
import { Field } from '../../components/Field.tsx'
import { ProblemPanel } from '../../components/ProblemPanel.tsx'
import { useApp } from '../../store/hooks.tsx'
import { useAction } from '../../store/use-request.ts'
import { printable, rate } from '../../text/format.ts'
import { placeText } from '../../text/machine-words.ts'
import { parseRate, rateText } from '../../text/parse-rate.ts'
import { ForgetMirror } from './ForgetMirror.tsx'
import { Setting, SettingGroup } from './Setting.tsx'
import { TargetSettings } from './TargetSettings.tsx'
import styles from './Settings.module.css'

export type MirrorSettingsProps = { readonly mirror: MirrorView }

export function MirrorSettings({ mirror }: MirrorSettingsProps) {
  const { run, problem } = useAction('mirror.change')
  const control = useApp((state) => state.control)
  const { ninefat, fossil } = mirror
  return (
    <>
      <section className={`sheet ${styles['settings']}`} aria-labelledby="mirror-heading">
        <h2 id="mirror-heading">Mirror {printable(mirror.name)}</h2>
        <SettingGroup name="Source" hint="Only ever read.">
          <code>{placeText(mirror.source.path)}</code>
        </SettingGroup>
        <SettingGroup name="9fat" hint="Where wrcmd and rootscor are kept for the scripts.">
          {ninefat === null ? <span className="muted">none</span> : <code>{placeText(ninefat)}</code>}
        </SettingGroup>
        <SettingGroup name="Fossil" hint="Its last archive is recorded and checked.">
          {fossil === null ? <span className="muted">none</span> : <code>{placeText(fossil)}</code>}
        </SettingGroup>
        <Setting name="Check after each sync" hint="That the newest root is whole, on every target.">
          <input
            type="checkbox"
            disabled={!control}
            checked={mirror.verifyAfterSync}
            onChange={(event) => void run({ mirror: mirror.name, verifyAfterSync: event.target.checked })}
          />
        </Setting>
        <RateLimit mirror={mirror} onSet={(limit) => run({ mirror: mirror.name, limitBytesPerSecond: limit })} />
        {problem === null ? null : <ProblemPanel problem={problem} />}
        <SettingGroup name="Its sync on the command line">
          <div className={styles['wide']}>
            <CommandLine command={mirror.command} />
          </div>
        </SettingGroup>
      </section>
      <TargetSettings mirror={mirror} />
      <ForgetMirror mirror={mirror} />
    </>
  )
}

type RateLimitProps = { readonly mirror: MirrorView; readonly onSet: (limit: number | null) => unknown }

function RateLimit({ mirror, onSet }: RateLimitProps) {
  const control = useApp((state) => state.control)
  const now = mirror.limitBytesPerSecond
  const [text, setText] = useState(now === null ? '' : rateText(now))
  const limit = parseRate(text)
  const isWrong = limit === undefined
  const isSame = limit === now
  const set = (): void => {
    if (limit !== undefined && !isSame && control) onSet(limit)
  }
  return (
    <SettingGroup
      name="Speed limit"
      hint={now === null ? 'None: as fast as it goes.' : `At most ${rate(now)} to each target.`}
    >
      <div className="row">
        <Field
          label="Bytes a second, to each target"
          value={text}
          onChange={setText}
          placeholder="no limit"
          hint="500k, 10m, 1g; empty for no limit."
          problem={isWrong ? 'Write a number of bytes a second: 500k, 10m, 1g.' : null}
          onEnter={set}
        />
        {isSame ? null : (
          <Button isDisabled={isWrong || !control} onPress={set}>
            Set
          </Button>
        )}
      </div>
    </SettingGroup>
  )
}
