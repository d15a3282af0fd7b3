// Whether a sync can do without a network: where all its targets are on this computer, which answers also when it is offline.

const onThisComputer = /^(?:[a-z]+!)?\[?(?:localhost|127(?:\.\d{1,3}){3}|::1)\]?(?:!|:\d|$)/i

/** Of dial strings; none at all is not known to do without one. */
export function needsNetwork(dials: readonly string[]): boolean {
  return dials.length === 0 || dials.some((dial) => !onThisComputer.test(dial))
}
