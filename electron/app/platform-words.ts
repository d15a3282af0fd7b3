// What this runs on, for the log and the report.

import { release } from 'node:os'

export function platformWords(): string {
  const { electron, node } = process.versions
  return `${process.platform} ${process.arch} ${release()}, Electron ${electron}, Node ${node}`
}
