// What a screen reader is told while something runs: stages and tenths, not ticks.

export type LiveRegionProps = { readonly text: string }

export function LiveRegion({ text }: LiveRegionProps) {
  return (
    <output className="visually-hidden" aria-live="polite">
      {text}
    </output>
  )
}
