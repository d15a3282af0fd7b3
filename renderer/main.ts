// Loads the window piece by piece and lets the browser do something else in between: evaluated in one go the libraries hold
// it up for a sixth of a second.

// First, so that the styles of a component win over those that every element starts from.
import './styles/tokens.css'
import './styles/base.css'

/** The rest goes on in another task. */
const pause = async (): Promise<void> => await new Promise((resolve) => setTimeout(resolve))

await import('react-dom/client')
await pause()
await import('./components/Button.tsx')
await pause()
const { startWindow } = await import('./start-window.tsx')
await pause()
startWindow()
