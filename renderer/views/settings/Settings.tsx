// What can be set: how the window looks and when it calls something late, and per mirror its targets, the rate, the check
// after each sync. Everything takes effect at once.

import { Heading } from '../../components/Heading.tsx'
import { currentMirror, useApp } from '../../store/hooks.tsx'
import { GeneralSettings } from './GeneralSettings.tsx'
import { MirrorSettings } from './MirrorSettings.tsx'

export function Settings() {
  const mirror = useApp(currentMirror)
  return (
    <>
      <Heading of="settings">Settings</Heading>
      <GeneralSettings />
      {mirror === null ? null : <MirrorSettings key={mirror.name} mirror={mirror} />}
    </>
  )
}
