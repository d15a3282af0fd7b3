// What a person comes for every day: is everything mirrored, and the button that makes it so.

import { currentMirror, useApp } from '../../store/hooks.tsx'
import { EmptyOverview } from './EmptyOverview.tsx'
import { MirrorOverview } from './MirrorOverview.tsx'

export function Overview() {
  const mirror = useApp(currentMirror)
  return mirror === null ? <EmptyOverview /> : <MirrorOverview key={mirror.name} mirror={mirror} />
}
