// What can be set: how the window looks and when it calls something late, and per mirror its targets, the rate, the check
// after each sync. Everything takes effect at once.

import { Heading } from '../../components/Heading.tsx'
import { currentMirror, useApp } from '../../store/hooks.tsx'
import { DesktopSettings } from './DesktopSettings.tsx'
import { GeneralSettings } from './GeneralSettings.tsx'
import { MirrorSettings } from './MirrorSettings.tsx'
import { useFocusIfLost } from '../../store/use-focus-if-lost.ts'

export function Settings() {
  const mirror = useApp(currentMirror)
  const top = useFocusIfLost<HTMLDivElement>(mirror?.name)
  return (
    <>
      <div ref={top} tabIndex={-1}>
        <Heading of="settings">Settings</Heading>
      </div>
      <GeneralSettings />
      <DesktopSettings />
      {mirror === null ? null : <MirrorSettings key={mirror.name} mirror={mirror} />}
    </>
  )
}
