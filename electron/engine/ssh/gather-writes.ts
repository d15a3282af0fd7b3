// ssh2 writes every packet to its socket by itself. Requests are short and many are made in one turn of the event loop: what
// is written in one turn leaves in one system call.

import type { Duplex } from 'node:stream'

/** Of a stream whose owner writes small pieces; the order stays. */
export function gatherWrites<S extends Duplex>(stream: S): S {
  const write = stream.write.bind(stream) as (...given: unknown[]) => boolean
  let isGathering = false
  stream.write = ((...given: unknown[]) => {
    if (!isGathering) {
      isGathering = true
      stream.cork()
      process.nextTick(() => {
        isGathering = false
        stream.uncork()
      })
    }
    return write(...given)
  }) as S['write']
  return stream
}
