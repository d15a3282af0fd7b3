// A view whose file cannot be fetched, or that fails, takes only itself away: the rest of the window stays, and says so.

import { Component, type ReactNode } from 'react'
import type { Problem } from '../../shared/model/window.ts'
import { Button } from './Button.tsx'
import { ProblemPanel } from './ProblemPanel.tsx'

export type ViewBoundaryProps = { readonly children: ReactNode }
type ViewBoundaryState = { readonly thrown: unknown }

const problemOf = (thrown: unknown): Problem => ({
  code: 'bug',
  happened: `this part of the window could not be shown: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
  safe: 'What is running goes on without it; nothing was changed.',
  next: 'Reload the page. The host has to be there for that: a new link is printed where “venti-mirror window” runs.',
})

export class ViewBoundary extends Component<ViewBoundaryProps, ViewBoundaryState> {
  override state: ViewBoundaryState = { thrown: null }

  static getDerivedStateFromError(thrown: unknown): ViewBoundaryState {
    return { thrown }
  }

  override render(): ReactNode {
    const { thrown } = this.state
    if (thrown === null) return this.props.children
    return (
      <ProblemPanel problem={problemOf(thrown)}>
        <Button onPress={() => location.reload()}>Reload the page</Button>
      </ProblemPanel>
    )
  }
}
