// A snapshot of a sync as lines of progress, one for each target: bytes of bytes, percent, rate, time left, arena. Pure.

import type { SyncSnapshot, TargetSnapshot } from '../../shared/model/run.ts'
import { formatBytes, formatDuration, formatRate, percentOf } from '../../shared/text/format.ts'

function amount(target: TargetSnapshot): string {
  const { bytesDone, bytesTotal } = target
  return `${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}, ${percentOf(bytesDone, bytesTotal)} %`
}

function state(target: TargetSnapshot): string {
  const { phase, error } = target
  switch (phase) {
    case 'connecting':
      return 'connecting'
    case 'waiting':
      return error === null ? `${amount(target)}, waiting` : `${amount(target)}, waiting to try again (${error})`
    case 'failed':
      return `${amount(target)}, stopped: ${error ?? 'failed'}`
    case 'done':
      return `${amount(target)}, done`
    case 'copying':
    case 'syncing': {
      const left = target.secondsLeft === null ? '' : `, ${formatDuration(target.secondsLeft * 1000)} left`
      const doing = phase === 'syncing' ? ', waiting for its disk' : ''
      const arena = target.arena === null ? '' : `, ${target.arena}`
      return `${amount(target)}, ${formatRate(target.bytesPerSecond)}${left}${arena}${doing}`
    }
  }
}

export function progressLines(snapshot: SyncSnapshot): readonly string[] {
  return snapshot.targets.map((target) => `${target.dial}: ${state(target)}`)
}
