// Whether this page still speaks with the service, and whether it may act: said only when something is not as it should be.

import { useApp } from '../store/hooks.tsx'
import { Button } from './Button.tsx'
import { Note } from './ProblemPanel.tsx'

export function LinkBanner() {
  const connected = useApp((state) => state.connected)
  const control = useApp((state) => state.control)
  const refused = useApp((state) => state.refused)
  const isLoaded = useApp((state) => state.app !== null)
  const takeControl = useApp((state) => state.takeControl)
  if (refused) {
    return (
      <Note tone="warn" title="This link was used already, or is too old.">
        <span>What is running goes on. Press Enter where “venti-mirror window” runs: it prints a new link.</span>
      </Note>
    )
  }
  if (!connected && isLoaded) {
    return (
      <Note tone="warn" title="The connection to the service was lost; trying again.">
        <span>What was running goes on without this page, and the page catches up as soon as it is back.</span>
      </Note>
    )
  }
  if (connected && !control) {
    return (
      <Note tone="warn" title="Another page has control: this one only looks.">
        <div className="row">
          <Button onPress={takeControl}>Take control here</Button>
        </div>
      </Note>
    )
  }
  return null
}
